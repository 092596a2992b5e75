"""Log lines: one JSON object each, members from a closed set, so that nothing personal and nothing forged gets in."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import re
import sys
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

Fact = str | int | float | bool

ACCESS: Final = logging.getLogger("istmo.access")
ERROR: Final = logging.getLogger("istmo.error")
OUTBOX: Final = logging.getLogger("istmo.outbox")
PROCESS: Final = logging.getLogger("istmo.process")

WITHHELD: Final = "withheld"  # the event of a line whose words others wrote
ODD: Final = "?"  # stands for a text that does not have the form of its member

_POINT: Final = r"(/[A-Za-z0-9*]{0,40}){0,16} [A-Za-z$]{1,40}"  # where an answer is wrong, and by which keyword
# Every member with text that a line may have, and the form of its text: there is none for words that callers chose.
TEXTS: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(form, re.ASCII)
    for name, form in {
        "correlationId": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "traceId": r"[0-9a-f]{32}",
        "method": r"[A-Z]{3,7}|\?",
        "service": r"[a-z][a-z0-9-]{0,63}|-",
        "operation": r"[A-Za-z][A-Za-z0-9]{0,63}|-",
        "code": r"[a-z]{1,24}(-[a-z]{1,24}){0,5}",
        "refused": r"rate|edge|overload|deadline|store",
        "repeated": r"[a-z]{2,20}(-[a-z]{2,20}){0,3}",
        "error": r"[A-Za-z_][A-Za-z0-9_]{0,63}",
        "reason": r"[A-Z0-9_]{1,40}",
        "at": r"[\w.-]{1,80}:[0-9]{1,7}( > [\w.-]{1,80}:[0-9]{1,7}){0,7}",
        "fault": rf"{_POINT}(; {_POINT}){{0,9}}|"
        r"(status [0-9]{3}|header [A-Za-z-]{1,40}|media type [a-z/+.-]{1,60}|the body) is (not declared|missing)",
        "eventId": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "version": r"[0-9A-Za-z.+-]{1,40}",
        "engine": r"[a-z]{1,20}",
        "engineVersion": r"[0-9A-Za-z.+-]{1,40}",
        "environment": r"sandbox|production",
        "country": r"[A-Z]{2}",
    }.items()
}
NUMBERS: Final = frozenset({"status", "ms", "attempts", "services", "warnings", "seconds", "inFlight"})
FLAGS: Final = frozenset({"replayed"})
EVENT: Final = re.compile(r"[a-z]{1,24}(-[a-z]{1,24}){0,3}")
LOGGER: Final = re.compile(r"[A-Za-z_][\w.]{0,79}")


_ENCODE: Final = json.JSONEncoder(ensure_ascii=True, check_circular=False).encode


# What is said of a request about which there is nothing special to say: nearly every line is one of these.
REQUEST: Final = ("correlationId", "traceId", "method", "service", "operation", "status", "ms")
_TEXTS_OF_REQUEST: Final = re.compile(" ".join(f"(?:{TEXTS[name].pattern})" for name in REQUEST[:-2]), re.ASCII)
_REQUEST_LINE: Final = (
    '{"event": "request", ' + ", ".join(f'"{name}": "%s"' for name in REQUEST[:-2]) + ', "status": %d, "ms": %r}'
)


class Entry:
    """What one line says; also as plain text, whatever formatter prints it, it is the JSON object."""

    __slots__ = ("event", "facts")

    def __init__(self, event: str, facts: Mapping[str, Fact]) -> None:
        self.event = event
        self.facts = facts

    def shown(self) -> dict[str, Fact]:
        """Return the members that a line may have; a text of another form than its member's is not shown."""
        found: dict[str, Fact] = {"event": self.event if EVENT.fullmatch(self.event) else ODD}
        for name, value in self.facts.items():
            form = TEXTS.get(name)
            if form is not None:
                found[name] = value if isinstance(value, str) and form.fullmatch(value) else ODD
            elif name in FLAGS:
                found[name] = value is True
            elif name in NUMBERS and isinstance(value, int | float):
                found[name] = value
        return found

    def __str__(self) -> str:
        values = tuple(self.facts.values())
        if self.event == "request" and tuple(self.facts) == REQUEST and _forms(values):
            return _REQUEST_LINE % values
        return "{" + ", ".join([f'"{name}": {_json(value)}' for name, value in self.shown().items()]) + "}"


def _forms(values: tuple[Fact, ...]) -> bool:
    """Tell in one look whether all facts of an ordinary request have the forms of their members."""
    whole = type(values[5]) is int and type(values[6]) is float and values[6] < math.inf
    return whole and _TEXTS_OF_REQUEST.fullmatch("{} {} {} {} {}".format(*values[:5])) is not None


def _json(value: Fact) -> str:
    """Return what a line shows as JSON; no form of a text has anything that would need an escape."""
    kind = type(value)
    return f'"{value}"' if kind is str else str(value) if kind is int else _ENCODE(value)


def write(logger: logging.Logger, level: int, event: str, **facts: Fact) -> None:
    """Write a line of the kernel's own."""
    if not logger.isEnabledFor(level):
        return
    entry, only = Entry(event, facts), _only_way(logger)
    if only is not None:
        only.put(time.time(), level, logger.name, entry)
    else:
        # Where in the kernel it was written is of no use to anybody, and looking for it costs as much as the line.
        logger.handle(logger.makeRecord(logger.name, level, "", 0, entry, (), None))


def _only_way(logger: logging.Logger) -> Lines | None:
    """Return the handler that `configure` put up when nobody else listens or filters: no record need be made for it."""
    root, above = logging.root, logger.parent
    lone = len(root.handlers) == 1 and not logger.handlers and not logger.filters and logger.propagate
    if not lone or above is None or above.handlers or not above.propagate or above.parent not in {root, None}:
        return None
    only = root.handlers[0]
    return only if type(only) is Lines and type(only.formatter) is Formatter and not only.filters else None


class Formatter(logging.Formatter):
    """Makes every record one JSON object; of what others wrote it tells where it comes from, not what it says."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of ASCII without line breaks."""
        entry = record.msg if isinstance(record.msg, Entry) else Entry(WITHHELD, _origin(record))
        return _line(record.created, record.levelno, record.name, entry)


def _line(at: float, level: int, name: str, entry: Entry) -> str:
    second, fraction = divmod(round(at * 1_000_000), 1_000_000)
    head = f'{{"time": "{_second(second)}.{fraction // 1000:03}+00:00", {_source(level, name)}, '
    return head + str(entry)[1:]


@lru_cache(4)
def _second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()[:19]


@lru_cache(64)
def _source(level: int, name: str) -> str:
    logger = name if LOGGER.fullmatch(name) else ODD
    return f'"level": "{_LEVELS.get(level, "other")}", "logger": "{logger}"'


_NAMELESS = re.compile(r"[^\w.-]", re.ASCII)  # `<string>` is where code without a file says it is from
_LEVELS = {getattr(logging, name.upper()): name for name in ("debug", "info", "warning", "error", "critical")}


def _origin(record: logging.LogRecord) -> dict[str, Fact]:
    """Return where a foreign record comes from: a line of code, and the error that it reports."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return {"at": f"{_NAMELESS.sub('', record.filename)}:{record.lineno}"}
    return {"error": type(error).__name__, "at": place(error)}


def place(error: BaseException) -> str:
    """Return the files and lines that an error passed through: a traceback without any value."""
    steps: list[str] = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        steps.append(f"{_NAMELESS.sub('', code.co_filename.rpartition('/')[2])}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return " > ".join(steps[-6:])


def cause(error: BaseException) -> dict[str, Fact]:
    """Return the names, never the words, of an error and of what the database called its cause."""
    found: dict[str, Fact] = {"error": type(error).__name__}
    beneath = error.__cause__ or error
    name = getattr(beneath, "sqlite_errorname", None) or getattr(beneath, "sqlstate", None)
    if isinstance(name, str):
        found["reason"] = name
    return found


class Lines(logging.StreamHandler[TextIO]):
    """Writes lines; a line that cannot be made or written is dropped, since a complaint would quote it."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._kept: list[str] = []
        self._due: asyncio.AbstractEventLoop | None = None  # that will write what is kept

    def put(self, at: float, level: int, name: str, entry: Entry) -> None:
        """Write a line for which no record was made; those of one turn of the event loop leave together."""
        self._kept.append(_line(at, level, name, entry) + self.terminator)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is None or level >= logging.WARNING:
            self.flush()
        elif loop is not self._due:
            self._due = loop
            loop.call_soon(self.flush)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, behind the lines that came before it."""
        self.flush()
        super().emit(record)

    def flush(self) -> None:
        """Write what is kept."""
        kept, self._kept, self._due = self._kept, [], None
        try:
            if kept:
                self.stream.write("".join(kept))
            super().flush()
        except Exception:  # noqa: BLE001, S110 - as `handleError`: it is dropped
            pass

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """Say nothing."""


def configure(level: str, stream: TextIO | None = None) -> None:
    """Let all loggers of this process write JSON lines; those of others only from warnings on."""
    handler = Lines(stream or sys.stderr)
    handler.setFormatter(Formatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("istmo").setLevel(level.upper())
    logging.captureWarnings(capture=True)
