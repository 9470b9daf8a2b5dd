from pathlib import Path

import pytest
from fakes import FakeEmbedder, write_corpus

from kb import corpus, units
from kb import workspace as workspace_module
from kb.errors import StoreError
from kb.held_out import held_out
from kb.index import load_units
from kb.workspace import Workspace


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> list[FakeEmbedder]:
    """The embedders opened by workspaces, newest last; each is of the make that its delta names."""
    opened: list[FakeEmbedder] = []

    def embedder(root: Path, *, delta: Path | None, threads: int, progress: object) -> FakeEmbedder:
        opened.append(FakeEmbedder(delta.read_text("utf-8") if delta else "base"))
        return opened[-1]

    monkeypatch.setattr(workspace_module, "open_packaged", embedder)
    monkeypatch.setattr(workspace_module, "default_root", lambda: Path("/models"))
    return opened


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(write_corpus(tmp_path / "corpus"), tmp_path / "store")


def again(space: Workspace) -> Workspace:
    return Workspace(space.corpus_folder, space.store.folder)


def adapt(space: Workspace) -> None:
    (space.corpus_folder / "model").mkdir(exist_ok=True)
    (space.corpus_folder / "model" / "delta.safetensors").write_text("adapted", "utf-8")


def test_nothing_is_built_yet(space: Workspace) -> None:
    assert space.stale() == f"{space.store.folder} 里还没有索引，请先运行 zhida build。"
    with pytest.raises(StoreError):
        space.open()


def test_fresh_after_a_build(space: Workspace) -> None:
    space.build()

    assert space.stale() == ""
    assert again(space).stale() == ""


def test_a_changed_corpus(space: Workspace) -> None:
    space.build()
    (space.corpus_folder / "lexicon" / "words.txt").write_text("新词\n", "utf-8")

    assert space.stale() == "知识库有改动，索引需要更新。"
    space.build()
    assert space.stale() == ""


def test_the_next_build_reads_what_is_new(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    space.build()
    parsed, normalised = list[str](), list[str]()
    parse, normalise_all = corpus.parse_yaml, units.normalise_all
    monkeypatch.setattr(corpus, "parse_yaml", lambda text: (parsed.append(text), parse(text))[1])
    monkeypatch.setattr(units, "normalise_all", lambda texts: (normalised.extend(texts), normalise_all(texts))[1])
    added = "- {id: new, question: 账单寄到哪里, answer: 不寄。}\n"
    (space.corpus_folder / "faq" / "more.yaml").write_text(added, "utf-8")

    version = again(space).build()

    assert [text for text in parsed if "question" in text] == [added]
    assert not any("exemplars" in text for text in parsed)
    assert normalised == ["账单寄到哪里", "不寄。 "]
    assert "new" in [unit.id for unit in load_units(version.folder)]


def test_a_changed_model(space: Workspace) -> None:
    space.build()
    adapt(space)

    assert again(space).stale() == "语义模型换了，索引需要重建。"
    again(space).build()
    assert again(space).stale() == ""


def test_a_damaged_store(space: Workspace) -> None:
    version = space.build()
    (version.folder / "units.json").write_text("{}", "utf-8")

    assert space.stale() == "索引文件 units.json 已损坏，请运行 zhida build 重建。"


def test_the_model_is_opened_once(space: Workspace, model: list[FakeEmbedder]) -> None:
    assert space.embedder() is space.embedder()
    assert len(model) == 1


def test_adapted_weights_belong_to_the_packaged_model(space: Workspace) -> None:
    assert space.delta is None
    adapt(space)

    assert space.delta == space.corpus_folder / "model" / "delta.safetensors"
    assert Workspace(space.corpus_folder, space.store.folder, model="other").delta is None


def test_a_named_model_is_opened_by_its_name(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace_module, "SentenceTransformerEmbedder", FakeEmbedder)

    assert Workspace(space.corpus_folder, space.store.folder, model="bge").embedder().name == "bge"


def test_calibration_asks_what_an_adapted_model_has_not_seen(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[object] = []
    build = workspace_module.build
    monkeypatch.setattr(
        workspace_module, "build", lambda *args, **options: passed.append(options["unseen"]) or build(*args, **options)
    )

    space.build()
    adapt(space)
    again(space).build()

    assert passed == [None, held_out]


def test_open_fresh_builds_only_when_it_must(space: Workspace) -> None:
    first = space.open_fresh()
    second = space.open_fresh()
    (space.corpus_folder / "facts.md").write_text("", "utf-8")
    third = space.open_fresh()

    assert first.version.id == second.version.id != third.version.id
    assert first.searcher.search("抖音月付怎么开通").hits[0].entry == "open"
    assert first.knowledge.entry_by_id.keys() == {"open", "close", "repay", "limit", "bill", "early"}


def test_an_open_version_outlives_a_switch(space: Workspace) -> None:
    old = space.open_fresh()
    before = old.searcher.search("月付额度")
    (space.corpus_folder / "faq" / "b.jsonl").unlink()
    new = space.open_fresh()

    assert old.searcher.search("月付额度") == before
    assert "early" not in new.knowledge.entry_by_id
    assert space.open(old.version.id).knowledge == old.knowledge
    assert space.open(old.version.id).searcher.search("月付额度") == before


def test_another_folder_is_built_with_the_workspaces_model(space: Workspace, tmp_path: Path) -> None:
    first = space.build()
    draft = write_corpus(tmp_path / "draft")
    (draft / "faq" / "b.jsonl").unlink()
    said: list[str] = []

    waiting = space.build(folder=draft, switch=False, progress=lambda phrase, _: said.append(phrase))

    assert space.store.current_id() == first.id
    assert "early" not in space.open(waiting.id).knowledge.entry_by_id
    assert "保存" in said
