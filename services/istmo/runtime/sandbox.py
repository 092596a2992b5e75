"""The sandbox surface: reset, clock, tokens, events, faults, peers and scans; no production process loads this module.

    POST reset    {}                                              204  fixtures, real time, no limits, no faults
    GET  clock                                                    200  {now}
    PUT  clock    {now: date-time | null}                         200  {now}; null is real time
    POST tokens   {persona, scopes?, acr?, country?, audience?, issuer?, type?, claims?}
                                                                  200  {accessToken, tokenType, expiresIn, subject}
    POST events   {type, data, id?, source?}                      202  {id}; the same id takes effect once
    PUT  faults   {upstream, mode: down | slow | error | none}    204
    PUT  peers    {peers: [{name, sources, keys: [JWK with kid, notBefore?, notAfter?, revoked?], types?}]}
                                                                  204  trusted as those of the settings until a reset
    POST scans    {documentId, scanStatus}                        204  a document is clean until this says otherwise

A persona is named by its full name or its alias; `scopes` are verbs (`read`, for every service of the host) or full
scopes (`civil-certificates:read`). With `issuer`, `type` or `claims` the token is well signed and still none that a
service takes: so the suite sees whether anybody looks. `claims` replace those of the token; null leaves one out.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from istmo.errors import KitError, Problem
from istmo.spec import Persona, countries, personas

from . import documents, instants, parse, problems
from .cases import expire_overdue, take_event

if TYPE_CHECKING:
    from starlette.requests import Request

    from .service import AppContext

Endpoint = Callable[["AppContext", "Request"], Awaitable[Response]]
FOREIGN = "foreign"
LIFETIME = 3600
NO_CONTENT = 204
ACCEPTED = 202


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Nothing(_Order):
    """A reset needs no words."""


class _Clock(_Order):
    now: AwareDatetime | None = Field(strict=False)


class _Token(_Order):
    persona: str = Field(min_length=1, max_length=64)
    scopes: list[str] | str | None = None
    acr: str | None = None
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    audience: str | list[str] | None = None
    issuer: str | None = Field(default=None, min_length=1, max_length=200)
    type: str = Field(default="at+jwt", pattern=r"^[A-Za-z0-9+/._-]{1,60}$")
    claims: dict[str, JsonValue] = Field(default_factory=dict, max_length=20)


class _Event(_Order):
    type: str = Field(pattern=r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$", max_length=120)
    data: dict[str, JsonValue]
    id: str | None = Field(default=None, min_length=1, max_length=128)
    source: str = Field(default="events", min_length=1, max_length=200)


class _Fault(_Order):
    upstream: str = Field(min_length=1, max_length=64)
    mode: Literal["down", "slow", "error", "none"]


class _Scan(_Order):
    documentId: str = Field(min_length=1, max_length=64)  # noqa: N815 - the member's name
    scanStatus: Literal["pending", "clean", "rejected"]  # noqa: N815 - the member's name


O = TypeVar("O", bound=_Order)  # noqa: E741 - an order


async def _read(request: Request, order: type[O]) -> O:
    """Return what a sandbox call asks for, or refuse everything that is wrong with it."""
    raw = await request.body()
    value = parse.decode(raw) if raw else {}
    try:
        return order.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        items = [problems.body_item(one["loc"], _code(one["type"])) for one in found]
        raise problems.validation_failed(items) from None


def _code(kind: str) -> str:
    known = {
        "missing": "missing-property",
        "extra_forbidden": "unknown-property",
        "literal_error": "not-in-list",
    }
    return known.get(kind, "wrong-format")


# ---------------------------------------------------------------------- endpoints


async def reset(app: AppContext, request: Request) -> Response:
    """Bring back the fixtures."""
    await _read(request, _Nothing)
    await app.reset()
    return Response(status_code=NO_CONTENT)


async def read_clock(app: AppContext, _: Request) -> Response:
    """Tell what time it is for the services."""
    return JSONResponse({"now": instants.write(app.clock.now())})


async def move_clock(app: AppContext, request: Request) -> Response:
    """Move the clock; what should have ended by then ends."""
    order = await _read(request, _Clock)
    app.clock.move(order.now)
    await app.publish()
    for context in app.services.values():
        await expire_overdue(context)
    return await read_clock(app, request)


async def issue_token(app: AppContext, request: Request) -> Response:
    """Issue a token for a member of the cast."""
    order = await _read(request, _Token)
    if app.issuer is None:
        raise Problem("not-found")
    persona = _persona(order.persona)
    asked = order.scopes.split() if isinstance(order.scopes, str) else order.scopes
    token = app.issuer.token(
        subject=persona.subject,
        scopes=_scopes(app, persona.scopes if asked is None else asked),
        acr=order.acr or persona.acr,
        country=order.country or _country(app, persona),
        persona=persona.persona,
        audience=order.audience,
        lifetime=LIFETIME,
        issuer=order.issuer,
        kind=order.type,
        instead=order.claims,
    )
    shown = {"accessToken": token, "tokenType": "Bearer", "expiresIn": LIFETIME, "subject": persona.subject}
    return JSONResponse(shown)


def _persona(name: str) -> Persona:
    found = next((one for one in personas().values() if name in {one.alias, one.persona} and one.subject), None)
    if found is None:
        raise problems.validation_failed([problems.body_item(["persona"], "not-in-list")])
    return found


def _scopes(app: AppContext, asked: Iterable[str]) -> set[str]:
    """Return full scopes: a bare verb counts for every service of the host."""
    found: set[str] = set()
    for scope in asked:
        found |= {scope} if ":" in scope else {f"{one.kebab}:{scope}" for one in app.services.values()}
    return found


def _country(app: AppContext, persona: Persona) -> str:
    """Return the country that a persona's token comes from; the foreigner's is the first that is not this one."""
    home = app.settings.country
    stated = str(persona.document.get("country") or home)
    if stated != FOREIGN:
        return stated
    return next((code for code in countries() if code not in {home, "XX"}), "XX")


async def inject_event(app: AppContext, request: Request) -> Response:
    """Deliver an event of another service to every service of the host, each at most once."""
    order = await _read(request, _Event)
    event_id = order.id or str(uuid.uuid4())
    for context in app.services.values():
        await take_event(context, event_id, order.type, dict(order.data), order.source)
    return JSONResponse({"id": event_id}, status_code=ACCEPTED)


async def degrade(app: AppContext, request: Request) -> Response:
    """Let a service on which others depend be down, slow or wrong, or well again."""
    order = await _read(request, _Fault)
    for context in app.services.values():
        if order.mode == "none":
            context.faults.pop(order.upstream, None)
        else:
            context.faults[order.upstream] = order.mode
    await app.publish()
    return Response(status_code=NO_CONTENT)


async def trust(app: AppContext, request: Request) -> Response:
    """Trust other services: those registered before are forgotten."""
    order = parse.decode(await request.body())
    try:
        app.peers.register(order)
    except KitError:
        raise problems.validation_failed([problems.body_item(["peers"], "wrong-format")]) from None
    await app.publish()
    return Response(status_code=NO_CONTENT)


async def end_scan(app: AppContext, request: Request) -> Response:
    """Decide how the scan of a document ended."""
    order = await _read(request, _Scan)
    known = [await documents.scanned(one, order.documentId, order.scanStatus) for one in app.services.values()]
    if not any(known):
        raise Problem("not-found")
    return Response(status_code=NO_CONTENT)


ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", "reset", reset),
    ("GET", "clock", read_clock),
    ("PUT", "clock", move_clock),
    ("POST", "tokens", issue_token),
    ("POST", "events", inject_event),
    ("PUT", "faults", degrade),
    ("PUT", "peers", trust),
    ("POST", "scans", end_scan),
)


def routes(app: AppContext) -> list[Route]:
    """Return the routes of the surface; none outside a sandbox."""
    if not app.settings.sandbox:
        return []
    by_path: dict[str, dict[str, Endpoint]] = {}
    for method, name, endpoint in ROUTES:
        by_path.setdefault(f"/_sandbox/{name}", {})[method] = endpoint
    return [Route(path, _bound(app, found), methods=list(found)) for path, found in by_path.items()]


def _bound(app: AppContext, found: dict[str, Endpoint]) -> Callable[[Request], Awaitable[Any]]:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        await app.catch_up()
        return await found[method](app, request)

    return endpoint
