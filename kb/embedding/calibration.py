"""Find the few outsize activation channels of the encoder, so that int8 products can spare the others.

Which channels are outsize is a property of the weights, hardly of the texts: a handful of sentences finds them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kb.embedding.graph import PROBES, Shape, State, build
from kb.embedding.layout import INPUTS, PROMPTS

# How many times the median channel's peak is outsize, by the product that the channel goes into. With 2.5 for all of
# them the mean cosine of 1,500 questions to float32 was 0.9991, with these 0.9993; the feed-forward products lose again
# below 3 and above 6.
_OUTSIZE = {"qkv": 2.0, "fi": 4.0, "fo": 4.0}

SENTENCES = (
    "怎么提前还款？",
    "为什么我的额度突然没有了",
    "忘记密码了，手机号也换了，该怎么登录",
    "退货以后钱什么时候到账",
    "能不能开通一下分期付款",
    "這筆訂單可以取消嗎",
    "你好，在吗？我想问个问题。",
    "今天天气真不错，适合出去走走",
    "iPhone 15 和安卓手机都能用这个 App 吗",
    "利息是按天算还是按月算，年化利率 7.2% 是多少钱",
    "如果在还款日当天 24:00 前没有足额还清，会产生逾期费用，并可能影响个人信用记录。",
    "打开应用，点击右下角“我”，进入“我的钱包”，选择“银行卡管理”，再按提示完成身份验证。",
    "商家发货后，系统会在七个工作日内自动确认收货；对商品质量有异议的，请保留照片并尽快联系客服处理。",
    "第一条 为了保护消费者的合法权益，维护社会经济秩序，促进市场健康发展，制定本办法。",
    "据气象台预报，明天夜间到后天白天有小到中雨，气温在十八度到二十五度之间，出门请带伞。",
    "先把面粉和水按二比一的比例混合，揉成光滑的面团，盖上湿布醒发半小时，然后擀成薄片。",
    "The order was shipped yesterday and should arrive within three days.",
    "12345 67890 ￥99.90 2024-05-01",
)


def token_rows(tokenizer: Tokenizer) -> list[NDArray[np.int64]]:
    """Return the calibration sentences as (1, tokens) arrays, each with both prompts."""
    return [
        np.array([tokenizer.encode(prompt + sentence).ids], np.int64)
        for sentence in SENTENCES
        for prompt in PROMPTS.values()
    ]


def session(model: bytes) -> onnxruntime.InferenceSession:
    """Open a serialised model on one CPU thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def smoothing(
    state: State, shape: Shape, rows: Sequence[NDArray[np.int64]]
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32]]:
    """Return the divisor of every input channel of every smoothed product, and the float32 embeddings of `rows`.

    A divisor is 1 for an ordinary channel and the channel's peak over so many medians for an outsize one.
    """
    probes = [f"l{layer}.{probe}" for layer in range(shape.layers) for probe in PROBES]
    runner = session(build(state, shape, None, probes).SerializeToString())
    peaks: dict[str, NDArray[np.float32]] = {}
    embeddings = []
    for ids in rows:
        first, *seen = runner.run(None, dict(zip(INPUTS, (ids, np.ones_like(ids)), strict=True)))
        embeddings.append(first[0])
        for name, values in zip(probes, seen, strict=True):
            peak = np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
            peaks[name] = np.maximum(peak, peaks.get(name, peak))
    return {name: _divisors(name, peak) for name, peak in peaks.items()}, np.stack(embeddings)


def _divisors(name: str, peak: NDArray[np.float32]) -> NDArray[np.float32]:
    most = _OUTSIZE[name.partition(".")[2]] * float(np.median(peak))
    divisors: NDArray[np.float32] = np.maximum(peak / most, 1.0, dtype=np.float32)
    return divisors
