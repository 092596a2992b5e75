"""Some PostgreSQL units that are written in one transaction, and whether all of them may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _postgres_group_sql as group_sql
from . import _postgres_sql as sql
from ._postgres_hasty import claimed
from ._postgres_pending import Pending, columns
from ._postgres_together import MOST
from ._postgres_views import pairs
from ._sqlite_views import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._postgres_group import Ready
    from ._postgres_hasty import Hasty, Kept, Place, Seen

LARGEST = 4_000_000  # characters of one transaction, unless a single unit has more


class _Crowd:
    """The units that are written now: what they write and what they saw, by where it is found fast."""

    def __init__(self) -> None:
        self.ready: list[Ready] = []
        self._size = 0
        self._taken: set[Any] = set()  # what only one unit of a transaction may write
        self._written: dict[str, list[Kept]] = {}
        self._got: set[Place] = set()
        self._found: dict[str, list[Seen]] = {}

    def room(self, unit: Hasty) -> bool:
        """Tell whether there is room for a unit: a transaction has so many units, and so many characters."""
        return not self.ready or (len(self.ready) < MOST and self._size + unit.size <= LARGEST)

    def before(self, unit: Hasty) -> bool:
        """Tell whether a unit writes what is written already, or saw what changes."""
        if not self._taken.isdisjoint(_takes(unit)):
            return True
        return any(
            ("record", seen.kind, seen.id) in self._taken
            if seen.query is None
            else any(seen.touched(kept) for kept in self._written.get(seen.kind, ()))
            for seen in unit.seen
        )

    def after(self, unit: Hasty) -> bool:
        """Tell whether a unit changes what another one saw."""
        return any(
            place in self._got or any(seen.touched(kept) for seen in self._found.get(place[0], ()))
            for place, kept in unit.kept.items()
        )

    def add(self, ready: Ready) -> None:
        """Take a unit in."""
        unit = ready.unit
        self.ready.append(ready)
        self._size += unit.size
        self._taken |= _takes(unit)
        for kept in unit.kept.values():
            self._written.setdefault(kept.record.kind, []).append(kept)
        for seen in unit.seen:
            if seen.query is not None:
                self._found.setdefault(seen.kind, []).append(seen)
            elif seen.id is not None:
                self._got.add((seen.kind, seen.id))


def parted(queue: Sequence[Ready]) -> tuple[list[Ready], list[Ready], list[Ready]]:
    """Return the units that are written now, those that lose against one of them, and those that are written later."""
    crowd = _Crowd()
    slow: list[Ready] = []
    later: list[Ready] = []
    for ready in queue:
        if ready.told.done():
            continue
        if crowd.before(ready.unit):
            slow.append(ready)
        elif not crowd.room(ready.unit) or crowd.after(ready.unit):
            later.append(ready)
        else:
            crowd.add(ready)
    return crowd.ready, slow, later


def _takes(unit: Hasty) -> set[tuple[str, ...]]:
    """Return what only one unit of a transaction may write: an answer, a record, a unique key."""
    found: set[tuple[str, ...]] = {("answer", *row[:3]) for row in unit.pending.answers}
    for place, kept in unit.kept.items():
        found.add(("record", *place))
        found |= {("key", place[0], *pair) for pair in claimed(kept)}
    return found


class Batch:
    """What some units write, in the form of the statements that write it."""

    def __init__(self, service: str, units: Sequence[Hasty]) -> None:
        self._service = service
        self._units = units
        self._pending = merged([unit.pending for unit in units])
        self._numbers: dict[tuple[str, str], int] = {}  # of the records that are new

    # ------------------------------------------------------------------ writing

    async def write(self, connection: Any) -> set[Hasty]:  # noqa: ANN401 - of the untyped driver
        """Write everything but the links; return the units that met something taken, changed or gone."""
        saved = [(unit, kept) for unit in self._units for kept in unit.kept.values() if kept.base]
        losers = await self._save(connection, saved) if saved else set()
        if losers:
            return losers
        new = [kept for unit in self._units for kept in unit.kept.values() if not kept.base]
        row = (await connection.fetch(*self._statement(new)))[0]
        self._numbers = {(kind, record_id): int(seq) for kind, record_id, seq in row["new"]}
        there = {("answer", *one) for one in row["kept"]} | {("key", *one) for one in row["taken"]}
        there |= {("record", *place) for place in self._numbers}
        return {
            unit
            for unit in self._units
            if not _wanted(unit) <= there
            or (unit.head is not None and unit.reset != row["reset"])
            or any(rows != [one for one in row["steady"] if one[0] == kind] for kind, rows in unit.steady.items())
        }

    async def _save(self, connection: Any, saved: Sequence[tuple[Hasty, Kept]]) -> set[Hasty]:  # noqa: ANN401 - see write
        saved = sorted(saved, key=lambda one: one[1].record.seq)
        kept = [one for _, one in saved]
        rows = [(one.record.seq, one.base, one.record.version, *one.texts) for one in kept]
        rekeyed = [one for one in kept if one.unique is not None]
        keys = [(one.record.kind, one.record.seq, *pair) for one in rekeyed for pair in indexed(one.keys or {})]
        unique = [(one.record.kind, one.record.seq, *pair) for one in rekeyed for pair in claimed(one)]
        found = await connection.fetch(
            group_sql.SAVES,
            self._service,
            *columns(rows, 6),
            [one.record.seq for one in rekeyed],
            *columns(keys, 4),
            *columns(unique, 4),
        )
        changed, refused = set(found[0][0]), set(found[0][1])
        return {unit for unit, one in saved if one.record.seq not in changed or one.record.seq in refused}

    def _statement(self, new: Sequence[Kept]) -> list[Any]:
        """Return the statement that writes what is new, with its parameters."""
        steady = sorted({kind for unit in self._units for kind in unit.steady})
        rows = [(one.record.kind, one.record.id, one.record.owner, one.record.version, *one.texts) for one in new]
        keys = [(one.record.kind, one.record.id, *pair) for one in new for pair in indexed(one.keys or {})]
        unique = [(one.record.kind, one.record.id, *pair) for one in new for pair in claimed(one)]
        there = [*self._pending.columns(self._service)]
        if keys or unique or steady or self._pending.accesses or self._pending.events:
            added = [*columns(rows, 7), *columns(keys, 4), *columns(unique, 4)]
            return [group_sql.WRITE, *there, *added, self._entry(), steady]
        return [group_sql.WRITE_SHORT, *there[:9], *columns(rows, 7), self._entry()]

    def _entry(self) -> str:
        links = self._pending.links
        return links[0] if len(links) == 1 else dumps(links) if links else ""

    # ------------------------------------------------------------------ whether it may stay

    async def doubtful(self, connection: Any, seconds: float) -> set[Hasty]:  # noqa: ANN401 - see write
        """Return the units whose sights do not hold any more, with the head of the chain locked when there are any."""
        looked = [unit for unit in self._units if unit.seen and unit.pending.links]
        if not looked:
            return set()
        head = (await connection.fetch(group_sql.HEAD, self._service, f"{int(seconds * 1000)}ms"))[0][0]
        moved = [unit for unit in looked if unit.head != head]
        return {unit for unit in moved if not await self._holds(connection, unit)} if moved else set()

    async def _holds(self, connection: Any, unit: Hasty) -> bool:  # noqa: ANN401 - see write
        own = {kept.record.seq or self._numbers[place] for place, kept in unit.kept.items()}
        for seen in unit.seen:
            sight = seen.sight
            if sight.limit is None and sight.seen and all(seq in own for seq, _ in sight.seen):
                continue
            statement, parameters = sight.again(len(own))
            if not sight.holds(await connection.fetch(statement, *parameters), own):
                return False
        return True

    # ------------------------------------------------------------------ the end

    def ending(self, seconds: float) -> str:
        """Return the statements that write the links and commit."""
        if not self._pending.links:
            return sql.COMMIT
        one = len(self._pending.links) == 1
        links = group_sql.ONE_LINK_AND_COMMIT if one else group_sql.LINKS_AND_COMMIT
        return links.format(milliseconds=int(seconds * 1000))

    def done(self) -> None:
        """Give the new records the numbers that they got."""
        for unit in self._units:
            for place, kept in unit.kept.items():
                kept.given.seq = kept.record.seq = kept.record.seq or self._numbers[place]


def _wanted(unit: Hasty) -> set[tuple[str, ...]]:
    """Return what a unit must have got by the statement that writes what is new."""
    found: set[tuple[str, ...]] = {("answer", *row[:3]) for row in unit.pending.answers}
    for place, kept in unit.kept.items():
        if not kept.base:
            found.add(("record", *place))
            found |= {("key", place[0], *pair) for pair in claimed(kept)}
    return found


def indexed(keys: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return keys and their values as they are indexed."""
    return list(zip(*pairs(keys), strict=True))


def merged(parts: Sequence[Pending]) -> Pending:
    """Return what several units keep for their end as if one had kept it all, in their order."""
    whole = Pending()
    for part in parts:
        before = len(whole.events)
        whole.answers += part.answers
        whole.accesses += part.accesses
        whole.events += part.events
        whole.deliveries += [(before + number, subscription) for number, subscription in part.deliveries]
        whole.links += part.links
    return whole
