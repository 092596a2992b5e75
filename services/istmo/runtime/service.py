"""What a room declares (`Service`, `Collection`) and what the kernel builds from it (`ServiceContext`)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from istmo.names import kebab

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from istmo.spec import JSON, Operation, Profile, Spec

    from .clock import Clock
    from .issuer import Issuer
    from .keys import Keys
    from .national import National
    from .observe import Observer
    from .peers import Peers
    from .settings import Settings
    from .sources import Source
    from .store import Reader, Store
    from .work import Caller, Work

T = TypeVar("T")

STATE = "sandbox"  # the name of the state that the processes of a sandbox share

Handler = Callable[..., Awaitable[Any]]


class Machine(Protocol):
    """A state machine over a collection: it brings the handlers that the room does not write."""

    def bind(self, context: ServiceContext) -> Mapping[str, Handler]:
        """Return handlers by operation id; the room's own handlers win over them."""
        ...


@dataclass(frozen=True)
class Collection:
    """A kind of record, the keys that must be unique in it, and where else such records are found."""

    name: str
    unique: tuple[str, ...] = ()
    source: Source | None = None  # another system that holds such records; what changes is kept here


@dataclass
class Service:
    """One service as its room declares it."""

    slug: str
    handlers: ModuleType | object
    cases: Sequence[Machine] = ()
    collections: Sequence[Collection] = ()
    seed: Callable[[Work, JSON], Awaitable[None]] | None = None  # stores the sandbox fixtures after a reset
    # A document of its own, or one for each language, of which the English one holds; None: the regional ones.
    spec: Spec | Path | Mapping[str, Spec | Path] | None = None
    code: str = ""  # three letters of the references; empty: those of the catalogue
    national: National | None = None  # what a country adds; its folder holds the document then
    stage: int | None = None  # the stage that is claimed; None: the catalogue's

    @property
    def kebab(self) -> str:
        """The slug as addresses and scopes write it."""
        return kebab(self.slug)


@dataclass
class ServiceContext:
    """Everything that belongs to one running service; common handlers and the sandbox work through it."""

    spec: Spec
    profile: Profile
    settings: Settings
    store: Store
    clock: Clock
    keys: Keys
    issuer: Issuer | None
    peers: Peers
    service: Service
    faults: dict[str, str] = field(default_factory=dict)  # upstream -> down | slow | error
    documents: Mapping[str, bytes] = field(default_factory=dict)  # the served specification, by language
    handlers: Mapping[str, Handler] = field(default_factory=dict)  # by operation id, bound when the app is built
    code: str = "XXX"  # three letters, the second part of every reference
    audience: str = ""  # what a token must name to be for this service
    claimed_stage: int = 1
    observers: Sequence[Observer] = ()
    events: frozenset[str] = frozenset()  # types of events of other services on which this one acts

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the country."""
        return ZoneInfo(self.profile.time_zone)

    @cached_property
    def unique(self) -> Mapping[str, tuple[str, ...]]:
        """The keys that are unique, by kind of record."""
        return {collection.name: collection.unique for collection in self.service.collections}

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The other systems in which records are found, by kind of record."""
        return {one.name: one.source for one in self.service.collections if one.source is not None}

    @cached_property
    def national_schema(self) -> Mapping[str, JSON] | None:
        """The schema of the object `national`: the country's own, else that of its profile."""
        own = None if self.service.national is None else self.service.national.schema
        return own or self.profile.service(self.slug).get("nationalSchema")

    @cached_property
    def held(self) -> Spec:
        """The specification to which bodies are held: in it, `national` is what the country says."""
        from istmo.spec import Spec, ensure_national, with_national  # noqa: PLC0415 - for annotations else

        schema = self.national_schema
        if schema is None:
            return self.spec
        ensure_national(schema, "nationalSchema")
        return Spec(with_national(self.spec.document, schema), self.slug)

    @cached_property
    def forms(self) -> Mapping[str, bytes]:
        """The specification from which forms are made, by language: the one to which bodies are held."""
        from istmo.spec import with_national  # noqa: PLC0415 - see held

        schema = self.national_schema
        if schema is None:
            return self.documents
        return {
            language: json.dumps(with_national(json.loads(source), schema), ensure_ascii=False).encode()
            for language, source in self.documents.items()
        }

    @property
    def slug(self) -> str:
        """The slug of the service."""
        return self.service.slug

    @property
    def kebab(self) -> str:
        """The slug as addresses and scopes write it."""
        return self.service.kebab

    @property
    def base_path(self) -> str:
        """Where the service is mounted, such as `/civil-certificates/v1`."""
        return self.spec.base_path

    @property
    def reader(self) -> Reader:
        """A view of the committed records."""
        return self.store.reader(self.slug)

    async def run(
        self,
        unit: Callable[[Work], Awaitable[T]],
        *,
        caller: Caller | None = None,
        operation: Operation | None = None,
        afresh: bool = False,
    ) -> T:
        """Run a unit of work of the system itself (events, seeds, clock moves) in one transaction.

        With `afresh`, everything that the service stored is removed before it.
        """
        from .unit import run_system  # noqa: PLC0415 - the unit knows this class

        return await run_system(self, unit, caller, operation, afresh=afresh)


@dataclass
class AppContext:
    """What the services of one process share, and what a sandbox shares with the other processes on its database."""

    settings: Settings
    store: Store
    clock: Clock
    keys: Keys
    issuer: Issuer | None
    peers: Peers
    services: Mapping[str, ServiceContext]
    resets: list[Callable[[], None]] = field(default_factory=list)  # limiters and caches empty themselves here
    seen: str | None = None  # the shared state that this process has taken over last
    resets_seen: int = 0
    observers: Sequence[Observer] = ()
    draining: bool = False  # told to stop: ready for nothing new

    async def reset(self) -> None:
        """Bring the sandbox back to its fixtures, its clock to real time, its limits and faults to none."""
        await self.catch_up()
        self.clock.move(None)
        for context in self.services.values():
            context.faults.clear()
        self.peers.register(None)
        for forget in self.resets:
            forget()
        self.resets_seen += 1
        # At once: what waits for the store together is committed together.
        await asyncio.gather(self.publish(), *(self._seed(context, afresh=True) for context in self.services.values()))

    async def publish(self) -> None:
        """Let every process on this database take over the clock and the faults of this one."""
        if self.store.alone:
            return
        faults = {context.slug: context.faults for context in self.services.values() if context.faults}
        state = {"clock": self.clock.offset, "faults": faults, "resets": self.resets_seen}
        state |= {} if self.peers.document is None else {"peers": self.peers.document}
        self.seen = json.dumps(state, sort_keys=True)
        await self.store.share(STATE, self.seen)

    async def catch_up(self) -> None:
        """Take over the clock and the faults that another process has set."""
        if not self.settings.sandbox or self.store.alone:
            return
        found = await self.store.shared(STATE)
        if found is None or found == self.seen:
            return
        state = json.loads(found)
        self.clock.offset = state["clock"]
        for context in self.services.values():
            context.faults.clear()
            context.faults.update(state["faults"].get(context.slug, {}))
        self.peers.register(state.get("peers"))
        if state["resets"] != self.resets_seen:
            for forget in self.resets:
                forget()
        self.seen, self.resets_seen = found, state["resets"]

    async def seed(self) -> None:
        """Give every service that has stored nothing yet its fixtures."""
        for context in self.services.values():
            await self._seed(context)

    async def _seed(self, context: ServiceContext, *, afresh: bool = False) -> None:
        from istmo.spec import fixtures  # noqa: PLC0415 - only a sandbox reads fixtures

        seed, national = context.service.seed, context.service.national

        async def unit(work: Work) -> None:
            if seed is None or await work.history(limit=1):  # another process may have been faster
                return
            own = None if national is None else national.fixtures()
            work.seeding = True
            await seed(work, fixtures(context.slug) if own is None else own)

        if afresh or seed is not None:
            await context.run(unit, afresh=afresh)
