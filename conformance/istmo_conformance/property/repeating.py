"""Laws that need the same call more than once: without its token, without its condition, under the same key."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from istmo.errors import Finding
from istmo_conformance.client import Answer, Request
from istmo_conformance.exchanges import Exchange, media_of
from istmo_conformance.property.laws import Law, Trial, code_of
from istmo_conformance.property.nearly import (
    refuses_what_is_nearly_right,
    refuses_what_nobody_knows,
    refuses_wrong_limits,
)
from istmo_conformance.property.staging import altered
from istmo_conformance.words import say

JSON: TypeAlias = Any


def needs_a_token(trial: Trial, request: Request) -> None:
    """Without a token nothing is served that asks for one, and what is right but for that is told so."""
    operation = trial.operation
    if operation is None or not operation.scopes:
        return
    seen = trial.send(altered(request, {}, drop=("Authorization",)), "nobody", operation)
    if seen is None or seen.answer.status == 401 or (trial.drawn.negative and seen.answer.status >= 400):
        return
    trial.hold(
        "common/token-required",
        say("a call without a token answers {status}", "una llamada sin token responde {status}",
            status=seen.answer.status),
        seen,
    )  # fmt: skip
    trial.stage.dirty = trial.stage.dirty or seen.answer.status < 300


def needs_its_condition(trial: Trial, request: Request) -> None:
    """A change without a condition, or with one that nothing has, is not made."""
    operation = trial.operation
    if operation is None or not operation.conditional or trial.stage.resource is None:
        return
    without = altered(request, {}, drop=("If-Match",))
    stale = altered(request, {"If-Match": '"0"'})
    for wrong, requirement in ((without, "common/if-match-required"), (stale, "common/stale-if-match")):
        seen = trial.send(wrong, trial.who, operation)
        if seen is not None and seen.answer.status < 300:
            trial.hold(requirement, say("a change is made without its condition",
                       "se hace un cambio sin su condición"), seen)  # fmt: skip
            trial.stage.dirty = True


BEFORE = (
    needs_a_token, needs_its_condition, refuses_what_nobody_knows, refuses_wrong_limits, refuses_what_is_nearly_right,
)  # fmt: skip


def replays(trial: Trial) -> None:
    """The same key with the same body gets the first answer again."""
    operation = trial.operation
    if operation is None or not operation.idempotent or not trial.served:
        return
    request = trial.answer.request
    again = trial.send(request, trial.who, operation)
    if again is None:
        return
    if again.answer.status != trial.answer.status or _document(again.answer) != _document(trial.answer):
        trial.hold("common/idempotent-replay", say("a repetition gets another answer than the first call",
                   "una repetición recibe otra respuesta que la primera llamada"), again)  # fmt: skip
    elif (again.answer.header("idempotency-replayed") or "").lower() != "true":
        trial.hold("common/idempotent-replay", say("a replay is not marked as one",
                   "una repetición no está marcada como tal"), again)  # fmt: skip
    else:
        _reuses(trial, request)


def _reuses(trial: Trial, request: Request) -> None:
    """The same key with another body is refused."""
    operation = trial.operation
    media = media_of(operation) if operation is not None else None
    if operation is None or media is None:
        return
    examples = trial.stage.run.spec.request_examples(operation.id)
    other = next((one for one in examples.values() if one != trial.drawn.document), None)
    if other is None:
        return
    body = json.dumps(other, ensure_ascii=False).encode()
    headers = altered(request, {"Content-Type": media}).headers
    seen = trial.send(Request(request.method, request.path, headers, body, request.cap), trial.who, operation)
    if seen is not None and (seen.answer.status, code_of(seen.answer)) != (422, "idempotency-key-reused"):
        trial.hold("common/idempotency-key-reuse", say("another body under the same key answers {status}",
                   "otro cuerpo con la misma clave responde {status}", status=seen.answer.status), seen)  # fmt: skip


def needs_its_key(trial: Trial) -> None:
    """A call that needs a key is not served without one, or with one of another form."""
    operation = trial.operation
    if operation is None or not operation.idempotent or not trial.served:
        return
    import re

    key = next((value for name, value in trial.answer.request.headers if name == "Idempotency-Key"), None)
    if key is None:
        trial.hold("common/idempotency-key-required", say("a call without a key is served",
                   "se atiende una llamada sin clave"), _shown(trial))  # fmt: skip
    elif re.fullmatch(r"[A-Za-z0-9_.:-]{8,64}", key) is None:
        trial.hold("common/idempotency-key-form", say("a key of another form is taken",
                   "se acepta una clave de otra forma"), _shown(trial))  # fmt: skip


def tag(trial: Trial) -> str | None:
    """The tag of the resource at hand, read by its owner; none where a call does not aim at it or changes nothing."""
    stage, drawn = trial.stage, trial.drawn
    reader, resource = stage.reader, stage.resource
    if reader is None or resource is None or resource.etag is None or drawn.aim == "unknown":
        return None
    if trial.operation is None or trial.operation.method.upper() == "GET":
        return None
    token = stage.run.cast.token(resource.owner, "plain", reader, stage.world.instant)
    headers = (("Accept", "application/json"), ("Authorization", f"Bearer {token}"))
    path = stage.run.subject.base_path + reader.path.replace("{id}", resource.id)
    seen = trial.send(Request("GET", path, headers), resource.owner, reader)
    return seen.answer.header("etag") if seen is not None and seen.answer.status == 200 else None


def refused_changes_nothing(trial: Trial) -> None:
    """After a refusal the resource stands as it stood right before."""
    if trial.before is None or trial.answer.status < 400:
        return
    after = tag(trial)
    if after is not None and after != trial.before:
        trial.stage.dirty = True
        trial.hold(
            "common/others-change-nothing" if trial.drawn.aim == "other" else "common/all-or-nothing",
            say("a call that was refused has changed the resource", "una llamada rechazada cambió el recurso"),
            _shown(trial),
        )  # fmt: skip


def _shown(trial: Trial) -> Exchange:
    assert trial.exchange is not None
    return trial.exchange


def _document(answer: Answer) -> JSON:
    try:
        return answer.json() if answer.is_json else answer.body
    except Finding:
        return answer.body


AFTER: tuple[Law, ...] = (needs_its_key, refused_changes_nothing, replays)
