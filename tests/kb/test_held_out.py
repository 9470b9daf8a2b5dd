import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.held_out import held_out

TEXTS = [f"抖音月付第{n}个怎么{verb}" for n in range(20) for verb in ("开通", "关闭", "还款", "官币", "提前结清")]


def test_the_choice_is_fixed_for_ever() -> None:
    # a build tells by it what training has not seen: another rule would make old weights look better than they are
    digest = hashlib.sha256(b"yue fu zen me kai tong").hexdigest()
    share = int(digest[:8], 16) / 2**32

    assert not held_out("月付怎么开通", share)
    assert held_out("月付怎么开通", share + 1e-9)


def test_homophones_go_together() -> None:
    for text in TEXTS:
        assert held_out(text) == held_out(text.replace("付", "服").replace("关闭", "官币")) == held_out(f"{text}？！")


def test_about_a_fifth_is_held_out() -> None:
    texts = [
        f"{a}{b}{c}"
        for a in "天地玄黄宇宙洪荒日月盈昃辰宿列张"
        for b in "寒来暑往秋收冬藏"
        for c in "金生丽水玉出昆冈剑号巨阙"
    ]
    share = np.mean([held_out(text) for text in texts])

    assert share == pytest.approx(0.2, abs=0.03)  # 1536 texts: three standard errors
    assert np.mean([held_out(text, 0.5) for text in texts]) == pytest.approx(0.5, abs=0.04)


@given(st.text(max_size=10), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_holds_more_out(text: str, one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert held_out(text, high) or not held_out(text, low)
    assert not held_out(text, 0.0)
    assert held_out(text, 1.0)
