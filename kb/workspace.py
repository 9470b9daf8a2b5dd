"""One corpus, one store, one model, opened together: what every command and the web app start from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kb.build import build
from kb.collector import settle
from kb.corpus import corpus_digest, load_corpus
from kb.embedding import Embedder, GatheringEmbedder, SentenceTransformerEmbedder, default_root, open_packaged
from kb.errors import StoreError
from kb.held_out import held_out
from kb.parsed import ParsedFiles
from kb.query import Analyzer
from kb.search import Searcher
from kb.snapshot import Knowledge, load_knowledge
from kb.store import Store, Version
from kb.vector_stores import vector_store
from kb.vectors import FolderVectors, place_of

Progress = Callable[[str, float], None]
DELTA = Path("model") / "delta.safetensors"


@dataclass(frozen=True, slots=True)
class Opened:
    """One version, open for questions."""

    version: Version
    knowledge: Knowledge
    searcher: Searcher


class Workspace:
    """Finds the model, keeps the index fresh, opens versions.

    Args:
        corpus: the knowledge folder.
        store: where versions of the index live.
        model: a sentence-transformers name or folder to use instead of the packaged model.
        vectors: address of the vector database; "" keeps vectors in the store.
        progress: told what long steps are doing.
        threads: of the encoder.
    """

    def __init__(
        self,
        corpus: Path,
        store: Path,
        *,
        model: str | None = None,
        vectors: str = "",
        progress: Progress | None = None,
        threads: int = 1,
    ) -> None:
        self.corpus_folder = corpus
        self.store = Store(store, vector_store(vectors))
        self.parsed = ParsedFiles(store / "parsed")
        self._model = model
        self._threads = threads
        self._progress = progress
        self._embedder: Embedder | None = None

    @property
    def delta(self) -> Path | None:
        """Weights adapted to this corpus, if it has any."""
        path = self.corpus_folder / DELTA
        return path if path.exists() and self._model is None else None

    def embedder(self) -> Embedder:
        """Open the model, making its files first where they are missing."""
        if self._embedder is None:
            self._embedder = GatheringEmbedder(self._model_itself())
        return self._embedder

    def _model_itself(self) -> Embedder:
        if self._model is not None:
            return SentenceTransformerEmbedder(self._model)
        return open_packaged(default_root(), delta=self.delta, threads=self._threads, progress=self._progress)

    def stale(self) -> str:
        """Why the current index does not fit corpus and model, in Chinese; empty if it does."""
        try:
            return self._misfit(self.store.current())
        except StoreError as error:
            return error.user_message

    def _misfit(self, version: Version) -> str:
        corpus, model = version.manifest.get("corpus"), version.manifest.get("model")
        if not isinstance(corpus, dict) or corpus.get("digest") != corpus_digest(self.corpus_folder):
            return "知识库有改动，索引需要更新。"
        if not isinstance(model, dict) or model.get("digest") != self.embedder().digest:
            return "语义模型换了，索引需要重建。"
        vectors, place = self.store.vectors, place_of(version.manifest)
        if isinstance(vectors, FolderVectors):
            vectors.require(place)
        elif place.get("engine") != vectors.engine:
            return "向量还在索引文件夹里，没有放进向量库，索引需要重建。"
        return ""

    def build(
        self,
        *,
        switch: bool = True,
        refit: bool = False,
        folder: Path | None = None,
        progress: Progress | None = None,
    ) -> Version:
        """Build a new version and, unless told otherwise, let it serve.

        Args:
            switch: let it serve at once; if not, its manifest says ``"staged": true``, so that a version that nobody
                decided on can be told from one that served.
            refit: fit the ranking anew even if hardly anything has changed.
            folder: a corpus to build instead of the workspace's own, such as one with drafts in it.
            progress: told what this build is doing, instead of the workspace's own.
        """
        return build(
            load_corpus(folder or self.corpus_folder, self.parsed),
            self.embedder(),
            self.store,
            unseen=held_out if self.delta is not None else None,
            progress=progress or self._progress,
            switch=switch,
            refit=refit,
            marks=None if switch else {"staged": True},
        )

    def open(self, version: str | None = None) -> Opened:
        """Open a version, the current one by default."""
        return self._opened(self.store.current() if version is None else self.store.open(version))

    def open_fresh(self) -> Opened:
        """Open the current version, building first if there is none or it is stale."""
        try:
            version = self.store.current()
            fits = not self._misfit(version)
        except StoreError:
            fits = False
        return self._opened(version if fits else self.build())

    def _opened(self, version: Version) -> Opened:
        """Open a version whose files have been checked; that is done once, for it reads all of them."""
        knowledge = load_knowledge(version.folder)
        opened = Opened(version, knowledge, Searcher.open(version, Analyzer(knowledge.lexicon), self.embedder()))
        settle()
        return opened
