"""The page of evaluation: run the test set, read the report, compare two runs."""

from assistant.web.evaluation.page import evaluation_page

__all__ = ["evaluation_page"]
