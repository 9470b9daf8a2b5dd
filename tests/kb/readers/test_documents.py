import zipfile
from datetime import date
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter

from kb.errors import ReadError
from kb.readers import archive, files, pdf, sandbox
from kb.readers.documents import document_id, read_document
from kb.readers.faults import ReaderFault

DATA = Path(__file__).parents[2] / "data"


def refused(path: Path) -> str:
    with pytest.raises(ReadError) as caught:
        read_document(path)
    assert path.name in caught.value.user_message
    return caught.value.user_message


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\nid: art-1\ntitle: 月付\ncategory: 开通\nchecked_on: 2026-01-02\n---\n# 月付\n正文\n", "utf-8")

    document = read_document(path).document

    assert (document.id, document.title, document.category, document.checked_on) == (
        "art-1",
        "月付",
        "开通",
        date(2026, 1, 2),
    )
    assert document.text == "# 月付\n正文\n"


def test_broken_front_matter_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\ntitle: [\n---\n正文", "utf-8")

    assert "a.md" in refused(path)


def test_plain_text_title_and_id(tmp_path: Path) -> None:
    path = tmp_path / "说明 (1).txt"
    path.write_bytes("怎么还款\n\n打开抖音。".encode("gbk"))

    document = read_document(path).document

    assert (document.id, document.title) == ("说明-1", "怎么还款")
    assert document_id("../../x") == "x"
    assert document_id("…") == "article"


def test_docx_headings_lists_and_tables(tmp_path: Path) -> None:
    book = docx.Document()
    book.add_heading("月付手册", 0)
    book.add_heading("一、开通", 1)
    book.add_paragraph("打开抖音。")
    book.add_heading("（一）条件", 2)
    book.add_paragraph("年满十八岁", style="List Number")
    table = book.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "账单日", "每月1日"
    book.save(str(tmp_path / "a.docx"))

    document = read_document(tmp_path / "a.docx").document

    assert document.title == "月付手册"
    assert document.text.split("\n\n") == [
        "# 月付手册", "## 一、开通", "打开抖音。", "### （一）条件", "- 年满十八岁", "| 账单日 | 每月1日 |\n",
    ]  # fmt: skip


def test_html_article_without_its_surroundings() -> None:
    source = read_document(DATA / "page-forum.html")

    assert source.document.title == "共享充电宝押金多久退回"
    assert [line for line in source.document.text.split("\n") if line.startswith("#")] == [
        "# 共享充电宝押金多久退回",
        "## 一、不同付款方式的到账时间",
        "### （一）信用免押",
        "### （二）银行卡支付",
        "## 二、超时没有到账怎么办",
    ]
    assert "3. 上传归还时的照片" in source.document.text
    assert "脚本" not in source.document.text + "".join(source.outside)
    assert "单车停在禁停区会扣多少钱" in source.outside


def test_short_html_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<html><body><h2>还款日</h2><div>每月 8 日。</div><script>x</script></body></html>", "utf-8")

    assert "每月 8 日。" in read_document(path).document.text


def test_pdf_text(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(_pdf("Open the wallet page."))

    assert read_document(path).document.text == "Open the wallet page.\n"


def test_pdf_lines_and_margins() -> None:
    pages = [["手册", f"正文第{n}页的内容各不相同{'甲' * n}", f"- {n} -"] for n in range(1, 5)]

    assert pdf.without_margins(pages) == [[page[1]] for page in pages]
    assert pdf._paragraphs(["这一行写满了整个页面的宽度所以没有写完它", "接着写完。", "1. 标题"]) == [
        "这一行写满了整个页面的宽度所以没有写完它接着写完。",
        "1. 标题",
    ]


def test_scanned_and_protected_pdf(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(tmp_path / "scan.pdf")
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")

    assert "扫描件" in refused(tmp_path / "scan.pdf")
    assert "密码" in refused(tmp_path / "locked.pdf")


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("missing.md", None, "找不到"),
        ("empty.md", b"", "空的"),
        ("blank.txt", b" \n\n", "空的"),
        ("bom.txt", b"\xef\xbb\xbf", "空的"),
        ("a.exe", b"MZ\x90", "不支持"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("b.docx", b"%PDF-1.7 rest", "扩展名不符"),
        ("c.docx", "只是文字".encode(), "扩展名不符"),
        ("d.docx", b"PK\x03\x04" + b"\x00broken" * 20, "损坏"),
        ("a.txt", b"PK\x03\x04 zip", "扩展名不符"),
        ("b.txt", b"abc\x00\x01\x02\xff\xff\xff" * 30, "扩展名不符"),
        ("a.pdf", b"PK\x03\x04 zip", "扩展名不符"),
        ("b.pdf", b"%PDF-1.7\n broken", "损坏"),
        ("a.csv", b"\xe6\xa0\x87", "不支持"),
    ],
)
def test_refused_with_a_clear_message(tmp_path: Path, name: str, data: bytes | None, word: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)

    assert word in refused(tmp_path / name)


def test_archive_of_another_kind(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as made:
        made.writestr("xl/workbook.xml", "<x/>")

    assert "扩展名不符" in refused(tmp_path / "a.docx")


def test_bomb_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("word/document.xml", b"0" * 400_000_000)

    assert (tmp_path / "a.docx").stat().st_size < 1_000_000
    assert "大得不正常" in refused(tmp_path / "a.docx")
    monkeypatch.setattr(archive, "MAX_MEMBERS", 0)
    with pytest.raises(ReaderFault, match="bomb"):
        archive.check_archive(tmp_path / "a.docx", "word/document.xml")


def test_too_big(tmp_path: Path) -> None:
    with (tmp_path / "a.md").open("wb") as stream:
        stream.truncate(files.MAX_BYTES)

    assert "100 MB" in refused(tmp_path / "a.md")


def test_parser_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(ReaderFault, match="resources"):
        sandbox.parse_limited("html", DATA / "page-forum.html", timeout=0.01)


def test_crashes_are_told_apart() -> None:
    assert sandbox._crash(-9, "").code == "resources"
    assert sandbox._crash(1, "Traceback\nMemoryError\n").code == "resources"
    assert sandbox._crash(1, "Traceback\nKeyError: 'x'\n").code == "corrupt"


def _pdf(text: str) -> bytes:
    """A one-page PDF with one line of Latin text."""
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start
    )
