"""What stands in an entry or a section, as plain text: for staff search and for programs."""

from __future__ import annotations

from collections.abc import Iterator

from kb.snapshot import Knowledge


def preview(entry: str, knowledge: Knowledge) -> tuple[str, str]:
    """Title and text of an entry or a section."""
    faq, section = knowledge.entry_by_id.get(entry), knowledge.section_by_id.get(entry)
    if faq is not None:
        return faq.question, "\n".join(_answer_lines(faq.answer.short, faq.answer.steps, faq.answer.detail))
    document = knowledge.document_by_id.get(section.document_id) if section is not None else None
    if section is None or document is None:
        return entry, ""
    return " › ".join(section.heading_path), document.text[section.start : section.end].strip()


def _answer_lines(short: str, steps: tuple[str, ...], detail: str) -> Iterator[str]:
    yield short
    yield from (f"{number}. {step}" for number, step in enumerate(steps, 1))
    if detail:
        yield detail
