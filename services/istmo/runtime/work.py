"""One unit of work as a handler sees it: the caller, the records, the clock; no path, no status, no commit."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from istmo.errors import KitError, Problem

from . import canonical, sources
from .store import Blob, DuplicateKey, JournalEntry, Json, Query, Reader, Record, StaleRecord, Writer

if TYPE_CHECKING:
    from istmo.spec import Operation, Profile, Spec

    from .peers import Peer
    from .service import ServiceContext
    from .settings import Settings

__all__ = ["Answer", "Caller", "Page", "Record", "Work", "WriteNeeded"]

NOBODY = ""


class WriteNeeded(Exception):
    """A handler of a safe method found something to write."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, in what role and for whom; `nobody` has no subject."""

    subject: str = NOBODY
    persona: str | None = None
    scopes: frozenset[str] = frozenset()
    acr: str | None = None
    country: str | None = None
    client: str = ""
    mandate: Json | None = None
    acting_for: str = NOBODY
    address: str = ""
    service: str = ""  # kebab form, the first half of every scope

    @property
    def known(self) -> bool:
        """Whether the call carried a valid token."""
        return bool(self.subject)

    @property
    def roles(self) -> frozenset[str]:
        """The verbs of the scopes that the caller holds in this service."""
        prefix = f"{self.service}:"
        return frozenset(s.removeprefix(prefix) for s in self.scopes if s.startswith(prefix))

    def may(self, verb: str) -> bool:
        """Tell whether the caller holds `<service>:<verb>`."""
        return f"{self.service}:{verb}" in self.scopes


@dataclass(slots=True)
class Answer:
    """What a handler answers when a bare document is not enough; the spec gives the status when none is set."""

    body: Any = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    etag: int | str | None = None  # a record's version, or any strong tag without its quotes
    location: str | None = None
    media_type: str = "application/json"
    language: str | None = None


class Records(list[Record]):
    """Records that an answer shows as they are stored."""


@dataclass(slots=True)
class Page:
    """One page of records and the way to the next."""

    records: list[Record]
    limit: int
    next_cursor: str | None
    link: str | None

    def answer(self, items: Sequence[Any] | None = None, **members: Any) -> Answer:  # noqa: ANN401 - JSON members
        """Answer the page, with the records as stored or with items computed from them."""
        page: Json = {"limit": self.limit}
        if self.next_cursor is not None:
            page["nextCursor"] = self.next_cursor
        shown = Records(self.records) if items is None else list(items)
        headers = {"Link": f'<{self.link}>; rel="next"'} if self.link else {}
        return Answer({"items": shown, "page": page, **members}, headers=headers)


@dataclass(slots=True)
class Request:
    """What the kernel knows of the request behind a unit of work."""

    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)  # of the path, by their names in the spec
    if_match: str | None = None
    media_type: str = "application/json"  # what Accept made of the media types that the operation offers
    correlation_id: str = ""
    trace_id: str = ""
    peer: Peer | None = None  # who signed the request, where a signature stands for a token


class Work:
    """One unit of work; what it writes is committed whole after the handler has returned, or not at all."""

    def __init__(
        self,
        context: ServiceContext,
        caller: Caller,
        *,
        operation: Operation | None = None,
        request: Request | None = None,
        language: str | None = None,
        reader: Reader | None = None,
        writer: Writer | None = None,
    ) -> None:
        self.context = context
        self.caller = caller
        self.request = request or Request()
        self.language = language or context.profile.language
        self._operation = operation
        self._writer = writer
        self._reader: Reader = writer or reader or context.reader
        self._through = sources.Through(self, context.sources, self._reader, writer) if context.sources else None
        self.seeding = False  # a sandbox stores its fixtures; what a source holds is not ours to store
        self.now: datetime = context.clock.now()
        self.events: list[tuple[str, str, Json]] = []
        self.entries: list[Json] = []
        self.accesses: dict[tuple[str, str], str] = {}  # (kind, id) -> owner

    # ------------------------------------------------------------------ what the unit is about

    @property
    def operation(self) -> Operation:
        """The operation of the spec that is being served."""
        if self._operation is None:
            raise KitError("no-operation", "this unit of work serves no operation", "it was started by the system")
        return self._operation

    @property
    def operation_id(self) -> str:
        """The operation id, or `system` for units that serve none."""
        return "system" if self._operation is None else self._operation.id

    @property
    def spec(self) -> Spec:
        """The specification of the service."""
        return self.context.spec

    @property
    def profile(self) -> Profile:
        """The country's values."""
        return self.context.profile

    @property
    def settings(self) -> Settings:
        """The configuration of the process."""
        return self.context.settings

    @property
    def writing(self) -> bool:
        """Whether the unit can write: yes for all methods but GET and HEAD."""
        return self._writer is not None

    @property
    def today(self) -> date:
        """The date in the profile's time zone."""
        return self.now.astimezone(self.context.zone).date()

    @property
    def stamp(self) -> str:
        """The instant as documents write it, in UTC with whole seconds."""
        return self.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def _tx(self) -> Writer:
        if self._writer is None:
            raise WriteNeeded
        return self._writer

    def _shelf(self, kind: str) -> sources.Shelf:
        """Return where records of a kind are read."""
        return self._reader if self._through is None or kind not in self._through.kinds else self._through

    def _desk(self, kind: str) -> sources.Desk:
        """Return where records of a kind are written."""
        writer = self._tx
        return writer if self._through is None or kind not in self._through.kinds else self._through

    def _leaves(self, kind: str) -> bool:
        """Tell whether records of a kind are left to their source."""
        return self.seeding and kind in self.context.sources

    # ------------------------------------------------------------------ records

    async def get(self, kind: str, record_id: str, *, any_owner: bool = False) -> Record:
        """Return a record of the caller (of anyone: `any_owner`), or refuse as if it did not exist."""
        record = await self._shelf(kind).get(kind, record_id)
        if record is None or not (any_owner or self._owns(record)):
            raise Problem("not-found")
        self._seen(record)
        self._expect(record)
        return record

    async def known(self, kind: str, record_id: str) -> Record | None:
        """Return a record, whoever owns it, or None; nobody's access log says so, and no version is expected."""
        return await self._shelf(kind).get(kind, record_id)

    async def find(
        self,
        kind: str,
        *,
        owner: str | None = None,
        limit: int = 100,
        after: int = 0,
        newest_first: bool = False,
        **keys: str | Sequence[str],
    ) -> list[Record]:
        """Return records by owner and indexed keys in the order of creation; no owner means all owners."""
        query = Query(kind, owner, keys, limit, after, newest_first)
        records = await self._shelf(kind).find(query)
        mine = self.caller.acting_for
        for record in records:
            if record.owner != mine:
                self._seen(record)
        return records

    async def page(
        self,
        kind: str,
        *,
        limit: int = 20,
        cursor: str | None = None,
        owner: str | None = None,
        newest_first: bool = False,
        **keys: str | Sequence[str],
    ) -> Page:
        """Return one page of records; a cursor of another caller, operation or filter is refused."""
        from . import paging  # noqa: PLC0415 - paging signs with the keys of the context

        if kind in self.context.sources:
            raise sources.refuse_paging(kind)
        purpose = paging.purpose(self, owner, keys)
        after = paging.read(self, cursor, purpose)
        records = await self.find(kind, owner=owner, limit=limit + 1, after=after, newest_first=newest_first, **keys)
        more = len(records) > limit
        records = records[:limit]
        following = paging.write(self, records[-1].seq, purpose) if more else None
        return Page(records, limit, following, paging.link(self, following) if following else None)

    async def add(
        self,
        kind: str,
        doc: Json,
        *,
        owner: str,
        id: str | None = None,  # noqa: A002 - the name that documents use
        hidden: Json | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> Record:
        """Store a new record; keys that the collection declares unique refuse a second holder."""
        record = Record(kind, id or str(uuid.uuid4()), 0, owner, 1, doc, hidden or {}, dict(keys or {}))
        if self._leaves(kind):
            return record
        try:
            stored = await self._desk(kind).add(record, self._unique(record))
        except DuplicateKey:
            raise Problem("duplicate") from None
        self._wrote("add", record)
        return stored

    async def save(
        self, record: Record, doc: Json, *, hidden: Json | None = None, keys: Mapping[str, str] | None = None
    ) -> Record:
        """Replace a record's document, and its hidden part and keys when they are given."""
        changed = Record(
            record.kind,
            record.id,
            record.seq,
            record.owner,
            record.version,
            doc,
            record.hidden if hidden is None else hidden,
            record.keys if keys is None else dict(keys),
        )
        if self._leaves(record.kind):
            return changed
        try:
            stored = await self._desk(record.kind).save(changed, None if keys is None else self._unique(changed))
        except DuplicateKey:
            raise Problem("duplicate") from None
        except StaleRecord:
            raise Problem("conflict") from None
        self._wrote("save", changed)
        return stored

    async def remove(self, record: Record) -> None:
        """Remove a record."""
        if self._leaves(record.kind):
            return
        try:
            await self._desk(record.kind).remove(record)
        except StaleRecord:
            raise Problem("conflict") from None
        self._wrote("remove", record)

    def _owns(self, record: Record) -> bool:
        return bool(record.owner) and record.owner == self.caller.acting_for

    def _seen(self, record: Record) -> None:
        """Note a read of somebody else's record: it belongs into that person's access log."""
        if record.owner and self.caller.known and not self._owns(record):
            self.accesses[record.kind, record.id] = record.owner

    def _expect(self, record: Record) -> None:
        """Refuse a write to a record that is not as the caller last saw it."""
        expected = self.request.if_match
        if expected is None or not self.writing or record.id not in self.request.parameters.values():
            return
        tags = {tag.strip() for tag in expected.split(",")}
        if "*" not in tags and f'"{record.version}"' not in tags:
            raise Problem("precondition-failed")

    def _unique(self, record: Record) -> dict[str, str]:
        names = self.context.unique.get(record.kind, ())
        return {name: record.keys[name] for name in names if name in record.keys}

    def _wrote(self, action: str, record: Record) -> None:
        self.journal(action, record)

    # ------------------------------------------------------------------ numbers, files, events, evidence

    async def next_number(self, series: str) -> int:
        """Count a series up by one, leaving none out: whoever counts it next waits for this unit."""
        return await self._tx.next_number(series)

    async def take_number(self, series: str) -> int:
        """Take a number of a series that nobody else gets; nobody waits, and a unit that fails leaves a gap."""
        return await self._tx.take_number(series)

    def reference(self, number: int, *, year: int | None = None) -> str:
        """Return the regional reference of a number, with its check digits."""
        head = f"{self.settings.country}-{self.context.code}-{year or self.today.year:04d}-{number:08d}"
        return f"{head}-{check_digits(head)}"

    def emit(self, type: str, subject: str, data: Json) -> None:  # noqa: A002 - the name in CloudEvents
        """Announce an event; it leaves after the commit, to every subscription of its type."""
        _ = self._tx
        self.events.append((type, subject, data))

    async def first_time(self, source: str, message_id: str) -> bool:
        """Note an incoming message; False when it was taken before."""
        return await self._tx.see(source, message_id, self.now.timestamp())

    def journal(self, action: str, record: Record | None, **facts: str | int | bool | None) -> None:
        """Add to the journal entry of this unit; the facts never hold personal data."""
        entry: Json = {"action": action, **facts}
        if record is not None:
            entry |= {
                "kind": record.kind,
                "id": record.id,
                "version": record.version,
                "digest": digest(record),
            }
        _ = self._tx
        self.entries.append(entry)

    async def history(self, *, after: int = 0, limit: int = 100) -> list[JournalEntry]:
        """Return links of the service's journal, as they stand when this unit looks."""
        return await self._reader.journal(after=after, limit=limit)

    async def accessed(self, subject: str, *, after: int = 0, limit: int = 100) -> list[tuple[int, Json]]:
        """Return who looked at a subject's records."""
        return await self._reader.accesses(subject, after=after, limit=limit)

    async def store_file(
        self,
        data: bytes,
        media_type: str,
        type: str,  # noqa: A002 - the member's name
        owner: str,
        title: str | None = None,
        *,
        issued: bool = False,
        hidden: Json | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> Record:
        """Store a file and its record of kind `documents`."""
        document_id = str(uuid.uuid4())
        sha256 = hashlib.sha256(data).hexdigest()
        await self._tx.add_blob(Blob(document_id, media_type, sha256, data))
        doc: Json = {
            "id": document_id,
            "type": type,
            "mediaType": media_type,
            "size": len(data),
            "sha256": sha256,
        }
        doc |= {"scanStatus": "clean", "createdAt": self.stamp}
        doc["href"] = f"{self.context.base_path}/documents/{document_id}/content"
        if title is not None:
            doc["title"] = title
        if issued:
            doc["issuedAt"] = self.stamp
        return await self.add("documents", doc, owner=owner, id=document_id, hidden=hidden, keys=keys)

    async def file(self, document_id: str) -> bytes:
        """Return the bytes of a stored file."""
        blob = await self._reader.blob(document_id)
        if blob is None:
            raise Problem("not-found")
        return blob.data

    async def remove_file(self, document: Record) -> None:
        """Remove a file and its record."""
        await self._tx.remove_blob(document.id)
        await self.remove(document)

    def sign(self, document: Json) -> str:
        """Return the document signed as a compact JWS, verifiable with the published keys."""
        return self.context.keys.sign(document)

    def new_code(self) -> str:
        """Return a code that cannot be guessed: 128 random bits in 22 url-safe characters."""
        return secrets.token_urlsafe(16)

    def upstream(self, name: str) -> None:
        """Refuse when a service that this one depends on is down, failing or too slow."""
        mode = self.context.faults.get(name)
        if mode == "down":
            raise Problem("unavailable", headers={"Retry-After": "5"})
        if mode == "error":
            raise Problem("upstream-error")
        if mode == "slow":
            raise Problem("upstream-timeout")


def digest(record: Record) -> str:
    """Return the digest by which the journal knows a version of a record, salted by its random id."""
    return hashlib.sha256(record.id.encode() + canonical.dumps(record.doc)).hexdigest()


def check_digits(text: str) -> str:
    """Return the ISO 7064 MOD 97-10 check digits over the letters and digits of a text."""
    digits = "".join(str(int(char, 36)) for char in text if char.isalnum())
    return f"{98 - int(digits + '00') % 97:02d}"
