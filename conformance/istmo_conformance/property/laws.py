"""The laws of the standard that hold for every call, whatever data it carries.

A law speaks only where the standard does. A national contract may widen the regional one, so a longer text or another
code that is let pass breaks nothing; an unknown member, a value of another type or a date that no calendar has does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from istmo.errors import Finding
from istmo.spec import Operation
from istmo_conformance.checks import observe
from istmo_conformance.client import Answer, Late, Request
from istmo_conformance.exchanges import Exchange, media_of
from istmo_conformance.property.engine import ABSENT, Drawn
from istmo_conformance.property.staging import STRANGER, Stage
from istmo_conformance.words import say

JSON: TypeAlias = Any
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
# Whoever is asked too much, or waits for another system, says nothing about the call.
TOO_MUCH = frozenset({429, 502, 503, 504})
UNKNOWN = "00000000-0000-4000-8000-00000000dead"


@dataclass(frozen=True)
class Violation:
    """A law that was broken: the requirement, what happened, and the call that shows it."""

    requirement: str
    message: str
    exchange: Exchange

    @property
    def size(self) -> int:
        """How much there is to read in the call that shows it."""
        request = self.exchange.answer.request
        return len(request.path) + len(request.body) + sum(len(name + value) for name, value in request.headers)


@dataclass
class Trial:
    """One generated call on its stage, and everything that was seen around it."""

    stage: Stage
    drawn: Drawn
    operation: Operation | None
    who: str
    before: str | None = None  # the tag of the resource right before the call
    exchange: Exchange | None = None
    found: list[Violation] = field(default_factory=list)

    @property
    def answer(self) -> Answer:
        """The answer to the generated call."""
        assert self.exchange is not None
        return self.exchange.answer

    @property
    def served(self) -> bool:
        """Whether the call was let through."""
        return self.answer.status < 300

    @property
    def breaches(self) -> list[Any]:
        """What the generated body breaks of its schema; nothing where there is none that could be read."""
        operation, drawn = self.operation, self.drawn
        media = media_of(operation) if operation is not None else None
        pointer = operation.request.get(media) if operation is not None and media is not None else None
        if media is None or pointer is None or drawn.document is ABSENT or not self.typed(media):
            return []
        return list(self.stage.run.spec.validator(pointer).violations(drawn.document))

    def typed(self, media: str) -> bool:
        """Whether the call says that its body is of a media type."""
        return self.drawn.headers.get("content-type", "").partition(";")[0] == media

    def send(self, request: Request, who: str, operation: Operation | None) -> Exchange | None:
        """Make a call and hold its answer against the checks that every answer passes; none where it tells nothing."""
        run = self.stage.run
        try:
            answer = run.client.send(request)
        except Late:
            raise
        except Finding as broken:
            nothing = Answer(0, (), b"", 0.0, request)
            self.hold("common/no-server-errors", str(broken), Exchange(who, operation, nothing))
            return None
        finally:
            run.calls += 1
        exchange = Exchange(who, operation, answer)
        for seen in observe(run.contract, operation, answer):
            self.hold(seen.requirement, seen.message, exchange)
        return None if answer.status in TOO_MUCH else exchange

    def hold(self, requirement: str, message: str, exchange: Exchange) -> None:
        """Hold something against the service."""
        self.found.append(Violation(requirement, message, exchange))


Law: TypeAlias = Callable[[Trial], None]


def code_of(answer: Answer) -> str:
    """The code of a problem document; nothing where the answer is none."""
    try:
        document = answer.json() if answer.is_json else None
    except Finding:
        return ""
    return str(document.get("code", "")) if isinstance(document, dict) else ""


def refuses_unknown_parameters(trial: Trial) -> None:
    """A query parameter that no contract knows is refused."""
    operation = trial.operation
    if operation is None or not trial.served:
        return
    declared = {one.name for one in operation.parameters if one.location == "query"}
    names = [name for name, _ in trial.drawn.pairs]
    if any(name not in declared and _PLAIN.fullmatch(name) for name in names):
        trial.hold(
            "common/unknown-parameter",
            say("an unknown parameter is let pass", "se deja pasar un parámetro desconocido"), _shown(trial),
        )  # fmt: skip
    if any(names.count(name) > 1 for name in ("limit", "cursor")):
        trial.hold(
            "common/repeated-parameter",
            say("a parameter that stands twice is let pass", "se deja pasar un parámetro repetido"), _shown(trial),
        )  # fmt: skip


def obeys_limits(trial: Trial) -> None:
    """A limit out of range is refused, and a page holds no more than its limit."""
    limits = [value for name, value in trial.drawn.pairs if name == "limit"]
    operation = trial.operation
    if operation is None or operation.parameter("limit") is None or len(limits) != 1 or not trial.served:
        return
    if re.fullmatch(r"-?[0-9]{1,20}", limits[0]) is None:
        return  # what is no number at all may count as no limit: the standard speaks of ranges
    if not 1 <= int(limits[0]) <= 100:
        trial.hold("common/parameter-range", say("a limit out of range is let pass",
                   "se deja pasar un límite fuera de rango"), _shown(trial))  # fmt: skip
    elif len(_items(trial.answer)) > int(limits[0]):
        trial.hold("common/paging-complete", say("a page holds more than its limit",
                   "una página tiene más que su límite"), _shown(trial))  # fmt: skip


# What a body may break without any national contract allowing it, and the requirement that is then broken.
NEVER_ALLOWED = {
    "additionalProperties": "common/unknown-body-member",
    "unevaluatedProperties": "common/unknown-body-member",
    "type": "common/values-not-converted",
}


def refuses_wrong_bodies(trial: Trial) -> None:
    """A body that no widening of the contract allows is refused, and the refusal says what is unknown."""
    if trial.operation is None:
        return
    breaches = trial.breaches
    words = {one.keyword for one in breaches}
    for word in sorted(words & NEVER_ALLOWED.keys()) if trial.served else ():
        place = next(one.pointer for one in breaches if one.keyword == word)
        trial.hold(
            NEVER_ALLOWED[word],
            say("a body that breaks its schema is let pass ({place}: {word})",
                "se deja pasar un cuerpo que incumple su esquema ({place}: {word})", place=place or "/", word=word),
            _shown(trial),
        )  # fmt: skip
    unknown = bool(words) and words <= {"additionalProperties", "unevaluatedProperties"}
    if unknown and _validation_failed(trial.answer) and "unknown-property" not in _told(trial.answer):
        trial.hold(
            "common/unknown-body-member",
            say("the refusal does not say that a member is unknown",
                "el rechazo no dice que un miembro es desconocido"),
            _shown(trial),
        )  # fmt: skip


def _validation_failed(answer: Answer) -> bool:
    return answer.status == 422 and code_of(answer) == "validation-failed"


def _told(answer: Answer) -> set[str]:
    document = answer.json()
    return {str(one.get("code")) for one in document.get("errors", ()) if isinstance(one, dict)}


def repeats_no_identifier(trial: Trial) -> None:
    """A refusal does not repeat the identifier of the address that it refuses."""
    name, request = trial.drawn.names.get("id", ""), trial.answer.request
    if trial.answer.status < 400 or len(name) < 8 or not trial.answer.is_json or name not in request.path:
        return
    if any(name in value for _, value in request.headers):
        return  # a correlation id comes back by right
    if name.encode() in trial.answer.body:
        trial.hold("common/values-not-echoed", say("a refusal repeats the identifier that it refuses",
                   "un rechazo repite el identificador que rechaza"), _shown(trial))  # fmt: skip


def hides_from_strangers(trial: Trial) -> None:
    """What belongs to somebody else answers a stranger as what does not exist, whatever the call carries."""
    stage, operation = trial.stage, trial.operation
    if operation is None or trial.drawn.aim != "other" or stage.resource is None or stage.who != "ana":
        return
    if stage.resource.id not in trial.answer.request.path or stage.concerns_stranger(stage.resource.doc):
        return
    again = stage.request(trial.drawn, who=STRANGER, resource=UNKNOWN)
    other = trial.send(again, STRANGER, operation)
    if other is None or (trial.answer.status, code_of(trial.answer)) == (other.answer.status, code_of(other.answer)):
        return
    trial.hold(
        "common/others-see-nothing" if operation.method.upper() == "GET" else "common/others-change-nothing",
        say("what is another's answers {one} {first}, and what does not exist {other} {second}",
            "lo ajeno responde {one} {first}, y lo que no existe {other} {second}",
            one=trial.answer.status, first=code_of(trial.answer),
            other=other.answer.status, second=code_of(other.answer)),
        _shown(trial),
    )  # fmt: skip


def lists_only_own(trial: Trial) -> None:
    """Two citizens never see the same item in lists that are not public."""
    operation = trial.operation
    if operation is None or operation.public or trial.who != "ana" or not trial.served:
        return
    own = {str(one["id"]) for one in _items(trial.answer) if "id" in one and not trial.stage.concerns_stranger(one)}
    if not own or operation.parameter("limit") is None:
        return
    other = trial.send(trial.stage.request(trial.drawn, who=STRANGER), STRANGER, operation)
    if other is not None and own & {str(one.get("id")) for one in _items(other.answer)}:
        trial.hold(
            "common/others-see-nothing", say("a list shows what is another's", "una lista muestra lo ajeno"), other
        )


def _items(answer: Answer) -> list[dict[str, JSON]]:
    """The items on a page."""
    try:
        document = answer.json() if answer.is_json else None
    except Finding:
        return []
    items = document.get("items") if isinstance(document, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _shown(trial: Trial) -> Exchange:
    assert trial.exchange is not None
    return trial.exchange


LAWS: tuple[Law, ...] = (
    refuses_unknown_parameters, obeys_limits, refuses_wrong_bodies, repeats_no_identifier, hides_from_strangers,
    lists_only_own,
)  # fmt: skip


def broken(trial: Trial, laws: tuple[Law, ...] = LAWS) -> Iterator[Violation]:
    """Everything that the laws hold against a trial."""
    for law in laws:
        law(trial)
    yield from trial.found
