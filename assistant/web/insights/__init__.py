"""The page of insights: what customers ask, what is not answered, what to do about it."""

from assistant.web.insights.page import insights_page

__all__ = ["insights_page"]
