"""A log line is one JSON object from a closed set of members: nobody forges one, and nobody's data gets into one."""

from __future__ import annotations

import ast
import io
import json
import logging
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.istmo.runtime.host import Host

from istmo.runtime import logs
from istmo.runtime.store import StoreUnavailable
from istmo.runtime.store.sqlite import SqliteStore

FORGED = 'x"}\r\n{"level":"error","event":"forged\u2028\u0085'


def printed(write: Any) -> list[str]:
    """What a logger of its own prints through the formatter."""
    stream = io.StringIO()
    handler = logs.Lines(stream)
    handler.setFormatter(logs.Formatter())
    logger = logging.getLogger("istmo.tried")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.DEBUG)
    write(logger)
    return stream.getvalue().splitlines()


def only(write: Any) -> dict[str, Any]:
    (line,) = printed(write)
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_says_when_what_and_nothing_that_has_no_place() -> None:
    line = only(lambda logger: logs.write(logger, logging.INFO, "request", status=201, ms=1.5, path="/people/ana"))

    assert set(line) == {"time", "level", "logger", "event", "status", "ms"}
    assert (line["level"], line["logger"], line["event"]) == ("info", "istmo.tried", "request")
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize("member", [*logs.TEXTS])
def test_no_member_can_break_a_line_or_hold_a_sentence(member: str) -> None:
    for words in (FORGED, "Ana Ficticia", "ana@example.org", "/people/1", "a" * 500, "ñandú\n", "{", "", 5, None):
        line = only(lambda logger, words=words: logs.write(logger, logging.INFO, "request", **{member: words}))

        assert line[member] == "?", words


def test_names_of_events_loggers_and_levels_cannot_forge_either() -> None:
    assert only(lambda logger: logs.write(logger, logging.INFO, FORGED))["event"] == "?"
    record = logging.LogRecord(FORGED, 35, "x.py", 1, "words", (), None)
    record.levelname = FORGED
    line = json.loads(logs.Formatter().format(record))

    assert (line["logger"], line["level"], line["at"]) == ("?", "other", "x.py:1")


def test_what_others_say_is_withheld_and_where_they_say_it_is_told() -> None:
    def complain(logger: logging.Logger) -> None:
        try:
            int(FORGED)
        except ValueError:
            logger.exception("cannot serve %s", "/people/ana")

    line = only(complain)

    assert line.keys() == {"time", "level", "logger", "event", "error", "at"}
    assert (line["event"], line["error"]) == ("withheld", "ValueError")
    assert line["at"].startswith("test_logs.py:")


def test_a_record_that_cannot_be_printed_is_dropped_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(logger: logging.Logger) -> None:
        logger.handlers[0].setFormatter(logging.Formatter("%(message)s"))
        logger.info("%d", "ana")

    assert printed(broken) == []
    assert capsys.readouterr().err == ""


def test_any_other_formatter_prints_the_same_object(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "istmo.access"):
        logs.write(logs.ACCESS, logging.INFO, "request", status=200)

    assert json.loads(caplog.records[0].getMessage()) == {"event": "request", "status": 200}


class Full(SqliteStore):
    """A database whose disk is full."""

    async def write(self, service: str, unit: Any) -> Any:
        if service != "notes":
            return await super().write(service, unit)
        error = sqlite3.OperationalError("cannot write ana@example.org")
        error.sqlite_errorname = "SQLITE_FULL"
        raise StoreUnavailable(str(error)) from error


def test_of_a_database_that_fails_the_log_has_the_reason_and_not_the_words(caplog: pytest.LogCaptureFixture) -> None:
    host = Host(store=Full(":memory:"))
    answer = host.create({"text": "a"})
    host.close()

    (told,) = [json.loads(record.getMessage()) for record in caplog.records if record.name == "istmo.error"]
    assert answer.status_code == 503
    assert (told["event"], told["error"], told["reason"]) == ("store-unavailable", "StoreUnavailable", "SQLITE_FULL")
    assert told["correlationId"] == answer.headers["correlation-id"]
    assert "ana@" not in caplog.text + answer.text


CONFIGURED = """
import logging, warnings
from istmo.runtime import logs
logs.configure("info")
logs.write(logs.ACCESS, logging.DEBUG, "request", status=1)
logs.write(logs.ACCESS, logging.INFO, "request", status=2)
logging.getLogger("httpx2").info("GET https://ana@example.org/secret")
logging.getLogger("uvicorn.error").warning("GET /people/ana")
warnings.warn("ana")
"""


def test_a_configured_process_writes_nothing_but_such_lines() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", CONFIGURED], capture_output=True, text=True, check=True
    )

    lines = [json.loads(line) for line in done.stderr.splitlines()]
    told = [(line["logger"], line["event"]) for line in lines]
    assert told == [("istmo.access", "request"), ("uvicorn.error", "withheld"), ("py.warnings", "withheld")]
    assert "ana" not in done.stderr
    assert done.stdout == ""


def test_the_line_that_the_guide_shows_is_one_that_is_written() -> None:
    guide = (Path(__file__).parents[3] / "docs/guides/observe.md").read_text(encoding="utf-8")
    shown = json.loads(guide.split("```json\n")[1].split("```")[0])
    host = Host(log=True)

    def refuse(logger: logging.Logger) -> None:
        logs.ACCESS.addHandler(logger.handlers[0])
        logs.ACCESS.setLevel(logging.INFO)
        host.create({"text": ""})

    lines = printed(refuse)
    logs.ACCESS.handlers.clear()
    logs.ACCESS.setLevel(logging.NOTSET)
    host.close()

    (line,) = [json.loads(text) for text in lines]
    assert list(line) == list(shown)
    assert {name: type(value) for name, value in line.items()} == {name: type(value) for name, value in shown.items()}
    facts = {name: value for name, value in shown.items() if name not in {"time", "level", "logger", "event"}}
    assert logs.Entry("request", facts).shown() == {"event": "request", **facts}


def test_every_event_that_the_kernel_writes_is_in_the_guide() -> None:
    root = Path(__file__).parents[3]
    guide = (root / "docs/guides/observe.md").read_text(encoding="utf-8")
    events: set[str] = set()
    for path in (root / "services/istmo/runtime").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"logs.write", "app.tell", "self.tell"}:
                word = node.args[-1]
                events |= {str(word.value)} if isinstance(word, ast.Constant) else set()

    assert len(events) > 8
    assert [event for event in sorted(events) if f"`{event}`" not in guide] == []
