from pathlib import Path

import pytest
from lint_bench import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path / "corpus")
