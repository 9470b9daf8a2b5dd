import pytest

from kb.chunking.numbering import read_numbering


@pytest.mark.parametrize(
    ("line", "family", "value"),
    [
        ("第一章 总则", "chapter", (1,)),
        ("第十二章总则", "chapter", (12,)),
        ("第 3 节 还款", "section", (3,)),
        ("第三条 退款规则", "article", (3,)),
        ("一、原因", "han", (1,)),
        ("二十一、其他", "han", (21,)),
        ("一百零三、其他", "han", (103,)),
        ("（二）系统", "han_paren", (2,)),
        ("(十一)系统", "han_paren", (11,)),
        ("1. 商家", "arabic", (1,)),
        ("１．商家", "arabic", (1,)),
        ("3、商家", "arabic", (3,)),
        ("1.2023年新规", "arabic", (1,)),
        ("1.1 背景", "decimal", (1, 1)),
        ("2.3.1 背景", "decimal", (2, 3, 1)),
        ("（1）背景", "arabic_paren", (1,)),
        ("2) 背景", "arabic_paren", (2,)),
        ("③ 背景", "circled", (3,)),
        ("第一章", "chapter", (1,)),
    ],
)
def test_reads_number(line: str, family: str, value: tuple[int, ...]) -> None:
    number = read_numbering(line)

    assert number is not None
    assert (number.family, number.value) == (family, value)
    assert line[number.end :].strip() or family == "chapter"


@pytest.mark.parametrize(
    "line",
    [
        "如（一）所述，可以退款",
        "见第三条",
        "第三章所述的情形",
        "（一）至（三）项",
        "（一）（二）都算",
        "一、二、三均可",
        "1.5倍利率",
        "1.5 元",
        "3.14",
        "2024年12月20日",
        "一、",
        "普通的一句话",
        "",
    ],
)
def test_no_heading_number(line: str) -> None:
    assert read_numbering(line) is None
