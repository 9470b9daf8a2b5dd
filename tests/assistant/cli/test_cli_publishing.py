from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from command_fakes import ANSWERABLE, Zhida, failed, lines
from fakes import entries, write_corpus
from typer.testing import CliRunner

from assistant.cli import knowledge
from assistant.cli.main import app
from assistant.editing.desk import LEDGER, lay_out
from assistant.editing.errors import EditError
from assistant.editing.ledger import Ledger
from kb.corpus import corpus_digest
from kb.originals import read_originals
from kb.store import Store
from kb.workspace import Workspace


@pytest.fixture
def published(zhida: Zhida, own: Path, tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A corpus with questions of its own, and a store with a version that serves."""
    (own / "questions").mkdir()
    lines(own / "questions" / "answerable.jsonl", ANSWERABLE)
    assert zhida("build", corpus=own, store=tmp_path / "s").exit_code == 0
    yield own, tmp_path / "s"


def test_publish_switches_only_when_told_to(published: tuple[Path, Path]) -> None:
    corpus, store = published
    command = ["publish", f"--corpus={corpus}", f"--store={store}"]
    serving = Store(store).current_id()
    refused = CliRunner().invoke(app, command, input="n\n")
    assert refused.exit_code == 1
    assert "指标对比" in refused.stdout
    assert Store(store).current_id() == serving
    assert Store(store).versions() == [serving]
    done = CliRunner().invoke(app, [*command, "--yes"])
    assert done.exit_code == 0, done.output
    assert Store(store).current_id() != serving
    assert Store(store).current_id() in done.stdout


def test_of_two_publishers_the_second_is_told(
    zhida: Zhida, published: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, store = published
    monkeypatch.setattr(
        typer, "confirm", lambda _: zhida("build", "--refit", corpus=corpus, store=store).exit_code == 0
    )
    result = zhida("publish", corpus=corpus, store=store)
    assert result.exit_code == 1
    assert "刚才有别人发布或换回了另一个版本" in result.stderr
    assert "已发布" not in result.stdout
    assert Store(store).current_id() == Store(store).versions()[-1]
    assert len(Store(store).versions()) == 2  # the one that came too late has gone
    assert Ledger(store / LEDGER).log() == ()
    monkeypatch.setattr(typer, "confirm", lambda _: True)
    assert zhida("publish", corpus=corpus, store=store).exit_code == 0


def test_publish_without_a_test_set_says_so(zhida: Zhida, own: Path, tmp_path: Path) -> None:
    store = tmp_path / "s"
    first = zhida("publish", "--yes", corpus=own, store=store)
    assert first.exit_code == 0, first.output
    assert "没有可用的版本，没有逐题对比" in first.stdout
    second = zhida("publish", "--yes", corpus=own, store=store)
    assert second.exit_code == 0, second.output
    assert "没有测试集（questions/*.jsonl）" in second.stdout
    assert Store(store).current_id() == Store(store).versions()[-1] in second.stdout


def test_a_first_version_that_is_refused_goes(zhida: Zhida, own: Path, tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["publish", f"--corpus={own}", f"--store={tmp_path / 's'}"], input="n\n")
    assert refused.exit_code == 1
    assert Store(tmp_path / "s").versions() == []


@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError])
def test_a_publication_that_breaks_off_leaves_no_version(
    zhida: Zhida, published: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
) -> None:
    corpus, store = published

    def break_off(*_: object) -> None:
        raise fault

    monkeypatch.setattr(knowledge, "replay", break_off)
    assert zhida("publish", "--yes", corpus=corpus, store=store).exit_code != 0
    assert Store(store).versions() == [Store(store).current_id()]


def test_what_waits_for_an_answer_is_no_version_to_go_back_to(
    zhida: Zhida, published: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, store = published
    first = Store(store).current_id()

    def meanwhile(_: str) -> bool:
        publisher = lay_out(Workspace(corpus, store)).publisher
        (waiting,) = set(Store(store).versions()) - {first}
        assert [kept.version for kept in publisher.versions()] == [first]
        with pytest.raises(EditError) as caught:
            publisher.prepare("张三", lambda *_: None)  # which sweeps
        assert "有人正在核对、发布或回退" in caught.value.user_message
        zhida("build", "--refit", corpus=corpus, store=store)
        failed(zhida("rollback", corpus=corpus, store=store), "有人正在核对、发布或回退")
        assert first in zhida("rollback", "--index-only", corpus=corpus, store=store).stdout
        assert waiting in Store(store).versions()
        return False

    monkeypatch.setattr(typer, "confirm", meanwhile)
    refused = zhida("publish", corpus=corpus, store=store)
    assert "没有发布，原来的版本继续服务" in refused.stdout, refused.output
    assert Store(store).current_id() == first
    assert len(Store(store).versions()) == 2


def test_what_a_killed_publication_has_left_is_passed_over_and_cleared_away(
    zhida: Zhida, published: tuple[Path, Path]
) -> None:
    corpus, store = published
    first = Store(store).current_id()
    left = Workspace(corpus, store).build(switch=False).id  # as a kill -9 during the comparison leaves one
    zhida("build", corpus=corpus, store=store)
    newest = Store(store).current_id()
    assert first < left < newest
    assert zhida("rollback", "--index-only", corpus=corpus, store=store).exit_code == 0
    assert Store(store).current_id() == first

    assert zhida("publish", "--yes", corpus=corpus, store=store).exit_code == 0
    assert Store(store).versions() == [first, newest, Store(store).current_id()]


def test_what_publish_published_stays_and_is_gone_back_to(zhida: Zhida, published: tuple[Path, Path]) -> None:
    corpus, store = published
    assert zhida("publish", "--yes", corpus=corpus, store=store).exit_code == 0
    done = Store(store).current_id()
    (line,) = Ledger(store / LEDGER).log()
    assert (line.author, line.action, line.target) == ("命令行", "publish", done)

    zhida("build", "--refit", corpus=corpus, store=store)
    lay_out(Workspace(corpus, store)).publisher.discard("张三")  # sweeps
    result = zhida("rollback", corpus=corpus, store=store)
    assert result.exit_code == 0, result.output
    assert Store(store).current_id() == done


def test_an_interrupt_once_it_serves_does_not_hide_that(
    zhida: Zhida, published: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, store = published
    first = Store(store).current_id()

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "_drop_old", interrupt)
    result = zhida("publish", "--yes", corpus=corpus, store=store)
    assert result.exit_code != 0
    assert Store(store).current_id() != first
    assert f"已发布 {Store(store).current_id()}" in result.stdout
    assert "不能丢弃" not in result.output


def test_rollback_brings_the_version_before_back(zhida: Zhida, published: tuple[Path, Path]) -> None:
    corpus, store = published
    first, before = Store(store).current_id(), (corpus / "facts.md").read_text("utf-8")
    (corpus / "facts.md").write_text("# 改过的\n", "utf-8")
    zhida("build", corpus=corpus, store=store)
    assert Store(store).current_id() != first
    result = zhida("rollback", corpus=corpus, store=store)
    assert result.exit_code == 0, result.output
    assert first in result.stdout and "存在" not in result.stdout
    assert Store(store).current_id() == first
    assert (corpus / "facts.md").read_text("utf-8") == before
    (line, *_) = Ledger(store / LEDGER).log()
    assert (line.author, line.action, line.target) == ("命令行", "rollback", first)
    failed(zhida("rollback", corpus=corpus, store=store), "没有更早的版本")


def test_rollback_keeps_what_no_version_held(zhida: Zhida, published: tuple[Path, Path]) -> None:
    corpus, store = published
    zhida("build", "--refit", corpus=corpus, store=store)
    (corpus / "facts.md").write_text("# 还没有建过索引的改动\n", "utf-8")
    result = zhida("rollback", corpus=corpus, store=store)
    assert "没建成版本的改动" in result.stdout
    (aside,) = (store / "replaced").iterdir()
    assert read_originals(aside)["facts.md"].decode() == "# 还没有建过索引的改动\n"


def test_rollback_of_the_index_alone_leaves_the_files(zhida: Zhida, published: tuple[Path, Path]) -> None:
    corpus, store = published
    first = Store(store).current_id()
    (corpus / "facts.md").write_text("# 改过的\n", "utf-8")
    zhida("build", corpus=corpus, store=store)
    result = zhida("rollback", "--index-only", corpus=corpus, store=store)
    assert result.exit_code == 0, result.output
    assert Store(store).current_id() == first
    assert (corpus / "facts.md").read_text("utf-8") == "# 改过的\n"


def test_rollback_of_the_index_alone_passes_over_what_nobody_published(
    zhida: Zhida, published: tuple[Path, Path]
) -> None:
    corpus, store = published
    first = Store(store).current_id()
    (corpus / "facts.md").write_text("# 核对过、没有发布\n", "utf-8")
    waiting = lay_out(Workspace(corpus, store)).publisher.prepare("张三", lambda *_: None).version
    zhida("build", corpus=corpus, store=store)
    assert first < waiting < Store(store).current_id()

    result = zhida("rollback", "--index-only", corpus=corpus, store=store)

    assert result.exit_code == 0, result.output
    assert Store(store).current_id() == first
    failed(zhida("rollback", "--index-only", corpus=corpus, store=store), "没有更早的版本")


def test_rollback_leaves_the_files_of_another_corpus_alone(
    zhida: Zhida, published: tuple[Path, Path], tmp_path: Path
) -> None:
    corpus, store = published
    zhida("build", "--refit", corpus=corpus, store=store)
    rows = [{**row, "id": f"other-{number}"} for number, row in enumerate(entries())]
    other = write_corpus(tmp_path / "other", rows)
    (other / "articles" / "open.md").unlink()
    serving, before = Store(store).current_id(), corpus_digest(other)

    failed(zhida("rollback", corpus=other, store=store), "没有动任何文件")
    assert (Store(store).current_id(), corpus_digest(other)) == (serving, before)


def test_rollback_without_an_index(zhida: Zhida, tmp_path: Path) -> None:
    failed(zhida("rollback", store=tmp_path / "none"), "zhida build")
