"""The full counts: ``make stress``, or a part of it: ``python -m stress kill --kills 300`` with ``tests`` on the path."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from assistant.reply import Assistant
from kb.paths import shipped_corpus
from kb.units import Role
from kb.workspace import Workspace
from stress import faults, fuzz, kill, office, soak
from stress.records import Result, write

Options = argparse.Namespace


def main() -> int:
    """Run the chosen parts, print a line for each and write everything as JSON; status 1 where anything went wrong."""
    options = _options()
    results = []
    for name in options.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="zhida-stress-") as folder:
            result = PARTS[name](options, Path(folder))
        results.append(result)
        _say(result.line(), *(f"  {fault}" for fault in result.faults))
        write(options.json, results)
    _say(f"结果写入 {options.json}")
    return int(any(result.faults for result in results) or _load(options))


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="make stress", description="全量的中断、故障、模糊与长时间测试")
    parser.add_argument("parts", nargs="*", metavar="项目", help=f"只跑其中几项：{'、'.join(PARTS)}；默认全部")
    parser.add_argument("--seed", type=int, default=20261126, help="随机种子")
    parser.add_argument("--kills", type=int, default=300, help="kill -9 次数")
    parser.add_argument("--rounds", type=int, default=20, help="每种故障的次数")
    parser.add_argument("--questions", type=int, default=100_000, help="生成的问题数")
    parser.add_argument("--documents", type=int, default=2_000, help="生成的文档数")
    parser.add_argument("--entries", type=int, default=10_000, help="知识库页面的条目数")
    parser.add_argument("--pages", type=int, default=200, help="文章页数")
    parser.add_argument("--traffic", type=float, default=60.0, help="一边提问一边回退的秒数")
    parser.add_argument("--minutes", type=float, default=30.0, help="长时间运行的分钟数")
    parser.add_argument("--rate", type=float, default=0.0, help="每秒提问数；0 为实测能力的八成")
    parser.add_argument("--store", type=Path, default=Path(".store"), help="随附知识库的索引")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/stress.json"), help="结果文件")
    options = parser.parse_args()
    if unknown := sorted({*options.parts} - {*PARTS}):
        parser.error(f"没有 {'、'.join(unknown)} 这一项，可选：{'、'.join(PARTS)}")
    return options


def _kill(options: Options, folder: Path) -> Result:
    return kill.run(folder, options.kills, seed=options.seed)


def _faults(options: Options, folder: Path) -> Result:
    return faults.run(folder, options.rounds, seed=options.seed)


def _questions(options: Options, _folder: Path) -> Result:
    opened = Workspace(shipped_corpus(), options.store).open_fresh()
    return fuzz.fuzz_questions(Assistant(opened.knowledge, opened.searcher), options.questions, seed=options.seed)


def _documents(options: Options, folder: Path) -> Result:
    return fuzz.fuzz_documents(folder, options.documents, seed=options.seed)


def _soak(options: Options, _folder: Path) -> Result:
    opened = Workspace(shipped_corpus(), options.store, threads=os.cpu_count() or 1).open_fresh()
    forms = [row.text for row in opened.searcher.index.rows if row.role is Role.FORM]
    return soak.run(options.store, forms, minutes=options.minutes, rate=options.rate, seed=options.seed)


def _office(options: Options, folder: Path) -> Result:
    return office.run(folder, options.entries, options.pages, options.traffic, seed=options.seed)


def _load(options: Options) -> bool:
    """Run the test of many users at once where it is there and everything is run; tell whether it failed."""
    if options.parts or importlib.util.find_spec("stress.load") is None:
        return False
    return subprocess.run([sys.executable, "-m", "stress.load"], check=False).returncode != 0  # noqa: S603 - our own


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


PARTS: Mapping[str, Callable[[Options, Path], Result]] = {
    "kill": _kill,
    "faults": _faults,
    "questions": _questions,
    "documents": _documents,
    "office": _office,
    "soak": _soak,
}

if __name__ == "__main__":
    sys.exit(main())
