from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant import compose
from assistant.compose import GIVEN, render_answer, render_decision, render_part, render_section
from assistant.records import Citation, Option
from assistant.renderer import TEMPLATES, Renderer
from assistant.template_check import CODE, check_templates
from kb.faq import KINDS
from kb.records import Cause, FaqEntry, Formula, StructuredAnswer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


def spoil(folder: Path, name: str, line: str) -> list[tuple[str, int, str]]:
    """Append a line to a template; give what is found, as file name, line, message."""
    path = folder / name
    text = path.read_text("utf-8").rstrip("\n") + "\n"
    path.write_text(f"{text}{line}\n", "utf-8")
    found = check_templates(folder)
    assert {(item.severity, item.code) for item in found} <= {("error", CODE)}
    assert {item.line for item in found} <= {text.count("\n") + 1}
    return [(item.file.rpartition("/")[2], item.line, item.message) for item in found]


def test_the_shipped_templates_are_filled() -> None:
    assert check_templates() == ()


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("suggest.j2", "{{ options_text }}", "变量「options_text」没有人填"),
        ("section.j2", "{% if view.cue %}{% endif %}", "变量「view」没有人填"),
        ("answer.j2", "{{ view.anwser }}", "「AnswerView」没有「anwser」"),
        ("answer.j2", "{{ view.entry.answer.sort }}", "「StructuredAnswer」没有「sort」"),
        ("again.j2", "{% for cause in view.causes %}{{ cause.wen }}{% endfor %}", "「Cause」没有「wen」"),
        ("worked.j2", "{{ view.entry.answer.formula.naem }}", "「Formula」没有「naem」"),
        ("invite-overdue_fee.j2", "{{ view.citations[0].qoute }}", "「Citation」没有「qoute」"),
        ("parts.j2", "{% macro m(a) %}{{ a.any }}{{ b }}{% endmacro %}", "变量「b」没有人填"),
        ("answer.j2", "{% set short = answer.short %}{{ short.strip() }}{{ short.shout() }}", "「str」没有「shout」"),
        ("summary.j2", "{% with x = summary %}{{ x }}{{ y }}{% endwith %}", "变量「y」没有人填"),
        ("clarify.j2", "{{ options | shuffled }}", "模板写错了"),
        ("clarify.j2", "{% if %}", "模板写错了"),
    ],
)
def test_what_nobody_fills_is_told_with_its_line(folder: Path, name: str, line: str, said: str) -> None:
    (found,) = spoil(folder, name, line)

    assert found[0] == name
    assert said in found[2]


def test_blocks_of_an_extending_template_see_what_the_base_set(folder: Path) -> None:
    assert spoil(folder, "answer-policy.j2", "{% block lead %}{{ answer.short }}{% endblock %}") == []
    assert spoil(folder, "answer-policy.j2", "{{ anser.short }}") != []


def test_a_template_that_nothing_uses_is_told(folder: Path) -> None:
    (folder / "refus-illegal.j2").write_text("{{ nothing }}", "utf-8")

    (found,) = check_templates(folder)

    assert (found.file, found.line) == ("assistant/templates/refus-illegal.j2", 1)
    assert "没有地方用到" in found.message


def test_a_template_that_draws_itself_in_is_told(folder: Path) -> None:
    (folder / "related.j2").write_text('{% include "summary.j2" %}', "utf-8")
    (folder / "summary.j2").write_text('{% include "related.j2" %}', "utf-8")

    assert {item.message for item in check_templates(folder)} == {"模板包含了它自己"}


def test_a_part_that_is_not_there_is_told(folder: Path) -> None:
    (folder / "channels.j2").unlink()

    assert {item.file for item in check_templates(folder)} == {"assistant/templates/channels.j2"}


class Recorder(Renderer):
    """Keeps what each template is given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: dict[str, Mapping[str, object]] = {}

    def render(self, name: str, fallback: str, **values: object) -> str:
        self.given[name] = values
        return super().render(name, fallback, **values)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    found = Recorder()
    monkeypatch.setattr(compose, "_renderer", lambda: found)
    yield found


def test_what_is_declared_is_what_is_given(recorder: Recorder) -> None:
    answer = StructuredAnswer(
        "会。", "细节", ("步",), (Cause("因", "法"),), Formula("overdue_fee", {"daily_rate": 0.0005})
    )
    cited = (Citation("a#1", ("甲",), 0, 1, "原"),)
    for kind in KINDS:
        render_answer(replace(FaqEntry("e", "问", answer), kind=kind), cited, "问")
    render_section(("题",), "文", cited)
    render_part("问", "答", "问")
    for decision in ("clarify", "suggest", "refuse", "handoff", "smalltalk", "privacy", "crisis"):
        render_decision(decision, "", question="问", options=(Option("甲", "乙"),), suggestions=("丙",))

    assert len(recorder.given) == len(KINDS) + 9
    for name, values in recorder.given.items():
        declared: Any = next(given for start, given in GIVEN.items() if name.startswith(start))
        assert {key: type(value) for key, value in values.items()} == {
            key: getattr(kind, "__origin__", kind) for key, kind in declared.items()
        }, name
    assert {next(start for start in GIVEN if name.startswith(start)) for name in recorder.given} == set(GIVEN)
