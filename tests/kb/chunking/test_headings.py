from pathlib import Path

from kb.chunking.headings import find_headings

SEED = Path(__file__).parents[2] / "data" / "seed-article.txt"


def paths(text: str, title: str = "") -> list[tuple[str, ...]]:
    return [heading.path for heading in find_headings(text, title)[1]]


def test_markdown_tree_and_title() -> None:
    text = "# 月付\n\n引言\n\n## 一、原因\n\n### 商家 ###\n正文\n## 二、开通\n"

    assert paths(text, "月付") == [("一、原因",), ("一、原因", "商家"), ("二、开通",)]
    title_line = find_headings(text, "月付")[0]
    assert title_line is not None
    assert title_line.text == "# 月付"


def test_markdown_title_that_differs_is_a_level() -> None:
    assert paths("# 开通\n## 条件\n", "月付") == [("开通",), ("开通", "条件")]


def test_hash_without_space_only_from_two() -> None:
    assert paths("##条件\n正文\n#话题 和 #标签\n#话题#\n") == [("条件",)]
    assert paths("#话题#\n") == []


def test_code_fence_hides_headings_unless_it_never_closes() -> None:
    assert paths("## 甲\n```\n## 乙\n```\n## 丙\n") == [("甲",), ("丙",)]
    assert paths("## 甲\n```\n## 乙\n") == [("甲",), ("乙",)]


def test_numbered_steps_below_markdown_headings_are_body() -> None:
    assert paths("## 步骤\n1. 打开\n说明文字。\n2. 点击\n说明文字。\n一、其他\n正文\n") == [("步骤",)]


def test_steps_below_a_lone_markdown_title_are_body() -> None:
    assert paths("# 如何开通\n1. 打开\n说明。\n2. 点击\n说明。\n", "如何开通") == []
    assert paths("# 月付\n一、原因\n1. 商家\n说明。\n2. 商品\n说明。\n", "月付") == [
        ("一、原因",),
        ("一、原因", "1. 商家"),
        ("一、原因", "2. 商品"),
    ]


def test_plain_tree() -> None:
    text = (
        "第一章 总则\n正文。\n第一节 范围\n正文。\n一、对象\n"
        + "（一）商家\n1. 未接入\n正文。\n①特例\n正文。\n第二章 附则\n正文。\n"
    )

    assert paths(text)[-2:] == [
        ("第一章 总则", "第一节 范围", "一、对象", "（一）商家", "1. 未接入", "①特例"),
        ("第二章 附则",),
    ]


def test_decimal_tree() -> None:
    text = "1 概述\n1.1 背景\n正文，1.5 倍。\n1.5 倍利率\n1.2 目标\n正文。\n2 安装\n2.1 步骤\n正文。\n3 天内到账\n"

    assert paths(text) == [
        ("1 概述",),
        ("1 概述", "1.1 背景"),
        ("1 概述", "1.2 目标"),
        ("2 安装",),
        ("2 安装", "2.1 步骤"),
    ]


def test_chapter_with_decimals() -> None:
    text = "第一章 概述\n1.1 背景\n正文。\n1.2 目标\n正文。\n第二章 安装\n2.1 步骤\n正文。\n2.2 验证\n正文。\n"

    assert paths(text)[-1] == ("第二章 安装", "2.2 验证")
    assert len(paths(text)) == 6


def test_list_runs_are_not_headings() -> None:
    assert paths("一、材料\n请准备：\n1. 身份证\n2. 银行卡\n3. 手机\n以上缺一不可。\n二、步骤\n正文。\n") == [
        ("一、材料",),
        ("二、步骤",),
    ]


def test_sentences_and_references_are_not_headings() -> None:
    text = (
        "一、规则\n见第三条\n"
        + "1. 打开抖音，登录账号。\n2. 点击“我”。\n如（一）所述\n（一）至（三）项适用\n二、其他\n正文。\n"
    )

    assert paths(text) == [("一、规则",), ("二、其他",)]


def test_number_that_continues_nothing_is_body() -> None:
    assert paths("一、规则\n正文。\n7. 这一行是引文\n正文。\n") == [("一、规则",)]


def test_table_of_contents_is_skipped() -> None:
    text = "目录\n一、原因\n二、开通\n一、原因\n正文。\n二、开通\n正文。\n"

    assert find_headings(text, "")[1][0].start == text.rindex("一、原因")
    assert paths(text) == [("一、原因",), ("二、开通",)]


def test_bold_numbered_line_is_a_heading() -> None:
    assert paths("**一、原因**\n正文。\n**二、开通**\n正文。\n") == [("一、原因",), ("二、开通",)]


def test_plain_title_line_is_no_heading() -> None:
    title, headings = find_headings("一、二、三\n\n一、原因\n正文\n", "一、二、三")

    assert title is not None
    assert [heading.path for heading in headings] == [("一、原因",)]


def test_seed_article_has_every_heading() -> None:
    found = paths(SEED.read_text(encoding="utf-8"))

    assert [len(path) for path in found] == [1, 2, 3, 3, 2, 3, 3, 2, 3, 3, 3, 3, 1, 2, 3, 3, 3, 3, 3, 2, 3, 3]
