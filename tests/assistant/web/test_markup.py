from __future__ import annotations

import re
import string

from hypothesis import given
from hypothesis import strategies as st

from assistant.web.markup import block, button, escape, highlighted, literal, notice, tame


@given(st.text())
def test_escaped_text_holds_no_markup_and_no_template(text: str) -> None:
    assert not set(escape(text)) & set("<>\"'{}$`\\")
    assert "\n" not in block(text)


@given(st.text(alphabet=string.punctuation + "ab 月付\n"))
def test_literal_markdown_escapes_every_sign(text: str) -> None:
    assert not re.search(r"[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", literal(text)))


def test_leading_blanks_do_not_make_a_code_block() -> None:
    assert literal("    四格") == "\u00a0" * 4 + "四格"


def test_a_reply_keeps_its_formatting_but_no_html_image_or_link() -> None:
    tamed = tame("**粗** <img src=x> ![图](https://x.cn/a.png) [点](javascript:alert(1)) https://x.cn &lt;")
    assert tamed.startswith("**粗** &lt;img") and "](" not in tamed and "://" not in tamed and "&amp;lt;" in tamed


def test_a_button_says_in_a_class_what_it_does() -> None:
    assert button("cite", "<b>", 3, 1, css="x") == (
        '<button type="button" class="zd-button x zd-do--cite--3--1">&lt;b&gt;</button>'
    )


def test_no_problem_takes_no_room() -> None:
    assert notice("") == "" and "坏&lt;" in notice("坏<")


def test_highlighting_escapes_and_marks_the_longest_word() -> None:
    assert highlighted("抖音月付<怎么>开", ["月付", "抖音月付", " "]) == "<mark>抖音月付</mark>&lt;怎么&gt;开"
    assert highlighted("APP里的app", ["App"]) == "<mark>APP</mark>里的<mark>app</mark>"
    assert highlighted("<b>", []) == "&lt;b&gt;"
