"""Documents and tables that are almost right: seeded mutations of good ones of every format that can be imported."""

from __future__ import annotations

import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import docx
import openpyxl
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

Draw = random.Random
_DATA = Path(__file__).parents[1] / "data"
_ROWS = [["编号", "标准问", "相似问", "答案", "步骤", "原因", "启用", "核对日期"],
         ["e1", "怎么还款", "咋还钱\n还款入口", "打开月付。", "打开\n点还款", "没到账 => 等一天 | when: 到账", "是", "2026-11-23"],
         ["e2", "=怎么开通", "", "点开通。", "", "", "否", "2026/1/2"]]  # fmt: skip
_PARAGRAPHS = (
    "一、开通条件",
    "年满十八岁，完成实名认证。",
    "（一）步骤",
    "1. 打开钱包\n2. 点月付",
    "还没解决，请找客服。",
)
_ZIPPED = frozenset({"docx", "xlsx"})


def good() -> Mapping[str, bytes]:
    """One whole document for each extension."""
    article = (_DATA / "seed-article.txt").read_bytes()
    table = "\n".join(",".join(f'"{cell}"' for cell in row) for row in _ROWS)
    records = [dict(zip(_ROWS[0], row, strict=True)) for row in _ROWS[1:]]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in records)
    return {
        "md": "# 开通\n\n## 一、条件\n<!-- facts: F001 -->\n年满十八岁。\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n".encode(),
        "txt": article,
        "html": (_DATA / "page-forum.html").read_bytes(),
        "csv": table.encode("utf-8-sig"),
        "tsv": table.replace('","', '"\t"').encode("gb18030"),
        "jsonl": lines.encode(),
        "yaml": json.dumps(records, ensure_ascii=False, indent=1).encode(),
        "docx": _docx(),
        "xlsx": _xlsx(),
        "pdf": _pdf(),
    }


def documents(draw: Draw) -> Iterator[tuple[str, bytes]]:
    """Extension and content, without end; a few are whole."""
    originals = good()
    while True:
        kind = draw.choice(sorted(originals))
        data = originals[kind]
        for _ in range(draw.randint(0, 4)):
            inside = kind in _ZIPPED and zipfile.is_zipfile(io.BytesIO(data)) and draw.random() < 0.6
            data = _inside(data, draw) if inside else draw.choice(_CHANGES)(data, draw)
        yield (draw.choice(sorted(originals)) if draw.random() < 0.05 else kind), data


def _docx() -> bytes:
    document = docx.Document()
    document.add_heading("抖音月付开通说明", 1)
    for text in _PARAGRAPHS:
        document.add_paragraph(text)
    document.add_table(rows=2, cols=2).cell(0, 0).text = "甲"
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    for row in _ROWS:
        book.worksheets[0].append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _pdf() -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
                             NameObject("/BaseFont"): NameObject("/Helvetica")})  # fmt: skip
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    content = DecodedStreamObject()
    lines = b" 0 -20 Td ".join(b"(Open the wallet, tap monthly payment, then repay bill %d.) Tj" % n for n in range(6))
    content.set_data(b"BT /F1 12 Tf 20 200 Td " + lines + b" ET")
    page[NameObject("/Contents")] = writer._add_object(content)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _inside(data: bytes, draw: Draw) -> bytes:
    """Change one member of a ZIP archive and pack it again, so that the damage gets past the archive's checksums."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return data  # damaged by an earlier change
    if not members:
        return data
    name = draw.choice(sorted(members))
    members[name] = draw.choice(_CHANGES)(members[name], draw)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member or "x", content)
    return stream.getvalue()


def _flip(data: bytes, draw: Draw) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.randint(1, 20) if changed else 0):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _cut(data: bytes, draw: Draw) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def _splice(data: bytes, draw: Draw) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.randbytes(draw.randint(1, 60)) + data[at:]


def _repeat(data: bytes, draw: Draw) -> bytes:
    at = draw.randrange(len(data) + 1)
    piece = data[at : at + draw.randint(1, 300)]
    return (data[:at] + piece * draw.randint(2, 200) + data[at:])[:3_000_000]


def _remove(data: bytes, draw: Draw) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + data[at + draw.randint(1, 500) :]


def _token(data: bytes, draw: Draw) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice(_TOKENS) + data[at:]


def _recoded(data: bytes, draw: Draw) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(draw.choice(["gb18030", "utf-16", "utf-8-sig", "big5", "latin-1"]), "replace")


_TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"---\n", b"- &a [*a]\n", b"!!python/object:os.system x\n",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"]]>", b'"', b"'", b"\t", b"|", b"# ", b"```", b"<!-- facts: ", b"-->",
    b'{"a":' * 300, b"[" * 2_000, b"<div>" * 2_000, b"=cmd|'/c calc'!A1", b"\xe2\x80\xae", b"\r", b"%PDF-1.7", b"PK\x03\x04",
    b"\xf0\x9f\x98\x80" * 50, "一、（一）1.".encode() * 30, b"1e999", b"9" * 400, b": ", b"\\ud800",
)  # fmt: skip
_CHANGES: tuple[Callable[[bytes, Draw], bytes], ...] = (_flip, _cut, _splice, _repeat, _remove, _token, _recoded)
