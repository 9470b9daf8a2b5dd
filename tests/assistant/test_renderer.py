import logging

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.renderer import MAX_SAID, TEMPLATES, Renderer, fenced, said, stop, verdict


@pytest.mark.parametrize(
    "source", ["{{ missing }}", "{% for x in 3 %}{% endfor %}", "{% if %}", "{{ 1 / 0 }}", "{{ 'a'.nope() }}"]
)
def test_a_template_that_fails_gives_the_fallback_and_is_reported(source: str) -> None:
    faults: list[tuple[str, Exception]] = []
    renderer = Renderer(jinja2.DictLoader({"a.j2": source}), lambda name, error: faults.append((name, error)))
    assert renderer.render("a.j2", "原文") == "原文"
    assert [name for name, _ in faults] == ["a.j2"]


def test_by_default_a_failure_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert Renderer(jinja2.DictLoader({})).render("none.j2", "原文") == "原文"
    assert "none.j2" in caplog.text


def test_values_are_never_compiled_as_templates() -> None:
    renderer = Renderer(jinja2.DictLoader({"a.j2": "{{ text }}"}))
    assert renderer.render("a.j2", "", text="{{ 7 * 7 }}") == "{{ 7 * 7 }}"


def test_gaps_close_and_ends_are_trimmed() -> None:
    assert Renderer(jinja2.DictLoader({"a.j2": "\n一\n\n\n\n二\n"})).render("a.j2", "") == "一\n\n二"


def test_every_template_of_the_package_compiles() -> None:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES))  # noqa: S701 - parsed only
    environment.filters.update(said=said, fenced=fenced, stop=stop, verdict=verdict)
    names = environment.list_templates()
    assert len(names) > 30
    for name in names:
        environment.get_template(name)


@given(st.text(max_size=200))
def test_said_disarms_markdown_and_html(text: str) -> None:
    line = said(text)
    assert not set(line) & set("\\`*_{}[]<>&#|~$\n\r")
    assert len(line) <= MAX_SAID + 1


def test_said_stays_readable() -> None:
    assert said("怎么\n还 <b>*1.2万*</b>") == "怎么 还 ＜b＞＊1.2万＊＜/b＞"


def test_fenced_cannot_leave_its_block() -> None:
    assert "`" not in fenced("```\n<script>")


def test_stop() -> None:
    assert stop("点这里") == "点这里。"
    assert stop("好了吗？") == "好了吗？"
    assert stop("点「立即还款」") == "点「立即还款」。"
    assert stop("（以页面为准。）") == "（以页面为准。）"


def test_verdict() -> None:
    assert verdict("会。退多少就恢复多少") == "**会**。退多少就恢复多少"
    assert verdict("逾期费按没还的金额每天收 0.05%") == "逾期费按没还的金额每天收 0.05%"
