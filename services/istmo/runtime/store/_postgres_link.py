"""How the PostgreSQL engine connects: a session's own settings, what it refuses, and what an error means."""

from __future__ import annotations

import hashlib
import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from istmo.errors import KitError

from . import _postgres_sql as sql
from ._protocol import StoreBusy, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST = 14  # the first version that this engine is written for
CONNECT_SECONDS = 1.5  # a database that is down is told of within two seconds
PLACE = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]/]*)(:[0-9]{1,5})?")
URL_HINT = "postgresql://user@host:5432/database, or postgresql://user@/database?host=/var/run/postgresql"

AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.InvalidCachedStatementError)
GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
BUSY = (
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TooManyConnectionsError,
)
# Errors that say nothing about a statement, only about the state of the server.
STATE = ("08", "25", "53", "55", "57", "58", "XX")


class Again(Exception):
    """The unit was undone by chance; it may run again, and others step aside if that helps."""

    def __init__(self, told: Exception, *, alone: bool) -> None:
        super().__init__()
        self.told = told
        self.alone = alone


class Connection(asyncpg.Connection):  # type: ignore[misc] # the library has no types
    """A connection that needs no cleaning: everything a unit changes in it ends with its transaction."""

    def get_reset_query(self) -> str:
        """Return nothing, which saves a round trip; an open transaction is undone all the same."""
        return ""


def lock_number(*words: str) -> int:
    """Return the number of an advisory lock: 64 bits of a digest."""
    return int.from_bytes(hashlib.sha256("\n".join(("istmo", *words)).encode()).digest()[:8], "big", signed=True)


def shown(url: str) -> str:
    """Return a database URL as it may be printed: without password."""
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    socket = parse_qs(parts.query).get("host")
    query = f"?host={socket[0]}" if socket else ""
    return f"{parts.scheme}://{name}{'@' if name else ''}{place}{parts.path}{query}"


def checked(url: str) -> str:
    """Return a PostgreSQL URL that has the right form, or refuse it without repeating it."""
    try:
        parts = urlsplit(url)
        places = parts.netloc.rpartition("@")[2].split(",")  # several: a pair of servers, say
        good = len(parts.path) > 1 and not parts.fragment and all(PLACE.fullmatch(place) for place in places)
    except ValueError:
        good = False
    if not good or not url.isprintable():
        raise KitError("database-url", "this is no address of a PostgreSQL database", URL_HINT)
    return url


def session(unit_seconds: float) -> dict[str, str]:
    """Return the settings of a session: every wait in it ends before the request that waits for it."""
    milliseconds = int(unit_seconds * 1000)
    return {
        "application_name": "istmo",
        "timezone": "UTC",
        "default_transaction_isolation": "read committed",
        "statement_timeout": str(milliseconds),
        "lock_timeout": str(milliseconds),
        "idle_in_transaction_session_timeout": str(2 * milliseconds),
        "jit": "off",
    }


def refusal(facts: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return why a database must not be used, with what to do about it, or None."""
    checks = [
        (facts["version"] < OLDEST * 10_000, f"it is older than PostgreSQL {OLDEST}", "use a later server"),
        (facts["encoding"] != "UTF8", "its encoding is not UTF8", "create it with ENCODING 'UTF8'"),
        (
            facts["synchronous_commit"] == "off",
            "synchronous_commit is off: acknowledged work can be lost",
            "set synchronous_commit to on for the server, the database and the role",
        ),
        (
            facts["fsync"] != "on" or facts["full_page_writes"] != "on",
            "fsync or full_page_writes is off: a crash can damage it",
            "set both to on in postgresql.conf",
        ),
        (
            facts["isolation"] != "read committed",
            "the sessions do not run at read committed",
            "remove what overrides default_transaction_isolation, such as a connection pooler",
        ),
    ]
    return next(((message, hint) for wrong, message, hint in checks if wrong), None)


def cautions(facts: Mapping[str, Any]) -> list[str]:
    """Return what an operator should know about a database that may be used."""
    found = []
    if facts["superuser"]:
        found.append("the service connects to PostgreSQL as a superuser; a role that owns its tables is enough")
    if facts["checksums"] != "on":
        found.append("PostgreSQL keeps no data checksums: damage on disk is not noticed")
    address = facts["address"]
    if address and not facts["encrypted"] and not ip_address(address).is_loopback:
        found.append("the connection to PostgreSQL is not encrypted; add sslmode=verify-full to the URL")
    return found


def reason(error: BaseException) -> str:
    """Return what an error was, without any value that it may carry."""
    state = getattr(error, "sqlstate", None)
    return f"{type(error).__name__} ({state})" if state else type(error).__name__


def gone(error: BaseException) -> bool:
    """Tell whether an error means that the connection, or the server behind it, is lost."""
    return isinstance(error, GONE) and not isinstance(error, TimeoutError | ValueError)


def unavailable(error: BaseException) -> StoreUnavailable | None:
    """Return the store's own error for one of the driver's; None when the fault is in what was asked."""
    if isinstance(error, StoreUnavailable):
        return error
    if isinstance(error, BUSY + AGAIN):
        return StoreBusy(reason(error))
    if isinstance(error, TimeoutError):
        return StoreBusy("the database did not answer in time")
    if gone(error) or str(getattr(error, "sqlstate", "") or "  ").startswith(STATE):
        return StoreUnavailable(reason(error))
    return None


def not_opened(error: BaseException, url: str) -> KitError:
    """Return the error for a database that cannot be opened."""
    if isinstance(error, asyncpg.PostgresError):
        why = str(error.args[0])
    elif isinstance(error, TimeoutError):
        why = "no answer"
    else:
        why = getattr(error, "strerror", None) or type(error).__name__
    hint = "is the server running, and does the address in ISTMO_DATABASE or --database name it?"
    return KitError("database", f"{shown(url)} cannot be opened: {why}", hint)


async def connect(url: str, unit_seconds: float) -> Any:  # noqa: ANN401 - a connection of the untyped driver
    """Return a connection with the session's settings."""
    settings = session(unit_seconds)
    return await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=settings, connection_class=Connection)


async def facts_of(connection: Any) -> Mapping[str, Any]:  # noqa: ANN401 - see connect
    """Return what the engine wants to know of a database."""
    found: Mapping[str, Any] = await connection.fetchrow(sql.FACTS)
    return found
