"""The two services that ours is compared with: FastAPI as its manual teaches it, and its lean form.

Both use the tables and the statements of our SQLite engine, inline on the event loop: in one transaction the look-up
of the idempotency key, the record, the key with its answer, and a row of audit. They have no authentication, no
ownership, no fingerprint of what a key stands for, no chain of the journal, no strict parse, no problems, no limits.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Query, Request, Response
from pydantic import ValidationError

from istmo.runtime.store import _sqlite_sql as sql

from ._applications import BASE, OWNER, Application, ApplicationInput, Page

SERVICE, KIND, PLACE = "applications", "applications", "POST /applications"
JSON = "application/json"


class Table:
    """The statements, on one connection."""

    def __init__(self, path: str, synchronous: str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in (*sql.PRAGMAS, f"PRAGMA synchronous = {synchronous}"):
            self.connection.execute(pragma)
        for script in sql.MIGRATIONS:
            self.connection.executescript(script)

    def known(self, key: str) -> bytes | None:
        """The answer that was given to a key."""
        found = self.connection.execute(sql.ANSWER, (SERVICE, OWNER, PLACE, key)).fetchone()
        return None if found is None else bytes(found[3])

    def add(self, key: str, made: str, doc: str, at: str) -> None:
        """Store a record, its key and its row of audit."""
        run = self.connection.execute
        run(sql.ADD, (SERVICE, KIND, made, OWNER, doc, "{}", "{}"))
        run(sql.KEEP_ANSWER, (SERVICE, OWNER, PLACE, key, "", 201, "[]", doc.encode(), time.time()))
        run(sql.ADD_ACCESS, (SERVICE, OWNER, json.dumps({"at": at, "action": "add", "id": made})))

    def get(self, wanted: str) -> str | None:
        """The document of a record."""
        found = self.connection.execute(sql.GET, (SERVICE, KIND, wanted)).fetchone()
        return None if found is None else found[5]

    def page(self, limit: int, after: int) -> list[tuple[int, str]]:
        """One record more than a page holds, as numbers and documents."""
        found = self.connection.execute(
            sql.FIND + sql.FIND_OWNER + sql.FIND_UP, (SERVICE, KIND, OWNER, after, limit + 1)
        )
        return [(row[0], row[5]) for row in found]


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def idiomatic(path: str, synchronous: str) -> FastAPI:
    """A model in, `response_model` out."""
    app, table = FastAPI(), Table(path, synchronous)

    @app.post(f"{BASE}/applications", status_code=201, response_model=Application)
    async def create(body: ApplicationInput, idempotency_key: Annotated[str, Header()]) -> Any:
        table.connection.execute("BEGIN IMMEDIATE")
        try:
            known = table.known(idempotency_key)
            if known is not None:
                return json.loads(known)
            found = Application(**body.model_dump(), id=uuid.uuid4(), status="submitted", createdAt=datetime.now(UTC))
            table.add(idempotency_key, str(found.id), found.model_dump_json(), _stamp())
        finally:
            table.connection.execute("COMMIT")
        return found

    @app.get(f"{BASE}/applications/{{wanted}}", response_model=Application)
    async def get(wanted: uuid.UUID) -> Any:
        doc = table.get(str(wanted))
        if doc is None:
            raise HTTPException(404)
        return json.loads(doc)

    @app.get(f"{BASE}/applications", response_model=Page, response_model_exclude_none=True)
    async def many(limit: Annotated[int, Query(ge=1, le=100)] = 20, cursor: int = 0) -> Any:
        rows = table.page(limit, cursor)
        following = {"nextCursor": str(rows[limit - 1][0])} if len(rows) > limit else {}
        return {"items": [json.loads(doc) for _, doc in rows[:limit]], "page": {"limit": limit, **following}}

    return app


def lean(path: str, synchronous: str) -> FastAPI:
    """The body's bytes into a model, stored JSON out."""
    app, table = FastAPI(), Table(path, synchronous)

    @app.post(f"{BASE}/applications", status_code=201)
    async def create(request: Request) -> Response:
        try:
            body = ApplicationInput.model_validate_json(await request.body())
        except ValidationError as error:
            return Response(error.json(include_input=False), 422, media_type=JSON)
        key, made, at = request.headers["idempotency-key"], str(uuid.uuid4()), _stamp()
        doc = f'{{"id":"{made}","status":"submitted","createdAt":"{at}",{body.model_dump_json()[1:]}'
        table.connection.execute("BEGIN IMMEDIATE")
        try:
            known = table.known(key)
            if known is None:
                table.add(key, made, doc, at)
        finally:
            table.connection.execute("COMMIT")
        return Response(known or doc, 201, media_type=JSON)

    @app.get(f"{BASE}/applications/{{wanted}}")
    async def get(wanted: str) -> Response:
        doc = table.get(wanted)
        return Response(status_code=404) if doc is None else Response(doc, media_type=JSON)

    @app.get(f"{BASE}/applications")
    async def many(limit: Annotated[int, Query(ge=1, le=100)] = 20, cursor: int = 0) -> Response:
        rows = table.page(limit, cursor)
        following = f',"nextCursor":"{rows[limit - 1][0]}"' if len(rows) > limit else ""
        items = ",".join(doc for _, doc in rows[:limit])
        return Response(f'{{"items":[{items}],"page":{{"limit":{limit}{following}}}}}', media_type=JSON)

    return app
