from assistant.calculation.cues import formula_cues
from assistant.calculation.quantities import read
from assistant.calculation.roles import roles_of, the_one


def _roles(formula: str, text: str) -> list[tuple[int, str]]:
    return [(int(mention.value), role) for mention, role in roles_of(read(text), formula_cues().roles[formula])]


def test_the_nearest_cue_names_a_number() -> None:
    assert _roles("refund_effect", "账单1000退了300") == [(1000, "bill"), (300, "refund")]
    assert _roles("refund_effect", "1000元的账单，300块退款") == [(1000, "bill"), (300, "refund")]


def test_a_cue_names_one_number_only() -> None:
    assert _roles("interest_free_days", "28号消费15号出账") == [(28, "purchase"), (15, "bill")]


def test_the_longer_cue_wins_a_draw() -> None:
    assert _roles("limit_after_repayment", "临时额度500元") == [(500, "temporary")]


def test_the_one_falls_back_to_a_number_without_a_role_but_never_guesses() -> None:
    roles = formula_cues().roles["refund_effect"]
    assert the_one(roles_of(read("300块"), roles), "amount", "refund") is not None
    assert the_one(roles_of(read("300块"), roles), "amount", "refund", strict=True) is None
    assert the_one(roles_of(read("300块，500块"), roles), "amount", "refund") is None
    assert the_one(roles_of(read("退300，退500"), roles), "amount", "refund") is None
