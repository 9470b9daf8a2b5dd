from lint_bench import Workbench

LONG = "先打开抖音登录账号再点右下角的我进入钱包找到月付入口按提示验证身份然后提交等待审核通过"


def test_near_forms_of_two_entries(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "我想开通月付", LONG)
    bench.add(alternates=[LONG.replace("等待", "等着"), *"甲乙丙丁戊"])

    found = bench.only()

    assert (found.severity, found.code, found.line) == ("warning", "near-form", 3)
    assert "extra" in found.message
    assert "faq/a.yaml:15" in found.message


def test_near_form_and_exemplar(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "我想开通月付", LONG)
    bench.change("boundaries/b.yaml", "早上好", LONG[:-1])

    assert "边界「bd-hello」" in bench.only().message


def test_near_answers(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "在钱包里点抖音月付，按提示验证身份。", LONG)
    bench.add(answer=f"{LONG}打开抖音点我的钱吧")

    found = bench.only()

    assert (found.code, found.line) == ("near-answer", 5)
