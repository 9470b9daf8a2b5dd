"""Launches the web app: ``python app.py [OPTIONS]``, with the options and variables of ``zhida serve``."""

from __future__ import annotations

import sys

from assistant.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "serve")
    main()
