from __future__ import annotations

from assistant.web.staff.variants import SMS_LONGEST, variants
from kb.records import Cause, FaqEntry, StructuredAnswer


def copies(answer: StructuredAnswer) -> dict[str, str]:
    return dict(variants(FaqEntry("a", "问", answer)))


def test_three_ways_to_say_it() -> None:
    made = copies(StructuredAnswer("在钱包里开通", "以页面为准。", ("打开钱包", "点月付")))
    assert made["礼貌版"] == "您好，在钱包里开通\n1. 打开钱包\n2. 点月付\n以页面为准。\n如还有疑问，请随时联系我们。"
    assert made["简短版"] == "在钱包里开通"
    assert made["短信版"] == "在钱包里开通。1. 打开钱包；2. 点月付"


def test_causes_come_with_their_remedy() -> None:
    made = copies(StructuredAnswer("有两种原因。", causes=(Cause("店没接", "换一种"), Cause("额度不够", ""))))
    assert "1. 店没接：换一种\n2. 额度不够" in made["礼貌版"]
    assert made["短信版"] == "有两种原因。1. 店没接：换一种；2. 额度不够"


def test_a_message_is_short_and_no_step_is_cut_in_two() -> None:
    long = copies(StructuredAnswer("先看这里。", steps=("甲" * 60, "乙" * 60, "丙" * 60)))["短信版"]
    assert len(long) <= SMS_LONGEST and "甲" * 60 in long and "丙" not in long
    assert copies(StructuredAnswer("长" * 500))["短信版"] == "长" * (SMS_LONGEST - 1) + "…"
    assert copies(StructuredAnswer("")) == {"礼貌版": "您好，\n如还有疑问，请随时联系我们。"}
