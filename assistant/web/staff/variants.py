"""An answer in the words that staff paste: polite, short, or as a text message."""

from __future__ import annotations

from collections.abc import Mapping

from kb.records import FaqEntry, StructuredAnswer

# A message of this many characters is billed as at most two.
SMS_LONGEST = 130
_GREETING, _FAREWELL = "您好，", "如还有疑问，请随时联系我们。"


def variants(entry: FaqEntry) -> Mapping[str, str]:
    """Give the copies by their names on the buttons; what makes no difference is left out."""
    answer = entry.answer
    made = {"礼貌版": _polite(answer), "简短版": answer.short, "短信版": _message(answer)}
    return {name: text for name, text in made.items() if text.strip()}


def _polite(answer: StructuredAnswer) -> str:
    return "\n".join(part for part in (_GREETING + answer.short, *_items(answer), answer.detail, _FAREWELL) if part)


def _message(answer: StructuredAnswer) -> str:
    """One line; steps only as far as they fit whole."""
    text = answer.short.replace("\n", "")
    for item in _items(answer):
        longer = f"{text}{'' if text.endswith(('。', '；', '：', '！')) else '。'}{item}；"
        if len(longer) > SMS_LONGEST:
            break
        text = longer
    text = text.rstrip("；")
    return text if len(text) <= SMS_LONGEST else f"{text[: SMS_LONGEST - 1]}…"


def _items(answer: StructuredAnswer) -> list[str]:
    if answer.causes:
        return [
            f"{number}. {cause.text}" + (f"：{cause.next}" if cause.next else "")
            for number, cause in enumerate(answer.causes, 1)
        ]
    return [f"{number}. {step}" for number, step in enumerate(answer.steps, 1)]
