"""txtai: ``Embeddings`` with ``hybrid`` and ``content``, the prefixes as ``instructions``, saved to and loaded from disk.

Its BM25 cuts words by Unicode's rules for text segmentation, its default, which make every Chinese character a token;
its configuration has no word segmenter to plug in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from txtai import Embeddings

from benchmarks.peers.setup import QUERY_PREFIX, Search, Setup, Text, numbered, unit_of


def builder(setup: Setup) -> Callable[[Sequence[Text]], None]:
    """Load the model."""
    embeddings = Embeddings(
        path=setup.model,
        instructions={"query": QUERY_PREFIX, "data": setup.prefix},
        hybrid=True,
        content=True,
    )

    def build(texts: Sequence[Text]) -> None:
        embeddings.index(numbered(texts))
        embeddings.save(setup.index)

    return build


def searches(setup: Setup) -> dict[str, Search]:
    """Load the index; without its keyword index it is what ``hybrid=False`` would have built."""
    embeddings = Embeddings()
    embeddings.load(setup.index)
    keywords = embeddings.scoring

    def search(question: str) -> list[str]:
        return [unit_of(row["id"]) for row in embeddings.search(question, setup.depth)]

    def hybrid(question: str) -> list[str]:
        embeddings.scoring = keywords
        return search(question)

    def dense(question: str) -> list[str]:
        embeddings.scoring = None
        return search(question)

    return {"hybrid": hybrid, "dense": dense}
