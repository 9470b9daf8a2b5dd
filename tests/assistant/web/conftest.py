from __future__ import annotations

from pathlib import Path

import pytest
from account_fakes import PASSWORD

from assistant.accounts import Accounts, passwords


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    """An editor and one of the staff, whose passwords cost no time."""
    monkeypatch.setattr(passwords, "_COST", 2)
    made = Accounts(tmp_path)
    made.add("ann", "editor", PASSWORD)
    made.add("bob", "staff", PASSWORD)
    return made
