"""YAML text to plain data: the safe loader, in C where it was built. yaml's loaders are chosen here and nowhere else."""

from __future__ import annotations

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> object:
    """Parse one document.

    Raises:
        yaml.YAMLError: it does not parse.
        ValueError: it holds a date that does not exist.
    """
    return yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader
