"""`docker-compose.yml` starts the programs with options that they have, and one office alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
import yaml

from assistant.cli.main import app

_DEPLOY = Path(__file__).parents[2] / "deploy"


def commands() -> dict[str, list[str]]:
    """What each service of ours runs; the image's own command where it names none."""
    services: dict[str, Any] = yaml.safe_load((_DEPLOY / "docker-compose.yml").read_text("utf-8"))["services"]
    (image,) = [line for line in (_DEPLOY / "Dockerfile").read_text("utf-8").split("\n") if line.startswith("CMD ")]
    own = yaml.safe_load(image.removeprefix("CMD "))
    return {name: service.get("command", own) for name, service in services.items() if service["image"] == "zhida"}


def options(command: list[str]) -> dict[str, Any]:
    program, name, *arguments = command
    assert program == "zhida"
    known = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]  # a Typer of commands makes a group
    return dict(known.make_context(name, arguments).params)


def test_the_office_alone_opens_accounts_and_drafts() -> None:
    found = {name: options(command) for name, command in commands().items()}
    assert found.keys() == {"build", "web", "office"}
    assert [name for name, given in found.items() if given.get("no_office") is False] == ["office"]
    assert {(given["host"], given["port"]) for given in (found["web"], found["office"])} == {("0.0.0.0", 7860)}  # noqa: S104 - compared
