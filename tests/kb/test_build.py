from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder, embed_rows, write_corpus
from shop import Shop, index_vectors

from kb import build as build_module
from kb.build import build
from kb.corpus import Corpus, corpus_digest, load_corpus
from kb.errors import CorpusError, StoreError
from kb.originals import read_originals, restore_originals
from kb.query import Analyzer
from kb.search import Searcher
from kb.snapshot import load_knowledge
from kb.store import Store, Version
from kb.units import Role, lay_out


def test_every_text_is_embedded_once_with_its_prompt(tiny_corpus: Corpus, tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    layout = lay_out(tiny_corpus)

    version = build(tiny_corpus, embedder, Store(tmp_path))

    assert sorted(embedder.asked) == sorted({row.text for row in layout.rows if row.role is not Role.TEXT})
    assert sorted(embedder.told) == sorted({row.text for row in layout.rows if row.role is Role.TEXT})
    np.testing.assert_array_equal(index_vectors(version), embed_rows(layout))


def test_the_manifest(tiny_corpus: Corpus, tiny_version: Version) -> None:
    manifest = tiny_version.manifest
    embedder = FakeEmbedder()
    layout = lay_out(tiny_corpus)

    assert manifest["corpus"] == {"digest": tiny_corpus.digest}
    assert manifest["model"] == {"name": "fake", "digest": embedder.digest, "dimension": embedder.dimension}
    assert manifest["counts"] == {
        "entries": 6,
        "sections": len({chunk.section_id for chunk in tiny_corpus.chunks}),
        "boundaries": 3,
        "rows": len(layout.rows),
    }
    assert {path.name for path in tiny_version.folder.iterdir()} == {"manifest.json", *manifest["files"]}  # type: ignore[misc]
    assert not [path for path in tiny_version.folder.iterdir() if "pkl" in path.suffix or "pickle" in path.name]


def test_it_need_not_serve_at_once(shop: Shop) -> None:
    before = shop.store.current_id()

    version = shop.build(FakeEmbedder(), switch=False)

    assert shop.store.current_id() == before != version.id
    assert shop.store.open(version.id) == version


def test_progress_goes_from_nothing_to_done(tiny_corpus: Corpus, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []

    build(tiny_corpus, FakeEmbedder(), Store(tmp_path), progress=lambda phrase, share: told.append((phrase, share)))

    assert told[0][0] == "计算向量"
    assert told[-1] == ("完成", 1.0)
    assert all(0 <= share <= 1 for _, share in told)


def test_files_that_changed_since_they_were_read_are_not_built(shop: Shop) -> None:
    before, corpus = shop.store.versions(), load_corpus(shop.folder)
    (shop.folder / "articles" / "late.md").write_text("# 后来\n\n刚导入的一篇。\n", "utf-8")

    with pytest.raises(CorpusError) as caught:
        build(corpus, FakeEmbedder(), shop.store)

    assert "请再试一次" in caught.value.user_message
    assert shop.store.versions() == before
    build(load_corpus(shop.folder), FakeEmbedder(), shop.store)


def test_an_import_in_the_midst_of_a_build_is_no_part_of_it(shop: Shop) -> None:
    late = shop.folder / "articles" / "late.md"

    def importing(phrase: str, share: float) -> None:
        late.write_text("# 后来\n\n刚导入的一篇。\n", "utf-8")

    version = build(load_corpus(shop.folder), FakeEmbedder(), shop.store, progress=importing)

    originals = read_originals(version.folder)
    assert late.exists() and "articles/late.md" not in originals
    restore_originals(shop.folder, originals)
    assert version.manifest["corpus"] == {"digest": corpus_digest(shop.folder)}


def test_a_file_that_vanished_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, gone = load_corpus(shop.folder), shop.folder / "faq" / "gone.yaml"
    monkeypatch.setattr("kb.originals.source_files", lambda folder: [gone])

    with pytest.raises(CorpusError) as caught:
        build(corpus, FakeEmbedder(), shop.store)
    assert "读不了" in caught.value.user_message and "gone.yaml" in caught.value.user_message


@pytest.mark.parametrize("step", ["save_index", "save_knowledge", "save_originals"])
def test_a_full_disk_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    serving = shop.store.current()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build_module, step, full)
    with pytest.raises(StoreError) as caught:
        shop.build(FakeEmbedder())
    assert "写不了索引文件夹" in caught.value.user_message
    assert shop.store.current() == serving and shop.store.versions() == [serving.id]


def test_nothing_to_index(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    write_corpus(shop.folder, [{"id": "a", "question": "甲", "enabled": False}], boundaries=False)
    (shop.folder / "articles" / "open.md").unlink()

    with pytest.raises(CorpusError) as caught:
        build(load_corpus(shop.folder), FakeEmbedder(), shop.store)
    assert "停用" in caught.value.user_message
    assert shop.store.versions() == []


def test_what_is_built_is_found(shop: Shop) -> None:
    version = shop.store.current()
    searcher = Searcher.open(version, Analyzer(load_knowledge(version.folder).lexicon), FakeEmbedder())

    for row in shop.rows:
        assert searcher.search(str(row["question"])).hits[0].entry == row["id"]
