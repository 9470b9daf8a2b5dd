"""Rules of wording, from ``policy.yaml``: which telephone numbers may stand in a text, which figures and claims may not."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kb.errors import CorpusError
from kb.lint.findings import Finding, finding
from kb.lint.rows import read_text
from kb.lint.source import Lined, Source
from kb.records import FaqEntry, StructuredAnswer

# Name of the file, beside the parts of a corpus.
POLICY = "policy.yaml"

_SENTENCE = re.compile(r"[^。！？；!?;\n]+")
# Punctuation stays: a Chinese comma ends the reach of many a pattern.
_HALF_WIDTH = {ord(char) + 0xFEE0: char for char in string.digits + string.ascii_letters + "%"}
_NOT_DIGIT = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Rule:
    """What an answer must not say.

    It is read on answers that cite one of ``facts`` or belong to one of ``categories``, on all where neither is given;
    a sentence breaks it when a pattern matches and ``unless`` (a denial, a warning) does not.
    """

    id: str
    message: str
    patterns: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None = None
    facts: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()

    def covers(self, entry: FaqEntry) -> bool:
        """Tell whether the rule is read on this entry."""
        if not self.facts and not self.categories:
            return True
        return entry.category in self.categories or not self.facts.isdisjoint(entry.facts)

    def broken_by(self, sentence: str) -> bool:
        """Tell whether one sentence says what it must not."""
        if self.unless and self.unless.search(sentence):
            return False
        return any(pattern.search(sentence) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a corpus; without ``policy.yaml`` there are none."""

    phones: tuple[re.Pattern[str], ...] = ()
    allowed: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = ()


def load_policy(path: Path) -> Policy:
    """Read ``policy.yaml``: ``phones: {allowed, patterns}`` and ``rules: [{id, message, patterns, unless?, …}]``.

    Raises:
        CorpusError: the file does not parse, has another shape, or a pattern is no regular expression.
    """
    if not path.exists():
        return Policy()
    text = read_text(path)
    try:
        data = yaml.safe_load(text) or {}
        phones = data.get("phones") or {}
        return Policy(
            phones=_patterns(phones.get("patterns")),
            allowed=frozenset(map(str, phones.get("allowed") or ())),
            rules=tuple(_rule(row) for row in data.get("rules") or ()),
        )
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, re.error) as error:
        raise CorpusError(
            f"{path}: {error}", user_message=f"{path.name} 读不懂：{error}。请检查缩进、字段和正则。"
        ) from error


def _rule(row: Mapping[str, object]) -> Rule:
    unless = row.get("unless")
    return Rule(
        id=str(row["id"]),
        message=str(row["message"]),
        patterns=_patterns(row["patterns"]),
        unless=re.compile(str(unless)) if unless else None,
        facts=frozenset(_texts(row.get("facts"))),
        categories=frozenset(_texts(row.get("categories"))),
    )


def _patterns(value: object) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text) for text in _texts(value))


def _texts(value: object) -> Sequence[str]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise TypeError(f"not a list: {value!r}")
    return [str(item) for item in value]


def strange_phones(source: Source, policy: Policy) -> Iterator[Finding]:
    """Numbers in answers and articles that look like a hotline and are not on the list."""
    for lined in source.active:
        for part in parts_of(lined.record.answer):
            for number in strange_numbers(part, policy):
                yield finding(
                    "phone", lined.row.at("answer", part), f"「{lined.record.id}」里的号码 {number} 不在许可名单里"
                )
    for article in source.articles:
        for at, line in _lines(article.document.text):
            for number in strange_numbers(line, policy):
                yield finding("phone", article.at(at), f"文章「{article.document.id}」里的号码 {number} 不在许可名单里")


def strange_numbers(text: str, policy: Policy) -> list[str]:
    """List the numbers of a text that look like a hotline and are not allowed."""
    plain = text.translate(_HALF_WIDTH)
    found = [match.group(match.lastindex or 0) for pattern in policy.phones for match in pattern.finditer(plain)]
    return [number for number in dict.fromkeys(found) if _NOT_DIGIT.sub("", number) not in policy.allowed]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.split("\n"):
        yield at, line
        at += len(line) + 1


def broken_rules(source: Source, policy: Policy) -> Iterator[Finding]:
    """Sentences of answers that say what the policy forbids."""
    for lined in source.active:
        for rule in policy.rules:
            if rule.covers(lined.record):
                yield from _broken(lined, rule)


def _broken(lined: Lined[FaqEntry], rule: Rule) -> Iterator[Finding]:
    for part in parts_of(lined.record.answer):
        for sentence in _SENTENCE.findall(part.translate(_HALF_WIDTH)):
            if rule.broken_by(sentence):
                message = f"「{lined.record.id}」违反口径 {rule.id}（{rule.message}）：{sentence.strip()}"
                yield finding("policy", lined.row.at("answer", part), message)


def parts_of(answer: StructuredAnswer) -> tuple[str, ...]:
    """Every text of an answer that a user may read, in order."""
    causes = [text for cause in answer.causes for text in (cause.text, cause.next)]
    return tuple(part for part in (answer.short, answer.detail, *answer.steps, *causes) if part)
