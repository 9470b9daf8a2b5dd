"""A deterministic encoder and a tiny corpus, shared by the unit tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from kb.index import Index, build_index
from kb.query import Analyzer
from kb.units import Layout, Role
from kb.vectors import Table

DIMENSION = 48


class FakeEmbedder:
    """Texts that share characters and pairs of them lie near each other; every gram's direction comes from its hash.

    ``asked`` and ``told`` list what was embedded as a query and as a passage, in order.
    """

    def __init__(self, name: str = "fake", dimension: int = DIMENSION) -> None:
        self.name = name
        self.dimension = dimension
        self.digest = hashlib.sha256(f"{name} {dimension}".encode()).hexdigest()
        self.asked: list[str] = []
        self.told: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.extend(texts)
        return self._encode(texts, "")

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.told.extend(texts)
        return self._encode(texts, "passage ")

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension))
        for place, text in enumerate(texts):
            vectors[place] = 0.3 * _direction(f"{self.name} {prompt}", self.dimension)
            for gram in (*text, *(text[i : i + 2] for i in range(len(text) - 1))):
                vectors[place] += _direction(f"{self.name} {gram}", self.dimension)
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def embed_rows(layout: Layout, embedder: FakeEmbedder | None = None) -> NDArray[np.float32]:
    """Vectors of a layout's rows, shape (rows, d), each with the prompt of its role."""
    fake = embedder or FakeEmbedder()
    return np.vstack(
        [(fake.encode_passages if row.role is Role.TEXT else fake.encode_queries)([row.text])[0] for row in layout.rows]
    )


def index_of(layout: Layout, vectors: NDArray[np.float32], analyzer: Analyzer) -> Index:
    """An index over a layout, its rows analysed."""
    return build_index(layout, vectors, [analyzer.analyse(row.text) for row in layout.rows])


def bare_table(vectors: NDArray[np.float32]) -> Table:
    """What a vector engine is given of vectors that nothing else is known of."""
    zeros = np.zeros(len(vectors), dtype=np.int8)
    return Table(vectors, [{}] * len(vectors), zeros, zeros, [""] * len(vectors))


@lru_cache(maxsize=50_000)
def _direction(gram: str, dimension: int) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(gram.encode("utf-8", "surrogatepass")).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dimension)


_PATTERNS = (
    "月付怎么{}",
    "如何{}抖音月付",
    "想{}月付去哪里点",
    "月付 {} 步骤",
    "请问在哪个页面{}月付",
    "我昨天想{}月付没有找到入口",
)
# id → standard question, the words that its forms say, facts, category
_TOPICS: Mapping[str, tuple[str, tuple[str, str], list[str], str]] = {
    "open": ("抖音月付怎么开通", ("开通", "激活"), ["F001", "F002"], "开通"),
    "close": ("抖音月付怎么关闭", ("关闭", "关掉"), ["F010"], "关闭"),
    "repay": ("抖音月付怎么还款", ("还款", "还钱"), ["F020", "F021"], "还款"),
    "limit": ("抖音月付额度在哪里看", ("查额度", "看额度"), ["F030"], "额度"),
    "bill": ("抖音月付账单日是几号", ("查账单日", "看出账日"), ["F040"], "账单"),
    "early": ("抖音月付可以提前还款吗", ("提前还清", "提前结清"), ["F021"], "还款"),
}
_BOUNDARIES = [
    {
        "id": "bd-other",
        "kind": "other_product",
        "expect": "refuse",
        "exemplars": [
            "花呗怎么关闭",
            "花呗在哪里还款",
            "京东白条怎么开通",
            "白条额度怎么看",
            "借呗能提前还吗",
            "花呗账单日几号",
        ],
    },
    {
        "id": "bd-human",
        "kind": "human",
        "expect": "handoff",
        "exemplars": ["转人工", "我要找真人客服", "给我接一个客服", "人工服务", "让人来跟我说", "客服电话给我转过去"],
    },
    {
        "id": "bd-chat",
        "kind": "greeting",
        "expect": "smalltalk",
        "exemplars": ["你好", "早上好呀", "在吗在吗", "谢谢你", "今天天气真好", "讲个笑话听听"],
    },
]
ARTICLE = """---
id: art-open
title: 抖音月付开通说明
category: 开通
checked_on: 2026-11-23
---
# 抖音月付开通说明

先看有没有入口。

## 一、开通条件
<!-- facts: F001, F003 -->
年满十八岁，完成实名认证。

## 二、开通步骤
<!-- facts: F002 -->
打开钱包，点月付，按提示同意协议。
"""
FACTS = """# 事实

| 编号 | 事实 | 置信 | 口径 | 来源 |
|---|---|---|---|---|
| F001 | 须年满十八岁 | 高 | 以页面为准 | s1 s2 |
| F002 | 在钱包里开通 | 中 | | s3 |
"""
LEXICON = {
    "words.txt": "# 产品\n抖音月付\n月付  # 简称\n花呗\n账单日\n",
    "stopwords.txt": "的\n吗\n请问\n",
    "aliases.yaml": "抖音月付: [月付, dou分期]\n",
    "typos.yaml": "月付: [月服, 月负]\n还款: [环款]\n",
    "synonyms.yaml": "- [开通, 激活]\n- [关闭, 关掉]\n",
    "slots.yaml": "product:\n  抖音月付: [月付]\n  花呗: [花呗]\naction:\n  开通: [开通, 激活]\n  关闭: [关闭, 关掉]\n",
}


def entries() -> list[dict[str, object]]:
    """The FAQ rows of the tiny corpus, as a file would hold them."""
    rows: list[dict[str, object]] = []
    for name, (question, words, facts, category) in _TOPICS.items():
        alternates = [pattern.format(word) for word in words for pattern in _PATTERNS]
        answer = {
            "short": f"{question}：以页面为准。",
            "detail": f"{category}的说明。",
            "steps": ["打开钱包", "点月付"],
        }
        rows.append(
            {"id": name, "question": question, "alternates": alternates, "answer": answer}
            | {"facts": facts, "category": category, "kind": "steps"}
        )
    rows[0]["negatives"] = ["花呗怎么开通"]
    return rows


def write_corpus(folder: Path, rows: Sequence[Mapping[str, object]] | None = None, *, boundaries: bool = True) -> Path:
    """Write the tiny corpus: five entries in YAML and the rest in JSONL, an article, boundaries, lexicon and facts."""
    rows = entries() if rows is None else rows
    for part in ("faq", "articles", "boundaries", "lexicon"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    _write(folder / "faq" / "a.yaml", yaml.safe_dump(list(rows[:5]), allow_unicode=True, sort_keys=False))
    _write(folder / "faq" / "b.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows[5:]))
    _write(folder / "articles" / "open.md", ARTICLE)
    if boundaries:
        _write(folder / "boundaries" / "all.yaml", yaml.safe_dump(_BOUNDARIES, allow_unicode=True))
    for name, text in LEXICON.items():
        _write(folder / "lexicon" / name, text)
    _write(folder / "facts.md", FACTS)
    return folder


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
