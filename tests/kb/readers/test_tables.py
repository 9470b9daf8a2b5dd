from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from kb.errors import ReadError
from kb.readers.tables import FaqTable, question_id, read_table
from kb.records import Cause, FaqEntry, StructuredAnswer

HEADER = "编号,标准问,相似问,反例问,类型,答案,详情,步骤,原因,分类,依据,核对日期,有效期,启用\n"


def table(tmp_path: Path, text: str, name: str = "a.csv", encoding: str = "utf-8-sig") -> FaqTable:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return read_table(path)


FULL = FaqEntry(
    id="e1",
    question="怎么开通",
    answer=StructuredAnswer(
        "先看资格。",
        "详情",
        ("打开抖音", "点我的钱包"),
        (Cause("没接入", "换一家店", ("商家", "店铺")), Cause("逾期", "先还款")),
    ),
    alternates=("如何开通", "开通月付"),
    negatives=("怎么关闭",),
    kind="steps",
    category="开通",
    facts=("F010", "F011"),
    checked_on=date(2026, 1, 31),
    valid_until=date(2026, 12, 31),
    enabled=False,
)
ROW = (
    'e1,怎么开通,"如何开通\n开通月付",怎么关闭,步骤,先看资格。,详情,"打开抖音\n点我的钱包",'
    '"没接入 => 换一家店 | when: 商家、店铺\n逾期 => 先还款",开通,F010、F011,2026/1/31,2026年12月31日,否\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_csv_with_every_column(tmp_path: Path, encoding: str) -> None:
    found = table(tmp_path, HEADER + ROW, encoding=encoding)

    assert (found.entries, found.faults) == (((2, FULL),), ())
    assert found.given[FULL.id] >= {"id", "question", "kind", "enabled"}


def test_xlsx_with_dates_numbers_and_a_title_row(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["说明：请勿改动表头"])
    sheet = book.create_sheet("问答")
    sheet.append(["常见问题"])
    sheet.append(["编号", "标准问", "答案", "核对日期", "启用"])
    sheet.append([1, "怎么还款", 12.0, date(2026, 1, 31), False])
    sheet.append([None, None, None, None, None])
    sheet.append(["x2", "怎么退款", "'=1+1", None, None])
    book.save(tmp_path / "a.xlsx")

    first, second = read_table(tmp_path / "a.xlsx").entries

    assert first == (3, FaqEntry("1", "怎么还款", StructuredAnswer("12"), checked_on=date(2026, 1, 31), enabled=False))
    assert second == (5, FaqEntry("x2", "怎么退款", StructuredAnswer("=1+1")))


def test_bad_rows_lose_no_good_ones(tmp_path: Path) -> None:
    rows = (
        "标准问,类型,启用,核对日期\n好的一行,,,\n,步骤,,\n坏类型,乱写,,\n"
        + "坏启用,,也许,\n坏日期,,,2026-13-45\n好的一行,,,\n又一行,,,\n"
    )
    found = table(tmp_path, rows)

    assert [number for number, _ in found.entries] == [2, 8]
    assert [fault.row for fault in found.faults] == [3, 4, 5, 6, 7]
    for fault, word in zip(found.faults, ("标准问", "乱写", "也许", "2026-13-45", "重复"), strict=True):
        assert word in fault.reason


def test_id_comes_from_the_question(tmp_path: Path) -> None:
    ((_, entry),) = table(tmp_path, "问题\t答案\n怎么还款？\t打开抖音\n").entries

    assert entry.id == question_id("怎么还款") and entry.answer.short == "打开抖音"


def test_jsonl_with_chinese_or_our_keys(tmp_path: Path) -> None:
    lines = (
        '{"编号": "e1", "标准问": "怎么开通", "相似问": ["如何开通", "开通月付"], "启用": false, "依据": ["F010"]}\n'
        '{"id": "e2", "question": "怎么还款", "alternates": ["还"], "answer": {"short": "开", "steps": ["一", "二"]}}\n'
        "{broken\n"
        '{"标准问": "x", "别的": 1}\n'
        '["list"]\n'
    )
    found = table(tmp_path, lines, "a.jsonl")

    assert [entry.alternates for _, entry in found.entries] == [("如何开通", "开通月付"), ("还",)]
    assert found.entries[0][1].enabled is False
    assert [fault.row for fault in found.faults] == [3, 4, 5]


def test_yaml(tmp_path: Path) -> None:
    text = (
        ""
        + "- 标准问: 怎么开通\n  答案: 分两种\n"
        + "  原因: [{text: 没接入, next: 换店, when: [店]}]\n- id: e2\n  question: 怎么还款\n- id: e3\n"
    )
    found = table(tmp_path, text, "a.yaml")

    assert found.entries[0][1].answer.causes == (Cause("没接入", "换店", ("店",)),)
    assert (found.entries[1][1].id, found.faults[0].row) == ("e2", 3)


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("a.csv", "甲,乙\n1,2\n", "表头"),
        ("a.yaml", "a: 1\n", "列表"),
        ("a.yaml", "- [\n", "YAML"),
        ("a.yaml", "# 空\n", "空的"),
        ("a.md", "正文", "不支持"),
        ("a.csv", HEADER, "空的"),
    ],
)
def test_refused_files(tmp_path: Path, name: str, text: str, word: str) -> None:
    with pytest.raises(ReadError) as caught:
        table(tmp_path, text, name)

    assert word in caught.value.user_message
    assert name in caught.value.user_message


def test_broken_bytes_cost_one_row(tmp_path: Path) -> None:
    rows = "".join(f"怎么还款{n},打开抖音钱包\n" for n in range(9))
    data = ("标准问,答案\n" + rows).encode().replace("还款4".encode(), b"\xe8\xbf4")
    (tmp_path / "a.csv").write_bytes(data)

    found = read_table(tmp_path / "a.csv")

    assert (len(found.entries), [fault.row for fault in found.faults]) == (8, [6])
