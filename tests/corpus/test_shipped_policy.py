"""Each rule of the shipped policy.yaml against a sentence that breaks it and one that is right to say."""

from pathlib import Path

import pytest

from kb.lint.policy import Policy, load_policy, strange_numbers
from kb.records import FaqEntry, StructuredAnswer

POLICY = load_policy(Path(__file__).parents[2] / "corpus" / "policy.yaml")
RULES = {rule.id: rule for rule in POLICY.rules}

BREAKS = [
    ("C1", "一般有三天宽限"),
    ("C1", "给你 3 天的宽限期"),
    ("C1", "宽限期是3天"),
    ("C1", "放心，有宽限期"),
    ("C2", "逾期三天就会上征信"),
    ("C2", "逾期超过 30 天才报征信"),
    ("C2", "逾期当天就上报征信"),
    ("C3", "额度最高 3 万元"),
    ("C3", "上限是五万元"),
    ("C3", "额度一般有1.5万"),
    ("C4", "6 期手续费约 3%"),
    ("C4", "年化大概百分之十五"),
    ("C5", "还款日不能改"),
    ("C14", "2-3 个工作日到账"),
    ("C15", "商家要付 0.6% 的手续费"),
    ("C15", "手续费是千分之六"),
    ("C17", "保证金要交 2000 元"),
    ("C18", "商家 48 小时不处理就自动退"),
    ("C19", "这是一次硬查询"),
    ("C20", "负债率要低于 50%"),
    ("C20", "一个月查询别超过 3 次"),
    ("F172", "年满18-60周岁"),
    ("F177", "被拒 30 天后再申请"),
    ("F228", "上午 8:00 会扣一次"),
    ("F238", "最低还账单的 10%"),
    ("F272", "另收 5% 违约金"),
    ("X1", "月付是一种会员"),
    ("X2", "额度可以提现"),
    ("X3", "关掉自动续费就能关闭月付"),
    ("X4", "芝麻分达标才能开"),
    ("X5", "可以自己调高额度"),
    ("X6", "退款以后额度会清零"),
    ("X7", "第一次用一分钱都不用还"),
    ("X8", "月付所有分期都免息"),
    ("X9", "逾期一天没关系"),
    ("X10", "加客服微信就能提额"),
    ("X11", "关闭之后就再也不能开了"),
    ("X12", "降额的概率是 35%"),
    ("X13", "把身份证发过去，先提供身份证照片就帮你关闭"),
    ("X14", "月付就是花呗"),
]
HOLDS = [
    ("C1", "没有能保证的宽限期"),
    ("C1", "是否有容时以合同为准"),
    ("C2", "欠 1000 元逾期 30 天约 15 元"),
    ("C2", "逾期就可能影响征信"),
    ("C3", "最高能用多少以页面显示为准"),
    ("C3", "固定 1000、临时 500 全用完"),
    ("C4", "逾期费每天 0.05%"),
    ("C5", "当月还款日不能改"),
    ("C20", "近期查询次数别太多"),
    ("X1", "月付是消费信贷，不是会员"),
    ("X2", "额度不能提现"),
    ("X4", "不用为了开月付去刷芝麻分"),
    ("X5", "用户不能自己调高额度"),
    ("X8", "不是所有分期都免息"),
    ("X9", "别以为逾期一天没关系"),
    ("X10", "让你加微信提额的都是骗子"),
    ("X11", "关闭后可以重新申请，不保证通过"),
    ("X14", "月付不是花呗"),
]


@pytest.mark.parametrize(("rule", "sentence"), BREAKS)
def test_the_rule_catches(rule: str, sentence: str) -> None:
    assert RULES[rule].broken_by(sentence)


@pytest.mark.parametrize(("rule", "sentence"), HOLDS)
def test_the_rule_lets_pass(rule: str, sentence: str) -> None:
    assert not RULES[rule].broken_by(sentence)


def test_every_rule_has_a_sentence() -> None:
    assert {rule for rule, _ in BREAKS} == set(RULES)


def test_the_rules_reach_their_entries() -> None:
    entry = FaqEntry("a", "问", StructuredAnswer("答"), category="逾期与征信", facts=("F274",))
    reached = {rule.id for rule in POLICY.rules if rule.covers(entry)}

    assert {"C1", "C2", "F272", "X1", "X14"} <= reached
    assert not {"C3", "C15", "C17"} & reached


@pytest.mark.parametrize("text", ["拨 95152", "拨打 110", "报110", "打 12315 或 12378", "96110 反诈专线", "电话 12356"])
def test_allowed_numbers(text: str) -> None:
    assert strange_numbers(text, POLICY) == []


@pytest.mark.parametrize(
    "text",
    [
        "客服电话 950201",
        "拨 9502018",
        "95055",
        "95007",
        "400-123-4567",
        "010-12345678",
        "13812345678",
        "热线 12580",
        "打119",
    ],
)
def test_strange_numbers(text: str) -> None:
    assert strange_numbers(text, POLICY)


@pytest.mark.parametrize(
    "text", ["欠 1000 元", "2024-11-25", "2014 年 6 月 14 日", "800×800 像素", "每月扣 800 元", "0.05%"]
)
def test_plain_numbers(text: str) -> None:
    assert strange_numbers(text, POLICY) == []


def test_no_policy_no_rules(tmp_path: Path) -> None:
    assert load_policy(tmp_path / "policy.yaml") == Policy()
