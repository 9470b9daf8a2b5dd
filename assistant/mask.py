"""Personal numbers out of a text before it is stored, logged or shown to anybody else.

Digits are found whatever their script (full-width, circled) and although spaces or dashes split them. What names nobody
stays: public hotlines, amounts, dates.
"""

from __future__ import annotations

import re
import unicodedata

from assistant.cues import hotlines

PHONE, IDENTITY, CARD, ORDER, MAIL, NUMBER = "【手机号】", "【证件号】", "【卡号】", "【单号】", "【邮箱】", "【号码】"

# Between two digits of one number: blanks, dashes, dots and invisible characters, at most two of them.
_GAP = r"[ \t\u00a0\u3000\u00ad\u200b-\u200f\u2010-\u2015\u2060\ufeff.·_\-\u2212\uff0d]{0,2}"
# Not in the midst of a longer number that is split.
_START = r"(?<!\d)(?<!\d[ \t\u00a0\u3000\u00ad\u200b-\u200f\u2010-\u2015\u2060\ufeff.·_\-\u2212\uff0d])"
_KEEP = "\ufffc"
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?:[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|年\d{1,2}月(?:\d{1,2}[日号])?)"
    r"(?: \d{1,2}:\d\d(?::\d\d)?(?!\d))?"
)
_AMOUNT = re.compile(
    r"[¥￥]\s?\d{1,10}(?:\.\d+)?(?!\d)|(?<!\d)(?<!\d[ \-])\d{1,10}(?:\.\d{1,2})?(?=\s?[元块万千百]|\s?%|\s?天)"
)
_MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}\s?[@＠]\s?[A-Za-z0-9\-]+(?:\s?[.．。]\s?[A-Za-z0-9\-]+)+"
)
_PREFIXED = re.compile(rf"(?:\+|(?<!\d)00)\s?86{_GAP}1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")
_WHOLE_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_PHONE = re.compile(rf"(?<!\d)1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")
_LANDLINE = re.compile(
    rf"(?<!\d)\(?0\d{{2,3}}\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)|(?<!\d)09\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{3}}(?!\d)"
)
_IDENTITY = re.compile(
    rf"{_START}[1-9](?:{_GAP}\d){{5}}{_GAP}(?:1{_GAP}9|2{_GAP}0)(?:{_GAP}\d){{9}}{_GAP}(?:\d(?!{_GAP}\d)|[Xx])"
    rf"|{_START}\d(?:{_GAP}\d){{16}}{_GAP}[Xx]"
)
_LONG = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{12,}}|\d{{11,}}")
# 一三八〇〇一三八…
_SPELLED = re.compile(r"[〇零一二三四五六七八九幺]{11,}")
# A shorter number is personal where a word says so: 订单号 SF123456, 卡号 62220001.
_WORDS = {
    ORDER: "(?:订单|訂單|运单|運單|快递|快遞|流水|交易|工单|合同|单|單)(?:编号|編號|号码|號碼|号|號)",
    CARD: "卡号|卡號",
    IDENTITY: "身份证号?码?|身份證號?碼?|护照号?|護照號?",
    PHONE: "手机号?码?|手機號?碼?|电话号?码?|電話號?碼?",
    NUMBER: "帐号|账号|帳號|QQ号?|qq号?|微信号|微信號",
}
_VALUE = rf"[A-Za-z]{{0,5}}-?\d(?:{_GAP}\d){{5,}}[A-Za-z]?|(?=[A-Za-z0-9\-]*\d{{3}})[A-Za-z0-9][A-Za-z0-9\-]{{5,}}"
_NAMED = tuple((re.compile(rf"(?:{words})[\s是为為:：#]{{0,4}}({_VALUE})"), label) for label, words in _WORDS.items())

# The surest shapes first: an unbroken telephone number before a card, which could swallow the number next to it.
_IN_TURN = (
    *_NAMED,
    (_IDENTITY, IDENTITY),
    (_PREFIXED, PHONE),
    (_WHOLE_PHONE, PHONE),
    (_LONG, ""),
    (_PHONE, PHONE),
    (_LANDLINE, PHONE),
)
_FEWEST_DIGITS = 3


def mask(text: str) -> str:
    """Replace personal numbers by what they are: 【手机号】, 【证件号】, 【卡号】, 【单号】, 【邮箱】, 【号码】.

    Masking a masked text changes nothing.
    """
    text = _SPELLED.sub(NUMBER, _MAIL.sub(MAIL, text) if "@" in text or "＠" in text else text)
    if sum(char.isdigit() for char in text) < _FEWEST_DIGITS:
        return text
    for pattern, label in _IN_TURN:
        text = _replace(text, pattern, label)
    return text


def _replace(text: str, pattern: re.Pattern[str], label: str) -> str:
    """Put the label for each match (or its last group), found where digits are plain and public numbers hidden."""
    parts: list[str] = []
    end = 0
    for match in pattern.finditer(_shadow(text)):
        start, stop = match.span(pattern.groups)
        parts.extend((text[end:start], label or _label(match.group())))
        end = stop
    return "".join((*parts, text[end:]))


def _shadow(text: str) -> str:
    """Copy the text, character for character, with ASCII digits and with hotlines, dates and amounts blotted out."""
    plain = text if text.isascii() else "".join(_plain(char) for char in text)
    for pattern in (_DATE, _AMOUNT, _hotlines()):
        plain = pattern.sub(lambda match: _KEEP * len(match.group()), plain)
    return plain


def _plain(char: str) -> str:
    if char.isascii():
        return char
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 and folded.isalnum() else char


def _hotlines() -> re.Pattern[str]:
    # Three digits are too likely a piece of a longer number (a certificate of Beijing starts with 110).
    return re.compile("|".join(rf"(?<!\d){number}(?!\d)" for number in hotlines() if len(number) > 3))


def _label(number: str) -> str:
    count = sum(char.isdigit() for char in number)
    if count == 15:
        return IDENTITY if number[0] != "0" and not number.startswith(("34", "37")) else CARD
    return CARD if 13 <= count <= 19 else ORDER
