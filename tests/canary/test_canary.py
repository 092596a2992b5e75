"""No personal data in logs, metrics, traces, the journal, or the refusals of others: marks are sent and looked for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.canary.sweep import Sweep
from tests.canary.values import MARK, UUID, known, telling

from istmo.errors import Problem
from istmo.runtime import problems, trace
from istmo.runtime.work import Record, Work
from istmo.spec import slugs

FEW = frozenset({"getHealth", "createRequest", "getRequest"})


def findings(sweep: Sweep) -> dict[str, list[str]]:
    """What was found where it must not be."""
    values = known(sweep.slug) | sweep.secrets
    found: dict[str, list[str]] = {}
    for sink, text in sweep.sinks.texts().items():
        # The journal names records and people by their random numbers: that is what it is for.
        looked_for = {value for value in values if not UUID.fullmatch(value)} if sink == "journal" else values
        hits = sweep.marks.hits(text) + telling(text, looked_for)
        if hits:
            found[sink] = hits[:10]
    return found


@pytest.mark.parametrize("slug", slugs())
def test_nothing_of_a_request_is_found_anywhere(
    slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    sweep = Sweep(slug, tmp_path)
    sweep.run(monkeypatch)
    printed = "".join(capfd.readouterr())

    assert findings(sweep) == {}
    assert MARK.findall(printed) == []
    texts = sweep.sinks.texts()
    assert [sink for sink, text in texts.items() if not text] == [], "a sink that is empty proves nothing"
    assert len(sweep.marks.made_for) > 20 * len(sweep.spec.operations)
    assert [name for name, told in sweep.statuses.items() if not {400, 404, 405, 500} & told] == []
    served = [name for name, told in sweep.statuses.items() if any(status and status < 300 for status in told)]
    assert len(served) > 0.7 * len(sweep.spec.operations), "most operations did their work"
    assert {"istmo.access", "istmo.error", "uvicorn.error"} <= sweep.sinks.raw.names


def logs_path(scope: Any, _body: bytes) -> None:
    logging.getLogger("leaky").info("serving %s", scope["path"])


def logs_query(scope: Any, _body: bytes) -> None:
    logging.getLogger("istmo.access").debug("query", extra={"query": scope["query_string"]})


def logs_header(scope: Any, _body: bytes) -> None:
    logging.getLogger("uvicorn.error").warning("headers: %r", scope["headers"])


def logs_body(_scope: Any, body: bytes) -> None:
    logging.getLogger("leaky").info(body.decode("utf-8", "replace"))


def logs_exception(_scope: Any, body: bytes) -> None:
    try:
        int(body)
    except ValueError:
        logging.getLogger("leaky").exception("odd")


def labels_path(scope: Any, _body: bytes) -> None:
    trace.of(scope).service = scope["path"]


LEAKS: list[tuple[Callable[[Any, bytes], None], set[str]]] = [
    (logs_path, {"log records"}),
    (logs_query, {"log records"}),
    (logs_header, {"log records"}),
    (logs_body, {"log records"}),
    (logs_exception, {"log records"}),
    (labels_path, {"metrics", "spans"}),
]


@pytest.mark.parametrize(("leak", "where"), LEAKS, ids=[leak.__name__ for leak, _ in LEAKS])
def test_what_leaks_is_found(
    leak: Callable[[Any, bytes], None], where: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test of the test: somebody logs what nobody may log."""

    def leaky(app: Any) -> Any:
        async def serve(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return

            async def overheard() -> Any:
                message = await receive()
                leak(scope, message.get("body", b""))
                return message

            leak(scope, b"")
            await app(scope, overheard, send)

        return serve

    sweep = Sweep("civil_certificates", tmp_path)
    sweep.run(monkeypatch, only=FEW, wrap=leaky)
    found = findings(sweep)

    assert set(found) == where
    assert "log lines" not in found, "our own formatter prints none of it"


def test_what_leaks_into_the_journal_or_into_the_refusal_of_somebody_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[str] = []

    def journals_the_record(work: Work, action: str, record: Record) -> None:
        stored.append(str(record.doc))
        work.entries.append({"action": action, "doc": record.doc})

    def tells_of_others(problem: Problem, **about: Any) -> problems.Rendered:
        problem.detail = stored[-1] if stored else None
        return render(problem, **about)

    render = problems.render
    monkeypatch.setattr(Work, "_wrote", journals_the_record)
    monkeypatch.setattr(problems, "render", tells_of_others)
    sweep = Sweep("civil_certificates", tmp_path)
    sweep.run(monkeypatch, only=FEW)

    assert set(findings(sweep)) == {"journal", "problems of others"}
