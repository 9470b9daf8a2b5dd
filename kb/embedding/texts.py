"""What every encoder does to texts before the model sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MAX_CHARACTERS = 16_384  # 512 tokens of at most 16 characters reach half as far; more is tokenised in vain


def prepare(text: str, prompt: str) -> str:
    """Return prompt + text, cut to MAX_CHARACTERS, with lone surrogates (which tokenizers reject) as U+FFFD."""
    cut = text[:MAX_CHARACTERS]
    if not cut.isascii():
        cut = cut.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return prompt + cut


def batches(lengths: Sequence[int], size: int, tokens: int) -> Iterator[list[int]]:
    """Yield indices in batches, longest first, so that a batch pads little and memory peaks early.

    Args:
        lengths: tokens of each text.
        size: texts in a batch at most.
        tokens: of a batch at most, padding counted; a longer text is a batch of its own.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and (len(batch) == size or (len(batch) + 1) * lengths[batch[0]] > tokens):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
