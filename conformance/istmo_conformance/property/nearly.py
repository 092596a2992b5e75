"""Calls that are right but for one thing which no contract of the region lets pass.

The engine breaks its data anywhere and mostly in several places, so that a service may refuse it for another reason.
Here one thing is changed in a call that keeps its schema: whoever serves it has not looked.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from istmo_conformance.client import Request
from istmo_conformance.exchanges import media_of
from istmo_conformance.property.engine import ABSENT
from istmo_conformance.property.laws import Trial
from istmo_conformance.property.staging import altered
from istmo_conformance.words import say

JSON: TypeAlias = Any
Place: TypeAlias = tuple[str | int, ...]
UNKNOWN = "istmoUnknown"
BEYOND = 2**60
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PER_CALL = 3  # kinds of change that are tried with one call, at one place each
THOROUGH = 8  # places at which the first call of an operation is changed, in every way
LIMITS = (0, 101, -1, 10**16 - 1)


def places(node: JSON, at: Place = ()) -> Iterator[tuple[Place, JSON]]:
    """Every place of a document with what stands there."""
    yield at, node
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, below in members:
        yield from places(below, (*at, name))


def join(place: Place) -> str:
    """A place as a pointer."""
    return "".join(f"/{name}" for name in place)


def _with(document: JSON, place: Place, value: JSON) -> JSON:
    """A copy of a document with another value at a place."""
    if not place:
        return value
    made = copy.deepcopy(document)
    node = made
    for name in place[:-1]:
        node = node[name]
    node[place[-1]] = value
    return made


def _unknown(node: JSON) -> JSON:
    return {**node, UNKNOWN: 1} if isinstance(node, dict) else ABSENT


def _text(node: JSON) -> JSON:
    return str(node) if isinstance(node, int) and not isinstance(node, bool) else ABSENT


def _number(node: JSON) -> JSON:
    if isinstance(node, bool):
        return int(node)
    return 7 if isinstance(node, str) else ABSENT


def _truth(node: JSON) -> JSON:
    return True if isinstance(node, int) and not isinstance(node, bool) else ABSENT


def _null(node: JSON) -> JSON:
    return ABSENT if node is None else None


def _no_date(node: JSON) -> JSON:
    return node[:4] + "-02-30" + node[10:] if isinstance(node, str) and _DATE.match(node) else ABSENT


def _control(node: JSON) -> JSON:
    return node + "\N{ALERT}x" if isinstance(node, str) else ABSENT


def _unseen(node: JSON) -> JSON:
    return node + "\N{RIGHT-TO-LEFT OVERRIDE}x" if isinstance(node, str) else ABSENT


def _too_long(node: JSON) -> JSON:
    return BEYOND if isinstance(node, int) and not isinstance(node, bool) else ABSENT


@dataclass(frozen=True)
class Change:
    """One thing to change, what the schema must then call wrong, and the requirement that has it refused."""

    wrong: Callable[[JSON], JSON]
    requirement: str
    words: frozenset[str] = frozenset()


CHANGES = (
    Change(_unknown, "common/unknown-body-member", frozenset({"additionalProperties", "unevaluatedProperties"})),
    Change(_text, "common/values-not-converted", frozenset({"type"})),
    Change(_number, "common/values-not-converted", frozenset({"type"})),
    Change(_truth, "common/values-not-converted", frozenset({"type"})),
    Change(_null, "common/values-not-converted", frozenset({"type"})),
    Change(_no_date, "common/real-dates", frozenset({"format"})),
    Change(_control, "common/control-characters-refused"),
    Change(_unseen, "common/invisible-characters-refused"),
    Change(_too_long, "common/safe-integers"),
)


def changed(trial: Trial) -> Iterator[tuple[str, str, JSON]]:
    """Bodies that are right but for one thing: the requirement that has it refused, its place, and the body."""
    document, operation = trial.drawn.document, trial.operation
    media = media_of(operation) if operation is not None else None
    pointer = operation.request.get(media) if operation is not None and media is not None else None
    if pointer is None or document is ABSENT or not trial.typed(str(media)):
        return
    validator = trial.stage.run.spec.validator(pointer)
    chance = random.Random(trial.drawn.salt)  # noqa: S311  # not a secret
    found = list(places(document))
    first = not trial.drawn.searched and trial.drawn.salt == 0
    for change in CHANGES if first else chance.sample(CHANGES, PER_CALL):
        possible = [(place, value) for place, node in found if (value := change.wrong(node)) is not ABSENT]
        chance.shuffle(possible)
        bodies = ((join(place), _with(document, place, value)) for place, value in possible)
        yield from islice(
            ((change.requirement, place, body) for place, body in bodies if _refusable(change, validator, body)),
            THOROUGH if first else 1,
        )


def _refusable(change: Change, validator: Any, body: JSON) -> bool:
    """Whether a changed body is neither open to any member nor wrong in a way that a national contract may allow."""
    breaches = {one.keyword for one in validator.violations(body)}
    return not change.words or (bool(breaches) and breaches <= change.words)


def refuses_what_is_nearly_right(trial: Trial, request: Request) -> None:
    """A body with one unknown member, one value of another type, one impossible date, is not served."""
    operation = trial.operation
    if operation is None:
        return
    for requirement, place, document in changed(trial):
        body = json.dumps(document, ensure_ascii=False).encode()
        again = altered(request, {"Idempotency-Key": trial.stage.world.key()} if operation.idempotent else {})
        wrong = Request(again.method, again.path, again.headers, body, again.cap)
        seen = trial.send(wrong, trial.who, operation)
        if seen is not None and seen.answer.status < 300:
            trial.hold(
                requirement,
                say(
                    "a body that is right but for {place} is served",
                    "se atiende un cuerpo correcto salvo en {place}",
                    place=place or "/",
                ),
                seen,
            )
            trial.stage.dirty = trial.stage.dirty or operation.method.upper() != "GET"
            return


def refuses_what_nobody_knows(trial: Trial, request: Request) -> None:
    """A query parameter that no contract knows is not let pass, whatever else the call carries."""
    operation = trial.operation
    if operation is None or trial.drawn.salt % 3:
        return
    mark = "&" if "?" in request.path else "?"
    again = altered(request, {"Idempotency-Key": trial.stage.world.key()} if operation.idempotent else {})
    wrong = Request(again.method, f"{again.path}{mark}{UNKNOWN}=1", again.headers, again.body, again.cap)
    seen = trial.send(wrong, trial.who, operation)
    if seen is not None and seen.answer.status < 300:
        trial.hold("common/unknown-parameter", say("an unknown parameter is let pass",
                   "se deja pasar un parámetro desconocido"), seen)  # fmt: skip
        trial.stage.dirty = trial.stage.dirty or operation.method.upper() != "GET"


def refuses_wrong_limits(trial: Trial, request: Request) -> None:
    """No list takes a limit out of range, whatever else the call carries."""
    operation = trial.operation
    if operation is None or operation.parameter("limit") is None or "limit=" in request.path:
        return
    mark = "&" if "?" in request.path else "?"
    limit = LIMITS[trial.drawn.salt % len(LIMITS)]
    wrong = Request(request.method, f"{request.path}{mark}limit={limit}", request.headers, request.body, request.cap)
    seen = trial.send(wrong, trial.who, operation)
    if seen is not None and seen.answer.status < 300:
        trial.hold("common/parameter-range", say("a limit out of range is let pass",
                   "se deja pasar un límite fuera de rango"), seen)  # fmt: skip
