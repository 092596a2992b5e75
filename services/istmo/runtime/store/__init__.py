"""Where records live: a small protocol and the engines behind it."""

from ._connect import connect
from ._protocol import (
    Blob,
    Delivery,
    DuplicateKey,
    IdempotencyKey,
    JournalEntry,
    Json,
    KeyBusy,
    Query,
    Reader,
    Record,
    StaleRecord,
    Store,
    StoreBusy,
    StoredAnswer,
    StoreUnavailable,
    Unit,
    Writer,
)

__all__ = [
    "Blob",
    "Delivery",
    "DuplicateKey",
    "IdempotencyKey",
    "JournalEntry",
    "Json",
    "KeyBusy",
    "Query",
    "Reader",
    "Record",
    "StaleRecord",
    "Store",
    "StoreBusy",
    "StoreUnavailable",
    "StoredAnswer",
    "Unit",
    "Writer",
    "connect",
]
