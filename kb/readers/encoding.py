"""Decoding text files of unknown encoding: UTF-8, UTF-16 with and without mark, GBK/GB18030, Big5."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from kb.readers.faults import ReaderFault

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ("gb18030", "utf-16-le", "utf-16-be", "big5")
_REPLACEMENT = "\ufffd"
_SAMPLE = 20_000
_GOOD = 0.85


def decode(data: bytes, lenient: bool = False) -> str:
    r"""Decode the bytes of a text file; line ends become ``\n``.

    UTF-8 is taken when it fits. Otherwise each candidate that decodes without error is scored by its share of common
    characters (the first-level sets of GB 2312 and Big5), and charset-normalizer is asked when none scores well.
    UTF-8 with a few broken bytes is refused, or with ``lenient`` given with U+FFFD in their place.

    Raises:
        ReaderFault: "encoding" when nothing fits, "mislabelled" when the file is not text.
    """
    text = _decode(data, lenient)
    if "\x00" in text:
        raise ReaderFault("mislabelled")
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _decode(data: bytes, lenient: bool) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(data, name)
    if b"\x00" not in data and (text := _try(data, "utf-8")) is not None:
        return text
    damaged = data.decode("utf-8", "replace")
    if 10 * damaged.count(_REPLACEMENT) < sum(char > "\x7f" for char in damaged):  # other encodings break throughout
        if lenient:
            return damaged
        raise ReaderFault("encoding", "broken UTF-8")
    found = [text for name in _CANDIDATES if (text := _try(data, name)) is not None]
    best = max(found, key=_share_of_common, default="")
    if found and _share_of_common(best) >= _GOOD:
        return best
    guess = from_bytes(data[: 10 * _SAMPLE]).best()
    if guess is None or b"\x00" in data:
        raise ReaderFault("mislabelled" if b"\x00" in data else "encoding")
    return _strict(data, guess.encoding)


def _strict(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise ReaderFault("encoding", str(error)) from error


def _try(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def _share_of_common(text: str) -> float:
    sample = text[:_SAMPLE]
    return sum(map(_is_common, sample)) / len(sample) if sample else 0.0


def _is_common(char: str) -> bool:
    """ASCII text, Chinese punctuation, or a first-level character of GB 2312 or Big5."""
    if char < "\x80":
        return char.isprintable() or char in "\t\r\n"
    simplified = char.encode("gb2312", "ignore")
    if simplified and (0xA1 <= simplified[0] <= 0xA3 or 0xB0 <= simplified[0] <= 0xD7):
        return True
    return 0xA4 <= (char.encode("big5", "ignore") or b"\0")[0] <= 0xC6
