"""The command line ``zhida``."""

from assistant.cli.main import main

__all__ = ["main"]
