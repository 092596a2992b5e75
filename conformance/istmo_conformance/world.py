"""What one scenario knows: the resources at hand, the last answers, the clock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from istmo.errors import Finding, KitError
from istmo.spec import Operation, Spec
from istmo_conformance.calls import Call
from istmo_conformance.cast import ENTITLED, NOBODY, PEER, SHIFTED
from istmo_conformance.causes import Blocked, Cause
from istmo_conformance.client import Answer
from istmo_conformance.composing import Composer, Giant
from istmo_conformance.exchanges import CREATED, JSON_TYPE, ON_BEHALF, Exchange, Made, Resource, collection_of
from istmo_conformance.modes import Mode
from istmo_conformance.trying import Trial
from istmo_conformance.values import FEE, is_made, its, resolve
from istmo_conformance.words import say

if TYPE_CHECKING:
    from istmo_conformance.run import Run

JSON: TypeAlias = Any
UNAUTHENTICATED = 401
HUGE = 1024 * 1024  # letters


@dataclass
class World:
    """The state of one scenario."""

    run: Run
    scenario: str
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    it: Resource | None = None
    case: Resource | None = None
    known: dict[str, JSON] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    group: list[Exchange] = field(default_factory=list)
    history: list[Exchange] = field(default_factory=list)
    instant: datetime | None = None
    earliest: datetime | None = None  # where the clock stood at first, and furthest
    latest: datetime | None = None
    who: str = "nobody"
    collected: list[JSON] = field(default_factory=list)
    before: list[JSON] = field(default_factory=list)
    place: str = ""
    trials: list[Trial] = field(default_factory=list)  # of the last When, each with what was wrong with it
    unready: dict[str, str] = field(default_factory=dict)  # what the last When could not call, and why
    giants: dict[str, Giant] = field(default_factory=dict)  # texts of megabytes, by the words that stand for them
    made: list[Made] = field(default_factory=list)  # by this scenario, to be tidied up
    _counter: int = 0

    @property
    def spec(self) -> Spec:
        """The specification under which the run judges."""
        return self.run.spec

    @property
    def answer(self) -> Answer:
        """The last answer."""
        if not self.group:
            raise KitError("no-answer", "no call was made yet", "put a When before this Then")
        return self.group[-1].answer

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the country counts its days."""
        return self.run.zone

    @property
    def now(self) -> datetime:
        """The position of the service's clock."""
        return self.instant or self.began

    @property
    def today(self) -> date:
        """The day in the country."""
        return self.now.astimezone(self.zone).date()

    def set_clock(self, moment: datetime) -> None:
        """Move the clock of the service."""
        self.run.sandbox.set_clock(moment)
        self.instant = moment
        self.earliest = min(self.earliest or moment, moment)
        self.latest = max(self.latest or moment, moment)

    def token(self, call: Call) -> str | None:
        """The token with which a call is made."""
        if call.who == PEER and call.operation is not None and call.operation.signed:
            return None  # a signature stands for it
        if call.token in SHIFTED and call.who not in NOBODY:
            return self.run.cast.shifted(call.who, call.token, self.now, self.run.sandbox.set_clock)
        return self.run.cast.token(call.who, call.token, call.operation, self.instant)

    def unique(self, purpose: str) -> str:
        """A text that the same scenario of the same seed always makes anew in the same way."""
        self._counter += 1
        return f"{purpose}:{self.run.seed}:{self.scenario}:{self._counter}"

    def key(self, *, odd: bool = False) -> str:
        """A fresh idempotency key: where nothing is reset, one that no other run has used."""
        told = self.unique("key") + ("" if self.run.mode is Mode.FULL else f":{self.run.salt}")
        return ("Istmo-2027.03:15_" if odd else "istmo-") + hashlib.sha256(told.encode()).hexdigest()[:32]

    def fresh_uuid(self, purpose: str) -> str:
        """A fresh identifier that nothing has."""
        digest = hashlib.sha256(self.unique(purpose).encode()).hexdigest()
        variant = "89ab"[int(digest[16], 16) % 4]
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"  # version 4

    def trusted(self) -> bool:
        """Whether the sandbox lets the suite be a peer; where it does not, nobody can sign anything."""
        try:
            self.run.sandbox.trust(self.run.signatory.listed(self.now))
        except Finding:
            return False
        return True

    # Making calls

    def perform(self, call: Call) -> list[Answer]:
        """Make a call as described, once or several times, and remember what it showed."""
        if call.who in ENTITLED:
            call.who = self.run.cast.entitled(call.operation) if call.operation else "ana"
        self.who, composer = call.who, Composer(self)
        if call.repeated:
            requests = [composer.last_request(call)] * call.times
        elif call.twice:
            requests = [composer.request(call)] * 2
        elif call.parallel:
            requests = [composer.request(call)] * call.times
        elif call.each_method and call.operation is not None:
            requests = [composer.request(call, method) for method in composer.undeclared(call.operation)]
        else:
            requests = [composer.request(call) for _ in range(call.times)]
        self.group, self.trials, self.unready = [], [], {}
        answers = (
            self.run.client.send_many(requests) if call.parallel else [self.run.client.send(one) for one in requests]
        )
        for answer in answers:
            self.keep(call.who, call.operation, answer)
        if any(one.status == UNAUTHENTICATED for one in answers) and self._untimely(call):
            raise untimely(call.who)
        return answers

    def _untimely(self, call: Call) -> bool:
        """Whether a token may be refused for a clock that the suite has set, which its issuer need not know."""
        if self.instant is None or not self.run.cast.outside:
            return False
        own = call.who not in NOBODY and call.token == "plain"  # noqa: S105  # the kind of token, not one
        sent = not call.token_in_address and "authorization" not in {*call.dropped, *map(str.lower, call.headers)}
        signed = call.operation is not None and call.operation.signed  # and takes no token
        return own and sent and not signed

    def keep(self, who: str, operation: Operation | None, answer: Answer) -> None:
        """Take an answer into the world and hold it against the passive checks."""
        exchange = Exchange(who, operation, answer)
        self.group.append(exchange)
        self.history.append(exchange)
        self.run.saw(self.scenario, exchange)
        if operation is not None and answer.status < 300 and answer.media_type == JSON_TYPE:
            self.remember(who, operation, answer)

    def remember(self, who: str, operation: Operation, answer: Answer) -> None:
        """Keep the resource that an answer shows as the one at hand."""
        try:
            document = answer.json()
        except Finding:
            return
        if not isinstance(document, dict) or not isinstance(document.get("id"), str):
            return
        collection = collection_of(operation.path)
        old = self.resources.get(collection)
        if old is not None and old.id == document["id"]:
            document = {**old.doc, **document}
            who = old.owner
        found = Resource(collection, document["id"], document, answer.header("etag"), who)
        self.resources[collection] = self.it = found
        if answer.status == CREATED and operation.method.upper() == "POST":
            mandate = [(name, value) for name, value in answer.request.headers if name == ON_BEHALF]
            self.made.append(Made(operation, found, mandate))
        if self.spec.cases and collection == self.spec.cases[0].collection:
            self.case = found

    def its(self, name: str) -> tuple[str, JSON]:
        """A member of the resource at hand, with its proper name."""
        from istmo_conformance.values import camel

        member = name if name.startswith("/") else camel(name)
        return member.rpartition("/")[2], its(self.it.doc if self.it else None, member)

    def value(self, text: str) -> JSON:
        """The value that a scenario wrote."""
        if text in FEE:
            return self._fee()
        if text in self.giants:
            return self.giants[text].text
        found = resolve(text, it=self.it.doc if self.it else None, known=self.known, today=self.today)
        if is_made(text) and isinstance(found, str) and len(found) > HUGE:  # what a service says may change any time
            self.giants[text] = Giant.of(found)
        return found

    def _fee(self) -> str:
        """The code of the first fee that the profile lists; where the service is free, the scenario does not apply."""
        fees = self.run.profile.fees(self.spec.slug)
        if not fees:
            import pytest

            pytest.skip("not-in-profile")
        return str(fees[0]["code"])


def untimely(alias: str) -> Blocked:
    """A Finding about a good token that is refused at a moment which its issuer may not know."""
    what = say("refused while the clock is set", "rechazado mientras el reloj está fijado")
    message = say("the token of {alias}, which no sandbox issued, is {what}",
                  "el token de {alias}, que no emitió un entorno de pruebas, es {what}",
                  alias=alias, what=what)  # fmt: skip
    return Blocked(message, cause=Cause("token", alias, what), anywhere=True)


def prerequisite(what: str, answer: Answer) -> Finding:
    """A Finding about a step of the set-up that the service did not let through."""
    said = said_by(answer)
    return Blocked(
        say("{what} answers {said}", "{what} responde {said}", what=what, said=said),
        cause=Cause("operation", what, said[:120]),
    )


def said_by(answer: Answer) -> str:
    """The status of an answer, and the code of its problem where it is one."""
    code = ""
    if answer.is_json:
        try:
            document = answer.json()
            code = f" {document['code']}" if isinstance(document, dict) and "code" in document else ""
        except Finding:
            code = ""
    return f"{answer.status}{code}"
