"""Who gets which case: each case goes to one operation of each kind, each operation gets one of each family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from istmo.spec import catalogue, spec

from ._calls import Case, Value

if TYPE_CHECKING:
    from istmo.spec import Operation

Kind = tuple[str, str, bool]
FAMILIES = 3  # that a single place of a body meets in the short run, in turn


@dataclass(frozen=True)
class Named:
    slug: str
    operation: Operation


def kind(operation: Operation) -> Kind:
    return operation.method, "+".join(operation.request), operation.public


@cache
def kinds() -> dict[Kind, list[Named]]:
    """Every operation of the catalogue by its kind."""
    found: dict[Kind, list[Named]] = defaultdict(list)
    for entry in catalogue():
        for operation in spec(entry.slug).operations.values():
            found[kind(operation)].append(Named(entry.slug, operation))
    return found


def _number(slug: str, operation: Operation) -> int:
    peers = kinds()[kind(operation)]
    return next(n for n, one in enumerate(peers) if one.slug == slug and one.operation.id == operation.id)


def cases_of(slug: str, operation: Operation, cases: Sequence[Case]) -> Iterator[Case]:
    """The cases of the short run for one operation."""
    peers, number = kinds()[kind(operation)], _number(slug, operation)
    families: dict[str, list[Case]] = defaultdict(list)
    for turn, case in enumerate(cases):
        if not case.applies(operation):
            continue
        able = [n for n, one in enumerate(peers) if case.applies(one.operation)]
        if able[turn % len(able)] == number:
            yield case
        else:
            families[case.family].append(case)
    for rest in families.values():
        yield rest[number % len(rest)]


def values_of(slug: str, operation: Operation, places: int, values: Sequence[Value]) -> Iterator[tuple[int, Value]]:
    """The values of the short run for one operation, each with the number of the place in a body where it goes."""
    peers, number = kinds()[kind(operation)], _number(slug, operation)
    for turn, value in enumerate(values[number :: len(peers)] if places else ()):
        yield (turn + number) % places, value
    families: dict[str, list[Value]] = defaultdict(list)
    for value in values:
        families[value.family].append(value)
    rows = list(families.values())
    for place in range(places):
        for n in range(FAMILIES):
            row = rows[(number + place * FAMILIES + n) % len(rows)]
            yield place, row[(number + place) % len(row)]
