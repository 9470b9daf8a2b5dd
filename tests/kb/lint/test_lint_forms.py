from lint_bench import Workbench


def test_same_form_in_two_entries(bench: Workbench) -> None:
    bench.add(question="怎麼開通，月付？")

    found = bench.only()

    assert (found.code, found.line) == ("same-form", 14)
    assert "open" in found.message


def test_every_entry_with_the_form_is_named(bench: Workbench) -> None:
    bench.add(question="怎么开通月付")
    bench.add(id="third", question="怎么开通月付", alternates=list("甲乙丙丁戊己"), answer="另一种话")

    assert [found.code for found in bench.lint() if found.severity == "error"] == ["same-form", "same-form"]


def test_a_form_twice_in_one_entry_is_no_collision(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "alternates: [", "alternates: [怎么开通月付？, ")

    assert bench.lint() == ()


def test_form_is_boundary(bench: Workbench) -> None:
    bench.change("boundaries/b.yaml", "早上好", "如何申请月付！")

    found = bench.only()

    assert (found.code, found.file, found.line) == ("form-is-boundary", "faq/a.yaml", 3)
    assert "bd-hello" in found.message
    assert "boundaries/b.yaml:6" in found.message


def test_form_is_its_own_negative(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "怎么关闭月付", "我想，开通月付")

    found = bench.only()

    assert (found.code, found.line) == ("form-is-negative", 4)


def test_a_form_may_be_the_negative_of_another_entry(bench: Workbench) -> None:
    bench.add(question="怎么关闭月付")

    assert bench.lint() == ()


def test_forms_without_a_word_do_not_collide(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "alternates: [", 'alternates: ["？？？", ')
    bench.change("boundaries/b.yaml", "早上好", '"！！！"')

    assert bench.lint() == ()
