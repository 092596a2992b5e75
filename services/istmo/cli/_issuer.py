"""The development issuer over HTTP: keys, metadata, and tokens of the cast, as `/_sandbox/tokens` hands them out."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from istmo.names import kebab
from istmo.runtime.clock import Clock
from istmo.runtime.issuer import Issuer
from istmo.runtime.keys import new_private_key
from istmo.runtime.settings import Settings
from istmo.spec import Persona, personas, slugs

LIFETIME: Final = 3600
LARGEST: Final = 64 * 1024


class Wanted(BaseModel):
    """What a caller asks for: a persona, and whatever shall differ from what the standard gives it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    persona: str = Field(max_length=64)
    scopes: list[str] | None = None
    acr: str | None = None
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    audience: str | list[str] | None = None
    lifetime: int = Field(default=LIFETIME, ge=-LIFETIME, le=24 * LIFETIME)


def build(address: str, country: str) -> Starlette:
    """The application; its key is made anew each time, so that no token outlives the process."""
    issuer = Issuer(Settings(issuer=address, country=country), Clock(), [kebab(slug) for slug in slugs()])
    issuer.use(new_private_key("dev-"))
    home = {
        "issuer": address,
        "jwks_uri": f"{address}/jwks.json",
        "token_endpoint": f"{address}/tokens",
        "response_types_supported": [],
    }

    async def metadata(_: Request) -> JSONResponse:
        return JSONResponse(home)

    async def jwks(_: Request) -> JSONResponse:
        return JSONResponse(issuer.jwks())

    async def cast(_: Request) -> JSONResponse:
        return JSONResponse({"items": [_listed(one) for one in personas().values() if one.subject]})

    async def tokens(request: Request) -> JSONResponse:
        body = await request.body()
        if len(body) > LARGEST:
            return _refused("payload-too-large", 413)
        try:
            wanted = Wanted.model_validate_json(body)
        except ValidationError:
            return _refused("validation-failed", 422)
        found = _find(wanted.persona)
        if found is None:
            return _refused("not-found", 404)
        return JSONResponse(_issued(issuer, found, wanted, country))

    routes = [
        Route("/.well-known/oauth-authorization-server", metadata),
        Route("/.well-known/openid-configuration", metadata),
        Route("/jwks.json", jwks),
        Route("/personas", cast),
        Route("/tokens", tokens, methods=["POST"]),
    ]
    return Starlette(routes=routes)


def _find(name: str) -> Persona | None:
    return next((one for one in personas().values() if one.subject and name in {one.alias, one.persona}), None)


def _listed(one: Persona) -> dict[str, Any]:
    return {
        "alias": one.alias,
        "persona": one.persona,
        "subject": one.subject,
        "role": one.role,
        "acr": one.acr,
    }


def _issued(issuer: Issuer, found: Persona, wanted: Wanted, country: str) -> dict[str, Any]:
    own = [f"{kebab(slug)}:{verb}" for slug in slugs() for verb in found.scopes]
    token = issuer.token(
        subject=found.subject,
        persona=found.persona,
        scopes=own if wanted.scopes is None else wanted.scopes,
        acr=wanted.acr or found.acr,
        country=wanted.country or str(found.document.get("country") or country),
        audience=wanted.audience,
        lifetime=wanted.lifetime,
    )
    return {
        "accessToken": token,
        "tokenType": "Bearer",
        "expiresIn": wanted.lifetime,
        "subject": found.subject,
    }


def _refused(code: str, status: int) -> JSONResponse:
    """A problem without any value of the request."""
    problem = {"type": f"urn:istmo:problem:{code}", "status": status, "code": code}
    return JSONResponse(problem, status, media_type="application/problem+json")
