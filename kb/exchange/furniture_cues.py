"""What single lines of a web page look like: a byline, a count, a neighbour link, a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

_CUES = Path(__file__).with_name("furniture.yaml")
_MARKDOWN_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKDOWN_LEAD = re.compile(r"^(?:#{1,6}\s+|[>*+\-•·]\s+)+")
_SENTENCE = re.compile(r"[。；;]|[！？!?…][”’」』）)\"']*\Z|[^\W\d_][.]\Z")
_AGO = r"昨天|今天|前天|刚刚|\d+\s*(?:分钟|小时|天|个月|年)前"
_DATE = rf"(?:(?:\d{{4}}\s*[年./\-]\s*)?\d{{1,2}}\s*[月./\-]\s*\d{{1,2}}\s*日?|{_AGO})"
_CLOCK = r"(?:(?:上午|下午|凌晨|晚上|中午|早上)?\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)"
_MOMENT = re.compile(rf"{_DATE}(?:\s*{_CLOCK})?|{_CLOCK}")
_BREADCRUMB = re.compile(r"[^>＞»›/]{1,20}(?:\s*[>＞»›]\s*[^>＞»›]{1,40}){1,}\Z")
_LINK_LENGTH = 60
_BYLINE_VALUE = 24


@dataclass(frozen=True, slots=True)
class Cues:
    """The word lists of ``furniture.yaml``."""

    contents: tuple[str, ...]
    leads: tuple[str, ...]
    terminal_leads: tuple[str, ...]
    neighbours: tuple[str, ...]
    actions: tuple[str, ...]
    counts: tuple[str, ...]
    bylines: tuple[str, ...]
    navigation: tuple[str, ...]
    legal: tuple[str, ...]
    site_words: tuple[str, ...]


@lru_cache(maxsize=1)
def cues() -> Cues:
    """Read the word lists once, longest words first so that the longest match wins."""
    data = yaml.safe_load(_CUES.read_text(encoding="utf-8"))
    return Cues(**{name: tuple(sorted(map(str, words), key=len, reverse=True)) for name, words in data.items()})


def bare(line: str) -> str:
    """Give the words of a line without Markdown marks, links and surrounding space."""
    return _MARKDOWN_LEAD.sub("", _MARKDOWN_LINK.sub(r"\1", line).strip()).strip("*_ \t\u3000")


def is_sentence(line: str) -> bool:
    """Tell whether a line is running text: sentence punctuation, or too long for a caption or a link."""
    text = bare(line)
    return len(text) > _LINK_LENGTH or (bool(_SENTENCE.search(text)) and not is_question_title(text))


def is_prose(text: str) -> bool:
    """Tell whether a line among links is the article again: headlines may have commas, but no full stop."""
    return len(text) > _LINK_LENGTH or bool(re.search(r"[。；;]", text))


def is_question_title(text: str) -> bool:
    """Tell whether sentence marks stand only at ends of questions and exclamations, as headlines have them."""
    return len(text) <= _LINK_LENGTH and not re.search(r"[。；;]|\.\Z", text) and "，" not in text


def is_link_only(line: str) -> bool:
    """Tell whether a Markdown line consists of links and separators."""
    return bool(_MARKDOWN_LINK.search(line)) and not re.search(r"\w", _MARKDOWN_LINK.sub("", line))


def lead_reason(text: str) -> str:
    """Say which block a line such as ``延展阅读：`` opens: "lead", "terminal" or nothing."""
    key = re.sub(r"[\s:：>》»【】\[\]|｜]+", "", text)
    if key in cues().terminal_leads:
        return "terminal"
    return "lead" if key in cues().leads else ""


def edge_reason(text: str) -> str:
    """Say why a line at the head or the tail of a page is furniture, in Chinese; empty when it is not."""
    words = cues()
    checks = (
        (_starts(text, words.neighbours, r"(?:\s|[:：→←»«]|\Z|" + _DATE + ")"), "上一篇/下一篇"),
        (_is_counts(text), "分享、点赞等计数"),
        (_is_byline(text), "日期或作者"),
        (_starts(text, words.actions, r"") and not is_sentence(text), "按钮或推广"),
        (any(word in text for word in words.legal), "版权或备案"),
        (text in words.navigation or _is_menu(text), "导航"),
        (len(text) >= 4 and text[: len(text) // 2] == text[len(text) // 2 :], "头像与名字重复"),
    )
    return next((reason for found, reason in checks if found), "")


def _starts(text: str, words: tuple[str, ...], behind: str) -> bool:
    return any(text.startswith(word) and re.match(behind, text[len(word) :]) for word in words)


def _is_counts(text: str) -> bool:
    """Only counters and share targets: ``(0)``, ``赞 12 收藏 3``, ``分享到：微信 微博``; a lone word may be a step."""
    rest, words = text, 0
    for word in cues().counts:
        words += rest.count(word)
        rest = rest.replace(word, " ")
    return (words > 1 or bool(re.search(r"\d", text))) and not re.sub(r"[\s\d()（）:：,.，+|｜·/kKwW万]+", "", rest)


def _is_byline(text: str) -> bool:
    """Only dates and labelled facts about the page: ``来源：某网  2024-12-20 10:00  阅读 123``."""
    rest = _MOMENT.sub(" ", text)
    dated = rest != text
    labels = "|".join(map(re.escape, cues().bylines))
    labelled = re.sub(rf"(?<![^\W\d_])(?:{labels})\s*(?:[:：|丨/]\s*\S{{0,{_BYLINE_VALUE}}}|\s*\d+)", " ", rest)
    rest = re.sub(rf"{'|'.join(map(re.escape, cues().counts))}|[\s\d()（）:：|｜·•,，\-—]+", "", labelled)
    return (dated or labelled != _MOMENT.sub(" ", text)) and len(rest) <= (8 if dated else 0)


def _is_menu(text: str) -> bool:
    """Recognise a breadcrumb, or several navigation words in one line."""
    words = re.split(r"[\s|｜/·>＞»›]+", text)
    known = sum(word in cues().navigation for word in words)
    return known >= 2 or bool(_BREADCRUMB.match(text) and (known or text.count(">") + text.count("＞") >= 2))
