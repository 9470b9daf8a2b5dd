"""The editors' page: entries, drafts, uploads, publishing with proof, versions."""

from assistant.web.knowledge.page import knowledge_page

__all__ = ["knowledge_page"]
