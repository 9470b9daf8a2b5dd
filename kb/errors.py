"""Every error that the project raises on purpose.

::

    KbError                 base: message for the log, user_message (Chinese) for the person
    ├── CorpusError         a file of the corpus is missing, unreadable or says something impossible
    │   └── ReadError       one document or table cannot be read (names the file)
    ├── ModelError          the embedding model is missing, damaged or of another make
    ├── StoreError          the built store cannot be opened or written
    │   └── StaleError      the store was built from another corpus or model: build again
    └── UsageError          a request that cannot be carried out as asked (bad option, bad parameter)
"""

from __future__ import annotations


class KbError(Exception):
    """Base of all deliberate errors.

    Args:
        message: English, for logs and developers.
        user_message: Chinese, for the person in front of the screen; says what to do next.
    """

    def __init__(self, message: str, *, user_message: str) -> None:
        super().__init__(message)
        self.user_message = user_message


class CorpusError(KbError):
    """A corpus file is missing, unreadable or contradicts itself."""


class ReadError(CorpusError):
    """A document or table cannot be read; the message names the file."""


class ModelError(KbError):
    """The embedding model is missing, damaged, or not the one the index was built with."""


class StoreError(KbError):
    """The store folder cannot be opened, or a write to it failed."""


class StaleError(StoreError):
    """The store does not belong to the corpus or model at hand; build it again."""


class UsageError(KbError):
    """The request itself is wrong: an unknown option value, a parameter out of range."""
