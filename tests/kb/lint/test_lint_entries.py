from lint_bench import Workbench


def test_missing_id(bench: Workbench) -> None:
    bench.add(id=None, question="'问'")

    found = bench.only()

    assert (found.code, found.line) == ("missing-id", 13)


def test_reused_id(bench: Workbench) -> None:
    bench.add(id="open")

    found = bench.only()

    assert (found.code, found.line) == ("reused-id", 13)
    assert "faq/a.yaml:1" in found.message


def test_an_entry_may_not_have_the_id_of_an_article_or_boundary(bench: Workbench) -> None:
    bench.add(id="art")
    bench.change("boundaries/b.yaml", "bd-hello", "open")

    assert bench.codes() == ["reused-id", "reused-id"]


def test_reused_fact_id(bench: Workbench) -> None:
    bench.write("facts.md", "| F050 | 一 | 中 | | S0 |\n| F050 | 二 | 中 | | S0 |\n")

    found = bench.only()

    assert (found.code, found.file, found.line) == ("reused-id", "facts.md", 2)


def test_kind_steps_without_steps(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "    steps: [打开抖音, 点我的钱包]\n", "")

    found = bench.only()

    assert (found.code, found.line) == ("no-steps", 7)


def test_expired(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "2027-05-31", "2026-11-30")
    bench.add(valid_until="2026-01-31")

    assert [(found.code, found.line) for found in bench.lint()] == [("expired", 19), ("expired", 12)]


def test_valid_on_its_last_day(bench: Workbench) -> None:
    bench.change("faq/a.yaml", "2027-05-31", "2026-12-01")

    assert bench.lint() == ()


def test_never_checked(bench: Workbench) -> None:
    bench.add(checked_on=None)
    bench.change("articles/art.md", "checked_on: 2026-11-23\n", "")

    assert [(found.code, found.file) for found in bench.lint()] == [
        ("never-checked", "faq/a.yaml"),
        ("never-checked", "articles/art.md"),
    ]


def test_few_alternates(bench: Workbench) -> None:
    bench.add(alternates=["看看我的额度"])

    found = bench.only()

    assert (found.severity, found.code, found.line) == ("warning", "few-alternates", 15)


def test_disabled_entries_are_left_in_peace(bench: Workbench) -> None:
    bench.add(question="怎么开通月付", alternates=[], checked_on=None, valid_until=None, kind="steps", enabled="false")
    bench.change("faq/a.yaml", "enabled: 'false'", "enabled: false")

    assert bench.lint() == ()
