"""What every `Embedder` must do, and how far the two may differ."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kb.embedding import Embedder, OnnxEmbedder, SentenceTransformerEmbedder, prepare

pytestmark = pytest.mark.model

QUESTIONS = [
    "月付怎么提前还款",
    "怎么提前还清本月账单？",
    "為什麼我的額度沒有了",
    "退货以后运费谁出",
    "今天天气真好",
    "你好",
    "WiFi 连不上，App 打不开 😀",
    "iPhone15 能用吗",
    "",
    " ",
    "？？？！！！",
    "12345",
]
LONG = "先打开应用，再点击右下角“我”，进入钱包，选择银行卡管理。" * 400
ODD = [
    LONG,
    "a" * 100_000,
    "👨‍👩‍👧" * 50,
    "\ud83d 孤立代理",
    "\x00\x07 控制字符\u200b",
    "привет 안녕 ሰላም",
    "<s></s><pad>",
    "\u3000" * 3000,
]


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def embedders(model_folder: Path) -> dict[str, Embedder]:
    # one thread each and small batches: other test processes may hold the second core
    torch_side = SentenceTransformerEmbedder(model_folder, threads=1, batch_size=8)
    return {"torch": torch_side, "onnx": OnnxEmbedder(model_folder, threads=1)}


@pytest.fixture(params=["torch", "onnx"])
def embedder(request: pytest.FixtureRequest, embedders: dict[str, Embedder]) -> Iterator[Embedder]:
    yield embedders[request.param]


def least_cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum(axis=1).min())


def test_attributes(embedder: Embedder) -> None:
    assert embedder.name
    assert embedder.dimension == 384
    assert len(bytes.fromhex(embedder.digest)) == 32


def test_digests_tell_the_implementations_apart(embedders: dict[str, Embedder]) -> None:
    assert embedders["torch"].digest != embedders["onnx"].digest


def test_rows_are_unit_float32(embedder: Embedder) -> None:
    for encode in (embedder.encode_queries, embedder.encode_passages):
        vectors = encode(QUESTIONS)
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(QUESTIONS), 384)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts(embedder: Embedder) -> None:
    for encode in (embedder.encode_queries, embedder.encode_passages):
        assert encode([]).shape == (0, 384)
        assert encode([]).dtype == np.float32


def test_order_is_kept_across_batches(embedder: Embedder) -> None:
    texts = [f"第{i}条：" + "还款" * (i * 7 % 23) for i in range(80)]
    vectors = embedder.encode_passages(texts)
    for i in (0, 1, 31, 32, 33, 63, 64, 79):
        assert int((vectors @ embedder.encode_passages([texts[i]])[0]).argmax()) == i


def test_batch_agrees_with_single(embedder: Embedder) -> None:
    single = np.concatenate([embedder.encode_queries([text]) for text in QUESTIONS])
    assert least_cosine(embedder.encode_queries(QUESTIONS), single) > 0.998


def test_queries_and_passages_differ(embedder: Embedder) -> None:
    assert float((embedder.encode_queries(["还款"]) * embedder.encode_passages(["还款"])).sum()) < 0.99


def test_deterministic(embedder: Embedder) -> None:
    assert (embedder.encode_queries(QUESTIONS) == embedder.encode_queries(QUESTIONS)).all()
    assert (embedder.encode_queries(QUESTIONS[:1]) == embedder.encode_queries(QUESTIONS[:1])).all()


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts(embedder: Embedder, text: str) -> None:
    vectors = embedder.encode_passages([text, "正常的句子"])
    assert np.isfinite(vectors).all()
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_long_text_is_cut_at_the_end(embedder: Embedder) -> None:
    assert least_cosine(embedder.encode_passages([LONG]), embedder.encode_passages([LONG + "完全不同的结尾"])) > 0.9999


def test_meaning(embedder: Embedder) -> None:
    query = embedder.encode_queries(["怎么提前把钱还上"])[0]
    scores = (
        embedder.encode_passages(["可以随时提前还款，不收手续费。", "明天多云转晴。", "请把面团醒发半小时。"]) @ query
    )
    assert int(scores.argmax()) == 0


def test_threads_share_one(embedder: Embedder) -> None:
    expected = [embedder.encode_queries([text]) for text in QUESTIONS]
    wrong: list[str] = []

    def work() -> None:
        for text, vector in zip(QUESTIONS, expected, strict=True):
            if not np.allclose(embedder.encode_queries([text]), vector, atol=1e-5):
                wrong.append(text)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []


@pytest.mark.parametrize("kind", ["encode_queries", "encode_passages"])
def test_implementations_agree(embedders: dict[str, Embedder], kind: str) -> None:
    exact, approximate = getattr(embedders["torch"], kind), getattr(embedders["onnx"], kind)
    expected = exact(QUESTIONS)
    assert least_cosine(np.concatenate([approximate([text]) for text in QUESTIONS]), expected) > 0.99
    assert least_cosine(approximate(QUESTIONS), expected) > 0.99


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_implementations_agree_on_odd_texts(embedders: dict[str, Embedder], text: str) -> None:
    vectors = [embedders[kind].encode_passages([text]) for kind in ("torch", "onnx")]
    assert least_cosine(*vectors) > 0.99
