"""The staff's page: search with copies to paste, and the inbox of handoffs."""

from assistant.web.staff.page import staff_page

__all__ = ["staff_page"]
