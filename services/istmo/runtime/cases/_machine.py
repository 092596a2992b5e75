"""The case machine bound to one collection of a service: its operations, its automatic walk, its clock."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from istmo.errors import KitError, Problem
from istmo.names import kebab
from istmo.runtime import canonical, documents, fees, gone, receipts
from istmo.runtime.store import Record
from istmo.runtime.work import Answer

from . import _binding, _intake, _table, _view
from ._draft import CaseDraft, ground
from ._hooks import Hooks

if TYPE_CHECKING:
    from istmo.runtime.service import Handler, ServiceContext
    from istmo.runtime.store import Json
    from istmo.runtime.work import Work
    from istmo.spec import Operation

PAID = "payments.request.paid"
MOST_STEPS = 12  # automatic steps in one unit: more is a room that walks in circles
MONTHS = 60  # how far back a sweep looks for cases that should have ended
SWEEP = 100
OWN_VERBS = frozenset({"read", "write"})
DEFAULT_GROUNDS = {
    "approve": "requirements-met",
    "reject": "other",
    "overturn": "appeal-granted",
    "uphold": "appeal-upheld",
}


class Case:
    """The cases of one collection; a room adds hooks and writes none of the actions."""

    def __init__(self, collection: str = "requests", hooks: object | None = None) -> None:
        self.collection = collection
        self.hooks = Hooks(hooks)
        self._paths: dict[int, dict[str, Operation]] = {}

    # ------------------------------------------------------------------ binding

    def bind(self, context: ServiceContext) -> Mapping[str, Handler]:
        """Return the handlers of every operation that the specification has for this collection."""
        paths = next((one for one in context.spec.cases if one.collection == self.collection), None)
        if paths is None:
            hint = "a case collection has a create operation and an action `submit`"
            raise KitError("case-collection", f"{context.slug} has no cases in /{self.collection}", hint)
        handlers: dict[str, Handler] = {paths.create.id: self.create}
        plain = ((paths.list, self.list_cases), (paths.read, self.read), (paths.replace, self.replace))
        handlers |= {operation.id: handler for operation, handler in plain if operation is not None}
        for action, operation in paths.actions.items():
            if action in _table.BY_ACTION:
                _binding.agree(context, action, operation)
                handlers[operation.id] = self._handler(action)
        self._paths[id(context.spec)] = _binding.operations(paths)
        return handlers

    def operations(self, work: Work) -> Mapping[str, Operation]:
        """Return the operations of the collection by action; `replace` is the one that edits a draft."""
        return self._paths[id(work.spec)]

    def _handler(self, action: str) -> Handler:
        async def handler(work: Work, id: str, body: Json | None = None) -> Answer:  # noqa: A002 - the parameter's name
            return await self.act(work, id, action, body or {})

        handler.__name__ = action.replace("-", "_")
        return handler

    # ------------------------------------------------------------------ drafts

    async def create(self, work: Work, body: Json) -> Answer:
        """Create a draft of the caller, or of the principal of the mandate."""
        case_id = str(uuid.uuid4())
        facts = await self._facts(work, body, case_id)
        number = await work.take_number(f"reference:{work.today.year}")
        doc = _blank(work, case_id, work.reference(number)) | facts
        case = CaseDraft(work, Record(self.collection, case_id, 0, work.caller.acting_for, 1, doc))
        case.reached.append(_table.DRAFT)
        self._sent(case, body, facts)
        record = await work.add(
            self.collection,
            case.doc,
            owner=case.owner,
            id=case_id,
            hidden=case.hidden,
            keys=case.stored_keys(),
        )
        self._announce(work, case)
        answer = await self._answer(work, record)
        answer.location = f"{work.context.base_path}/{self.collection}/{case_id}"
        return answer

    async def replace(self, work: Work, id: str, body: Json) -> Answer:  # noqa: A002 - the parameter's name
        """Replace what the owner wrote, as long as it is a draft."""
        case = await self._case(work, id)
        if case.status != _table.DRAFT or not self._is_owner(work, case):
            raise await _view.illegal(self, work, case)
        server = {name: value for name, value in case.doc.items() if name not in case.hidden["written"]}
        facts = await self._facts(work, body, case.id)
        case.doc = {**server, **facts}
        self._sent(case, body, facts)
        return await self._answer(work, await self._save(work, case))

    async def _facts(self, work: Work, body: Json, case_id: str) -> Json:
        """Return what a body says once it is known to be allowed."""
        stated = _intake.applicant(work, body)
        _intake.check_money(work, body)
        added = await self.hooks.draft(work, body)
        _, evidence = await _intake.attach(work, body, to=case_id)
        facts = {"type": self.collection.removesuffix("s"), **body, "applicant": stated, **added}
        if "evidence" in body:
            facts["evidence"] = evidence
        return facts

    @staticmethod
    def _sent(case: CaseDraft, body: Json, facts: Json) -> None:
        """Note what was sent: its digest for the receipt, its names for the next replacement."""
        case.hidden["payloadDigest"] = hashlib.sha256(canonical.dumps(body)).hexdigest()
        case.hidden["written"] = sorted(facts)
        case.keep_draft()

    # ------------------------------------------------------------------ reading

    async def read(self, work: Work, id: str) -> Answer:  # noqa: A002 - the parameter's name
        """Read one case: the owner their own, officers any that was submitted."""
        case = await self._case(work, id)
        record = await self._save(work, case) if case.changed else case.record
        return await self._answer(work, record)

    async def list_cases(
        self,
        work: Work,
        limit: int = 20,
        cursor: str | None = None,
        status: str | None = None,
        **filters: str | None,
    ) -> Answer:
        """List the caller's cases, or for officers the queue of all that were submitted."""
        keys: dict[str, Any] = {name: value for name, value in filters.items() if value is not None}
        if status is not None:
            keys["status"] = status
        owner = None if self._sees_all(work) else work.caller.acting_for
        if owner is None:
            keys["queue"] = "yes"
        await self.sweep(work, owner)
        page = await work.page(self.collection, limit=limit, cursor=cursor, owner=owner, **keys)
        return page.answer([await _view.render(self, work, CaseDraft(work, record)) for record in page.records])

    async def _answer(self, work: Work, record: Record) -> Answer:
        return Answer(await _view.render(self, work, CaseDraft(work, record)), etag=record.version)

    async def _case(self, work: Work, case_id: str) -> CaseDraft:
        """Return a case that the caller may see, as the clock has left it."""
        everybody = self._sees_all(work)
        try:
            record = await work.get(self.collection, case_id, any_owner=everybody)
        except Problem as problem:
            if problem.code == "not-found":
                await gone.refuse(work, case_id)
            raise
        case = CaseDraft(work, record)
        if not self._is_owner(work, case) and "submittedAt" not in case.doc:
            raise Problem("not-found")
        if case.overdue:
            case.move("expire", _table.SYSTEM)
        return case

    @staticmethod
    def _is_owner(work: Work, case: CaseDraft) -> bool:
        return bool(case.owner) and case.owner == work.caller.acting_for

    @staticmethod
    def _sees_all(work: Work) -> bool:
        """Tell whether the caller holds a scope of the operation that reaches beyond their own cases."""
        prefix = f"{work.context.kebab}:"
        held = {scope.removeprefix(prefix) for scope in work.operation.scopes if scope in work.caller.scopes}
        return bool(held - OWN_VERBS)

    # ------------------------------------------------------------------ actions

    async def act(self, work: Work, case_id: str, action: str, body: Json) -> Answer:
        """Take an action for the caller, then whatever the system does by itself after it."""
        case = await self._case(work, case_id)
        row = _table.BY_ACTION[action]
        held = _view.roles(work, case) & row.roles
        if not held and row.roles == {_table.OWNER}:
            raise Problem("not-found")
        if not held or case.status not in row.origins or _view.past_appeal(case, action):
            raise await _view.illegal(self, work, case)
        await self._may(work, case, action)
        role = next(role for role in _table.ROLES if role in held)
        await self._effect(work, case, action, role, body)
        if case.status == "discarded":
            return await self._discard(work, case)
        await self._walk(work, case)
        return await self._answer(work, await self._save(work, case))

    async def _may(self, work: Work, case: CaseDraft, action: str) -> None:
        """Refuse an action that a hold or a rule of the room stands against."""
        blocked = case.blocked_by(action)
        if blocked:
            refusal = await _view.illegal(self, work, case)
            raise Problem("hold-active", holds=blocked, **refusal.members)
        await self.hooks.guard(work, case, action)

    async def _effect(self, work: Work, case: CaseDraft, action: str, role: str, body: Json) -> None:
        """Change the case as the action and its body say."""
        byline = _byline(work, role)
        if "national" in body and action not in DEFAULT_GROUNDS:
            case.doc["national"] = {**case.doc.get("national", {}), **body["national"]}
        if action in DEFAULT_GROUNDS:
            grounds = body.get("grounds") or [ground(DEFAULT_GROUNDS[action], case.language)]
            case.decide(action, byline, grounds, body.get("conditions") or ())
            if "national" in body:
                case.doc["decision"]["national"] = body["national"]
        if action == "issue":
            case.doc["outputs"] = [*case.doc["outputs"], *await self.hooks.issued(work, case)]
        await self._attach(work, case, body)
        case.move(action, byline, _intake.reason(body) if action not in DEFAULT_GROUNDS else body.get("reason"))
        if action == "submit":
            await self._submitted(work, case, body)

    @staticmethod
    async def _attach(work: Work, case: CaseDraft, body: Json) -> None:
        """Add the files and the evidence of an action to those that the case has."""
        listed, evidence = await _intake.attach(work, body, to=case.id)
        if listed:
            case.doc["documents"] = list(dict.fromkeys([*case.doc.get("documents", ()), *listed]))
        if evidence:
            case.doc["evidence"] = [*case.doc.get("evidence", ()), *evidence]

    async def _submitted(self, work: Work, case: CaseDraft, body: Json) -> None:
        """Bill, hold and confirm a submission."""
        listed = [(document, "/documents") for document in _files(case.doc)]
        await documents.attach(work, listed, to=case.id)  # a scan may have ended badly since the draft was written
        case.doc["submittedAt"] = case.doc["statusHistory"][-1]["at"]
        case.doc["dueBy"] = case.deadline("processingDays")
        quote_id = body.get("feeQuoteId") or case.doc.get("feeQuoteId")
        if quote_id is not None:
            case.doc["feeQuoteId"] = quote_id
            case.quote = await fees.quoted(work, str(quote_id))
        await self.sweep(work, case.owner)  # a twin whose time has run out is none
        await self.hooks.submitted(work, case)
        digest = str(case.hidden["payloadDigest"])
        case.doc["receipt"] = await receipts.issue(work, case.reference, digest, owner=case.owner)

    async def _discard(self, work: Work, case: CaseDraft) -> Answer:
        """Remove a draft with the files that only it uses; a stone without content marks the place."""
        for document_id in _files(case.doc):
            await documents.detach(work, document_id, case.id)
        case.doc["updatedAt"] = work.stamp
        await work.remove(case.record)
        await gone.mark(work, case.id, case.owner)
        self._announce(work, case)
        shown = {**case.doc, "late": False, "availableActions": []}
        return Answer(shown, etag=case.record.version + 1)

    # ------------------------------------------------------------------ the system

    async def _walk(self, work: Work, case: CaseDraft) -> None:
        """Take what the system does by itself, step by step, until it waits for somebody."""
        for _ in range(MOST_STEPS):
            step = await self.hooks.automatic(work, case)
            if step is None:
                return
            row = _table.transition(step.action, case.status)
            if row is None or _table.SYSTEM not in row.roles:
                hint = "the hook `automatic` answers accept, approve, reject, issue or nothing"
                raise KitError("case-automatic", f"the system cannot {step.action} in {case.status}", hint)
            if case.blocked_by(step.action):
                return
            body: Json = {"grounds": list(step.grounds)} if step.grounds else {}
            if step.reason:
                body["reason"] = step.reason
            await self._effect(work, case, step.action, _table.SYSTEM, body)
        raise KitError("case-automatic", "the hook `automatic` never ends", "answer nothing when nothing is to be done")

    async def settle(self, work: Work, case: CaseDraft) -> None:
        """Take what the system does now, and save the case if anything changed."""
        await self._walk(work, case)
        if case.changed:
            await self._save(work, case)

    async def take(self, work: Work, kind: str, data: Json) -> None:
        """Take an event of another service: a payment releases the fee hold, the rest is the room's."""
        if kind == PAID:
            await self._paid(work, data)
        await self.hooks.event(work, kind, data)

    async def _paid(self, work: Work, data: Json) -> None:
        reference = data.get("caseReference")
        if not isinstance(reference, str):
            return
        for record in await work.find(self.collection, reference=reference, limit=1):
            case = CaseDraft(work, record)
            request = data.get("paymentRequestId")
            if request is not None and request not in case.doc["paymentRequestIds"]:
                return
            if case.status not in _table.TERMINAL and case.release(fees.HOLD):
                await self.settle(work, case)

    async def sweep(self, work: Work, owner: str | None = None) -> None:
        """End the cases whose time has run out."""
        after, months, seen = 0, _months(work), dict(work.accesses)
        while records := await work.find(self.collection, owner=owner, after=after, limit=SWEEP, expires=months):
            after = records[-1].seq
            for record in records:
                case = CaseDraft(work, record)
                if case.overdue:
                    case.move("expire", _table.SYSTEM)
                    await self._save(work, case)
        work.accesses = seen  # the clock looked, not the caller

    # ------------------------------------------------------------------ storage

    async def _save(self, work: Work, case: CaseDraft) -> Record:
        case.doc["updatedAt"] = work.stamp
        saved = await work.save(case.record, case.doc, hidden=case.hidden, keys=case.stored_keys())
        self._announce(work, case)
        return saved

    def _announce(self, work: Work, case: CaseDraft) -> None:
        """Emit an event for each status reached; it names the case, never a person."""
        for status in case.reached:
            kind = f"istmo.{work.context.kebab}.{self.collection}.{kebab(status)}"
            data = {
                "caseId": case.id,
                "caseReference": case.reference,
                "type": case.doc["type"],
                "status": status,
            }
            work.emit(kind, case.id, data)
        case.reached.clear()


def _blank(work: Work, case_id: str, reference: str) -> Json:
    """Return what the service itself writes into a new case."""
    first = {"status": _table.DRAFT, "at": work.stamp, "byRole": _byline(work, _table.OWNER)}
    doc: Json = {
        "id": case_id,
        "reference": reference,
        "service": work.context.kebab,
        "status": _table.DRAFT,
        "statusHistory": [first],
        "channel": "api" if work.caller.may("system") else "web",
        "late": False,
        "fees": [],
        "paymentRequestIds": [],
        "holds": [],
        "outputs": [],
        "createdAt": work.stamp,
        "updatedAt": work.stamp,
    }
    if work.caller.mandate is not None:
        doc["onBehalfOf"] = work.caller.mandate["id"]
    return doc


def _byline(work: Work, role: str) -> str:
    """Return the role under which a step is written down: an owner who is represented is `rep`."""
    return "rep" if role == _table.OWNER and work.caller.mandate is not None else role


def _files(doc: Json) -> list[str]:
    """Return the documents that a case refers to."""
    named = [evidence["documentId"] for evidence in doc.get("evidence", ()) if "documentId" in evidence]
    return list(dict.fromkeys([*doc.get("documents", ()), *named]))


def _months(work: Work) -> list[str]:
    """Return the months, up to this one, in which a case that still waits may have run out."""
    last = work.now.year * 12 + work.now.month - 1
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(last - MONTHS, last + 1)]
