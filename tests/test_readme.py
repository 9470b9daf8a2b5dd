"""The README tells of every command and every option of ``zhida``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from assistant.cli.main import app

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
_TOP = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a Typer of commands makes a group
_COMMANDS = {
    f"{name} {sub}".strip(): inner
    for name, command in _TOP.items()
    for sub, inner in (getattr(command, "commands", None) or {"": command}).items()
}
_OPTIONS = sorted(
    {
        (name, option)
        for name, command in _COMMANDS.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }
)


@pytest.mark.parametrize("name", sorted(_COMMANDS))
def test_every_command_stands_in_the_readme(name: str) -> None:
    group, _, sub = name.rpartition(" ")
    assert re.search(rf"\bzhida {name}\b", README) or (
        re.search(rf"\bzhida {group}\b.*`{sub}`", README) if group else False
    )


@pytest.mark.parametrize("option", sorted({option for _, option in _OPTIONS}))
def test_every_option_stands_in_the_readme(option: str) -> None:
    takers = "、".join(name for name, taken in _OPTIONS if taken == option)
    assert re.search(rf"{option}(?![\w-])", README), f"{option} of {takers}"


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    named = set(re.findall(r"\bzhida ([a-z][\w-]*)", README))
    assert named <= set(_TOP)


def test_every_command_and_option_has_a_help_text_in_chinese() -> None:
    texts = {name: command.help or "" for name, command in _COMMANDS.items()}
    texts |= {
        f"{name} {parameter.name}": getattr(parameter, "help", "") or ""
        for name, command in _COMMANDS.items()
        for parameter in command.params
        if parameter.name != "help"
    }
    assert [name for name, text in texts.items() if not re.search(r"[\u4e00-\u9fff]", text)] == []
