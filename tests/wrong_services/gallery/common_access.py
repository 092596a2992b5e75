"""Wrong doors: tokens, scopes, assurance, roles, and what belongs to somebody else."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App, Call, Reply

# Types of the kernel are not imported here: the gallery lists without loading it.
IDENTITY, KERNEL = "istmo.runtime.identity", "istmo.runtime.kernel:Kernel"
VERIFIER, WORK = "istmo.runtime.identity:Verifier", "istmo.runtime.work:Work"
MACHINE, VIEW = "istmo.runtime.cases._machine:Case", "istmo.runtime.cases._view"
Json = dict[str, Any]


def _problem(code: str, **members: object) -> Exception:
    from istmo.errors import Problem  # noqa: PLC0415 - see above

    return Problem(code, **members)  # type: ignore[arg-type] # passed on as they came


# Tokens


@wrong(
    "common/token-required",
    "A token serves long after its time.",
    also=(
        "common/token-time-window",
        "common/token-challenge",
    ),  # one end of the window; no challenge for what is taken
)
def token_never_expires(reference: Reference) -> App:
    original = reference.original(VERIFIER, "_valid_now")

    def valid_now(self: Any, claims: Json, audience: str) -> bool:
        return bool(original(self, {**claims, "exp": float("inf")}, audience))

    reference.replace(VERIFIER, _valid_now=valid_now)
    return reference.app()


@wrong(
    "common/token-required",
    "A token for another service serves here too.",
    also=("common/token-issuer-and-audience",),  # which is what that requirement says
)
def token_for_anything(reference: Reference) -> App:
    original = reference.original(VERIFIER, "_valid_now")

    def valid_now(self: Any, claims: Json, audience: str) -> bool:
        return bool(original(self, {**claims, "aud": audience}, audience))

    reference.replace(VERIFIER, _valid_now=valid_now)
    return reference.app()


@wrong(
    "common/token-required",
    "The signature of a token is not looked at.",
    also=(
        "common/token-algorithm",
        "common/token-challenge",
        "common/token-keys-of-issuer",
        "common/access-tokens-only",
    ),  # for which the signature is looked at
)
def token_signed_by_anybody(reference: Reference) -> App:
    complete, refusal = (reference.original(IDENTITY, name) for name in ("_well_formed", "unauthenticated"))

    def verified(_: Any, token: str) -> Json:
        payload = token.split(".")[1]
        claims: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        if not complete(claims):
            raise refusal(presented=True)
        return claims

    reference.replace(VERIFIER, _verified=verified)
    return reference.app()


@wrong(
    "common/token-required",
    "A token that says it needs no signature is believed.",
    also=("common/token-algorithm", "common/token-challenge"),  # this very fault; no challenge for what is taken
)
def token_unsigned(reference: Reference) -> App:
    original = reference.original(VERIFIER, "_verified")

    def verified(self: Any, token: str) -> Json:
        head, payload, signature = token.split(".")
        if signature or not head:
            return dict(original(self, token))
        claims: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return claims

    reference.replace(VERIFIER, _verified=verified)
    return reference.app()


@wrong(
    "common/token-required",
    "Whoever brings no token at all may read as a guest.",
    also=("common/token-challenge",),  # a guest is not challenged
)
def guests_may_read(reference: Reference) -> App:
    original = reference.original(KERNEL, "_identify")

    async def identify(self: Any, call: Any) -> None:
        if call.bound.safe and "authorization" not in call.headers:
            call.caller = replace(call.caller, address=call.address, service=call.bound.context.kebab)
            return
        await original(self, call)

    reference.replace(KERNEL, _identify=identify)
    return reference.app()


@wrong(
    "common/token-required",
    "A call without a token is forbidden instead of asked for one.",
    also=(
        "common/token-algorithm",
        "common/token-challenge",
        "common/token-complete",
        "common/token-keys-of-issuer",
        "common/access-tokens-only",
        "common/token-issuer-and-audience",
        "common/token-time-window",
        "common/no-token-in-address",
    ),  # all of which ask for the same 401
)
def nobody_forbidden(reference: Reference) -> App:
    reference.replace(IDENTITY, unauthenticated=lambda **_: _problem("missing-scope"))
    return reference.app()


@wrong(
    "common/token-required",
    "The refusal does not say how to authenticate.",
    also=("common/token-challenge",),  # which says what stands in the challenge
)
def no_challenge(reference: Reference) -> App:
    return reference.answering(lambda _, reply: reply.drop("www-authenticate"))


# Scopes, assurance, roles


def _authorizing(reference: Reference, enough: Any) -> App:
    """Build the reference with another idea of when a caller may call."""
    original = reference.original(IDENTITY, "authorize")

    def authorize(operation: Any, who: Any) -> None:
        verbs = {scope.rpartition(":")[2] for scope in operation.scopes}
        if enough(operation, who, verbs):
            who = replace(who, scopes=who.scopes | set(operation.scopes))
        original(operation, who)

    reference.replace(IDENTITY, authorize=authorize)
    return reference.app()


@wrong("common/scope-required", "Whoever may read may also write.")
def reading_scope_writes(reference: Reference) -> App:
    return _authorizing(reference, lambda _, who, verbs: "write" in verbs and who.may("read"))


@wrong(
    "common/scope-required",
    "Any token may read; only changes ask for a scope.",
    also=("common/role-required",),  # citizens, officers and systems then read alike
)
def reading_needs_no_scope(reference: Reference) -> App:
    return _authorizing(reference, lambda operation, _, verbs: operation.method == "GET" and "read" in verbs)


@wrong("common/scope-required", "A missing scope is refused under another name.")
def scope_refused_as_not_entitled(reference: Reference) -> App:
    original = reference.original(IDENTITY, "authorize")

    def authorize(operation: Any, who: Any) -> None:
        if operation.scopes and not who.scopes.intersection(operation.scopes):
            raise _problem("not-entitled")
        original(operation, who)

    reference.replace(IDENTITY, authorize=authorize)
    return reference.app()


@wrong("common/assurance-required", "Nobody looks at the assurance level of a token.")
def assurance_ignored(reference: Reference) -> App:
    original = reference.original(IDENTITY, "authorize")

    def authorize(operation: Any, who: Any) -> None:
        original(operation, replace(who, acr="urn:istmo:loa:high"))

    reference.replace(IDENTITY, authorize=authorize)
    return reference.app()


@wrong("common/assurance-required", "Substantial assurance passes for high.")
def substantial_passes_for_high(reference: Reference) -> App:
    original = reference.original(IDENTITY, "_level")
    reference.replace(IDENTITY, _level=lambda acr: min(original(acr), 1))
    return reference.app()


@wrong("common/assurance-required", "The refusal does not name the level that is needed.")
def needed_level_unnamed(reference: Reference) -> App:
    def change(_: Call, reply: Reply) -> None:
        document = reply.json if reply.status == 403 else None
        if document is not None and document.pop("requiredAcr", None) is not None:
            reply.put(document)

    return reference.answering(change)


@wrong("common/role-required", "The systems of other institutions act as officers.")
def systems_act_as_officers(reference: Reference) -> App:
    original = reference.original(IDENTITY, "caller")

    def caller(claims: Json, **about: str) -> Any:
        who = original(claims, **about)
        more = {f"{who.service}:officer"} if who.may("system") else set()
        return replace(who, scopes=who.scopes | more)

    reference.replace(IDENTITY, caller=caller)
    return reference.app()


def _officers_are(verbs: set[str]) -> bool:
    return bool(verbs & {"officer", "supervise"}) and not verbs & {"read", "write"}


@wrong(
    "common/role-required",
    "Applicants decide their own cases.",
    also=("common/unavailable-actions-refused",),  # the act is not on offer to the applicant, and works
)
def applicant_decides(reference: Reference) -> App:
    original = reference.original(VIEW, "roles")

    def roles(work: Any, case: Any) -> set[str]:
        found = set(original(work, case))
        return found | {"officer", "supervisor"} if "owner" in found else found

    reference.replace(VIEW, roles=roles)
    return _authorizing(
        reference, lambda act, who, verbs: act.allowed is not None and _officers_are(verbs) and who.may("write")
    )


@wrong("common/role-required", "Only the status of a case keeps applicants from an officer's act.")
def role_refused_as_conflict(reference: Reference) -> App:
    return _authorizing(
        reference, lambda act, who, verbs: act.allowed is not None and _officers_are(verbs) and who.may("write")
    )


# What belongs to somebody else


async def _as_owner(self: Any, work: Any, case_id: str) -> None:
    """Take a citizen for the owner of whatever case they name."""
    record = await work.context.reader.get(self.collection, case_id)
    if record is not None and work.caller.may("write"):
        work.caller = replace(work.caller, acting_for=record.owner)


@wrong("common/others-see-nothing", "Whoever knows the identifier of a case can read it.")
def case_readable_by_identifier(reference: Reference) -> App:
    original = reference.original(MACHINE, "read")

    async def read(self: Any, work: Any, id: str) -> Any:  # noqa: A002 - the parameter's name
        await _as_owner(self, work, id)
        return await original(self, work, id)

    reference.replace(MACHINE, read=read)
    return reference.app()


@wrong("common/others-see-nothing", "What was submitted is in everybody's list.")
def submitted_cases_listed_to_all(reference: Reference) -> App:
    original = reference.original(MACHINE, "list_cases")

    async def list_cases(self: Any, work: Any, limit: int = 20, cursor: str | None = None, **filters: Any) -> Any:
        answer = await original(self, work, limit, cursor, **filters)
        for record in await work.find(self.collection, status="submitted"):
            if record.owner != work.caller.acting_for and work.caller.may("write"):
                answer.body["items"].append({**record.doc, "late": False, "availableActions": []})
        return answer

    reference.replace(MACHINE, list_cases=list_cases)
    return reference.app()


def _getting(reference: Reference, look: Any) -> App:
    """Build the reference with another way to get a record; `look` may refuse or answer True to let anybody."""
    original = reference.original(WORK, "get")

    async def get(self: Any, kind: str, record_id: str, *, any_owner: bool = False) -> Any:
        record = await self.context.reader.get(kind, record_id)
        others = record is not None and not any_owner and record.owner != self.caller.acting_for
        open_to_all = others and look(self, kind, record)
        return await original(self, kind, record_id, any_owner=any_owner or open_to_all)

    reference.replace(WORK, get=get)
    return reference.app()


@wrong("common/others-see-nothing", "Files can be fetched by whoever knows their identifier.")
def files_readable_by_identifier(reference: Reference) -> App:
    return _getting(reference, lambda work, kind, _: kind == "documents" and not work.writing)


@wrong("common/others-see-nothing", "Officers read drafts that nobody has handed in.")
def drafts_open_to_officers(reference: Reference) -> App:
    original = reference.original(MACHINE, "_is_owner")

    def is_owner(work: Any, case: Any) -> bool:
        return bool(original(work, case)) or work.caller.may("officer")

    reference.replace(MACHINE, _is_owner=staticmethod(is_owner))
    return reference.app()


@wrong("common/others-see-nothing", "What was given up is told as gone to everybody.")
def gone_told_to_all(reference: Reference) -> App:
    async def refuse(work: Any, resource_id: str) -> None:
        if await work.context.reader.get("gone", resource_id) is not None:
            raise _problem("gone")

    reference.replace("istmo.runtime.gone", refuse=refuse)
    return reference.app()


@wrong("common/others-see-nothing", "Reading what is another's is forbidden, which tells that it exists.")
def others_forbidden_to_read(reference: Reference) -> App:
    def look(work: Any, _kind: str, _record: Any) -> bool:
        if not work.writing:
            raise _problem("not-entitled")
        return False

    return _getting(reference, look)


@wrong("common/others-change-nothing", "Whoever knows the identifier of a case can act on it.")
def case_moved_by_anybody(reference: Reference) -> App:
    original = reference.original(MACHINE, "act")

    async def act(self: Any, work: Any, case_id: str, action: str, body: Json) -> Any:
        await _as_owner(self, work, case_id)
        return await original(self, work, case_id, action, body)

    reference.replace(MACHINE, act=act)
    return reference.app()


@wrong("common/others-change-nothing", "Whoever knows the identifier of a draft can rewrite it.")
def draft_rewritten_by_anybody(reference: Reference) -> App:
    original = reference.original(MACHINE, "replace")

    async def rewrite(self: Any, work: Any, id: str, body: Json) -> Any:  # noqa: A002 - the parameter's name
        await _as_owner(self, work, id)
        return await original(self, work, id, body)

    reference.replace(MACHINE, replace=rewrite)
    return reference.app()


@wrong(
    "common/others-change-nothing",
    "Changing what is another's is forbidden, which tells that it exists.",
    also=("common/others-documents-refused",),  # a file that is handed in is looked up in the same way
)
def others_forbidden_to_change(reference: Reference) -> App:
    def look(work: Any, _kind: str, _record: Any) -> bool:
        if work.writing:
            raise _problem("not-entitled")
        return False

    return _getting(reference, look)


@wrong("common/others-change-nothing", "The status is looked at before the owner, which tells what exists.")
def status_before_owner(reference: Reference) -> App:
    def look(work: Any, _kind: str, record: Any) -> bool:
        allowed = work.operation.allowed
        if allowed is not None and record.doc.get("status") not in {None, *allowed.origins}:
            raise _problem("illegal-transition", currentStatus=record.doc["status"], allowedActions=[])
        return False

    return _getting(reference, look)


@wrong("common/others-change-nothing", "The condition is looked at before the owner, which tells what exists.")
def condition_before_owner(reference: Reference) -> App:
    def look(work: Any, _kind: str, record: Any) -> bool:
        tag = work.request.if_match
        if work.writing and tag is not None and tag != f'"{record.version}"':
            raise _problem("precondition-failed")
        return False

    return _getting(reference, look)
