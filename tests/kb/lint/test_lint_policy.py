import pytest
from lint_bench import Workbench

POLICY = r"""
phones:
  allowed: ["95152", "110"]
  patterns: ['(?<!\d)9[56]\d{3,6}(?!\d|\s*元)', '拨打?\s*(1[12]\d)(?!\d)', '(?<!\d)400-\d{3}-\d{4}']
rules:
  - {id: C3, message: 不写上限, facts: [F050], categories: [额度], patterns: ['最高[^，]{0,4}\d+万']}
  - {id: X2, message: 不能提现, patterns: ['可以提现'], unless: 骗}
"""


@pytest.fixture(autouse=True)
def policy(bench: Workbench) -> None:
    bench.write("policy.yaml", POLICY)


@pytest.mark.parametrize("number", ["95188", "９５１８８", "拨打119", "400-123-4567"])
def test_a_strange_number_in_an_answer(bench: Workbench, number: str) -> None:
    bench.add(answer=f"有事找 {number} 问问。")

    found = bench.only()

    assert (found.severity, found.code, found.line) == ("error", "phone", 16)


@pytest.mark.parametrize("text", ["拨95152或拨打110。", "一共 95188 元。", "订单 4001 号。"])
def test_numbers_that_may_stand(bench: Workbench, text: str) -> None:
    bench.add(answer=text)

    assert bench.lint() == ()


def test_a_strange_number_in_an_article(bench: Workbench) -> None:
    bench.change("articles/art.md", "先登录。", "先登录。\n不行就拨 95188。")

    found = bench.only()

    assert (found.code, found.file, found.line) == ("phone", "articles/art.md", 11)


def test_a_number_in_the_steps_has_its_line(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "[打开抖音, 点我的钱包]", "\n      - 打开抖音\n      - 打 95001")

    assert bench.only().line == 9


def test_a_question_may_name_any_number(bench: Workbench) -> None:
    bench.add(question="95188 是抖音的吗")

    assert bench.lint() == ()


def test_a_figure_by_fact(bench: Workbench) -> None:
    bench.add(answer="一般都有。额度最高 5万，慢慢来。")

    found = bench.only()

    assert (found.severity, found.code, found.line) == ("error", "policy", 16)
    assert "额度最高 5万，慢慢来" in found.message
    assert "一般都有" not in found.message


def test_a_figure_by_category(bench: Workbench) -> None:
    bench.add(answer="最高 5万。", facts=[], category="额度")

    assert bench.codes() == ["policy"]


def test_a_figure_elsewhere(bench: Workbench) -> None:
    bench.add(answer="最高 5万。", facts=[], category="抖店")

    assert bench.lint() == ()


def test_a_claim_anywhere(bench: Workbench) -> None:
    bench.add(answer="额度可以提现。", facts=[])

    assert bench.codes() == ["policy"]


def test_a_claim_may_be_denied_in_its_own_sentence_only(bench: Workbench) -> None:
    bench.add(answer="说可以提现的都是骗子。")
    assert bench.lint() == ()

    bench.change("faq/a.yaml", "说可以提现的都是骗子。", "额度可以提现。小心骗子。")
    assert bench.codes() == ["policy"]


def test_figures_are_read_on_answers_only(bench: Workbench) -> None:
    bench.change("articles/art.md", "先登录。", "网上说可以提现，最高 5万。")

    assert bench.lint() == ()
