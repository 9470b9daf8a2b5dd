from lint_bench import Workbench


def test_unknown_fact_of_an_entry(bench: Workbench) -> None:
    bench.add(facts=["F050", "F999"])

    found = bench.only()

    assert (found.code, found.line) == ("unknown-fact", 17)
    assert "F999" in found.message


def test_unknown_fact_of_a_section(bench: Workbench) -> None:
    bench.change("articles/art.md", "F050", "F050, F998")

    found = bench.only()

    assert (found.code, found.file, found.line) == ("unknown-fact", "articles/art.md", 10)


def test_without_a_fact_sheet_no_fact_is_unknown(bench: Workbench) -> None:
    (bench.folder / "facts.md").unlink()

    assert bench.lint() == ()


def test_more_than_eight_facts(bench: Workbench) -> None:
    sheet = "".join(f"| F{number:03d} | 事 | 中 | | S0 |\n" for number in range(50, 60))
    bench.write("facts.md", sheet)
    nine = [f"F{number:03d}" for number in range(50, 59)]
    bench.add(facts=nine)
    bench.change("articles/art.md", "F050", ", ".join([*nine, "F059"]))

    found = bench.lint()

    assert [(item.code, item.file) for item in found] == [
        ("too-many-facts", "faq/a.yaml"),
        ("too-many-facts", "articles/art.md"),
    ]


def test_eight_facts_are_fine(bench: Workbench) -> None:
    eight = [f"F{number:03d}" for number in range(50, 58)]
    bench.write("facts.md", "".join(f"| {name} | 事 | 中 | | S0 |\n" for name in eight))
    bench.add(facts=eight)

    assert bench.lint() == ()


def test_unused_fact(bench: Workbench) -> None:
    bench.write("facts.md", "| F001 | 没人提 | 中 | | S0 |\n| F050 | 先登录 | 中 | | S0 |\n")

    found = bench.only()

    assert (found.severity, found.code, found.file, found.line) == ("warning", "unused-fact", "facts.md", 1)


def test_a_perishable_fact_needs_a_date(bench: Workbench) -> None:
    bench.add(valid_until=None)

    found = bench.only()

    assert (found.code, found.line) == ("no-valid-until", 17)


def test_a_lasting_fact_does_not(bench: Workbench) -> None:
    bench.change("facts.md", "⏳ ", "")
    bench.add(valid_until=None)

    assert bench.lint() == ()
