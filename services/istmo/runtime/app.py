"""Builds the application of one process: services, their contexts, the routes, the guards around them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from uvicorn.middleware import proxy_headers as proxies

from istmo.errors import KitError, Problem
from istmo.spec import Spec, bundle, bundle_file, catalogue, profile
from istmo.spec import spec as read_spec
from istmo.texts import LANGUAGES, text

from . import (
    binding,
    describe,
    documents,
    edge,
    exchange,
    failpoints,
    fees,
    forms,
    health,
    identity,
    logs,
    mandates,
    observe,
    receipts,
    sources,
    subscriptions,
    trace,
    wellknown,
)
from .clock import Clock
from .housekeeping import Housekeeper
from .issuer import Issuer
from .kernel import Endpoint, Kernel
from .keys import Keys
from .outbox import Relay
from .peers import Peers
from .router import Router
from .service import AppContext, Service, ServiceContext
from .settings import Settings, load
from .store import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from .store import Store

# Modules whose functions serve the operations that every service has; earlier ones win.
COMMON = (describe, fees, forms, documents, receipts, exchange, subscriptions, mandates, wellknown, health)
# The framework's own telemetry records exception messages and query strings, which may hold personal data.
SANDBOX = "/_sandbox"  # where the routes of a sandbox lie, and no operation of a service
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


class Application(FastAPI):
    """The FastAPI application of a process; `state.istmo` is its `AppContext`."""

    kernel: Kernel
    relay: Relay
    housekeeper: Housekeeper
    started = False
    guards: Any = None  # the first of our layers
    own_middleware: int
    own_routes: int
    own_handlers: dict[Any, Any]
    failure: KitError | None = None  # why the process could not start

    def drain(self) -> None:
        """Be ready for nothing new, since the process is about to stop; what is under way ends as usual."""
        self.state.istmo.draining = True
        self.relay.halt()
        self.tell("draining")

    def tell(self, event: str) -> None:
        """Write a line on the life of the process."""
        app: AppContext = self.state.istmo
        if not app.settings.log:
            return
        engine, engine_version = app.store.engine()
        logs.write(
            logs.PROCESS,
            logging.INFO,
            event,
            version=health.kit_version(),
            environment=app.settings.environment,
            country=app.settings.country,
            services=len(app.services),
            engine=engine,
            engineVersion=engine_version,
            warnings=len(app.store.warnings()),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a client that never began the lifespan begins it with its first call."""
        if scope["type"] == "http" and not self.started:
            await self.start()
        guards = self.guards if scope["type"] == "http" else None
        if guards is None or self.root_path or len(self.user_middleware) != self.own_middleware:
            await super().__call__(scope, receive, send)
        else:  # the framework's own layers guard nothing that ours do not
            scope["app"] = self  # by this its routes know that somebody turns their errors into answers
            await guards(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Build all layers, and note which is the first of ours."""
        stack: Any = super().build_middleware_stack()
        layer = stack
        while not isinstance(layer, trace.TraceMiddleware | proxies.ProxyHeadersMiddleware):
            layer = layer.app
        self.guards = layer
        built: ASGIApp = stack
        return built

    def shortcut(self, scope: Scope) -> Kernel | None:
        """Return the kernel when nothing that a program has added here could want the request before it."""
        alone = len(self.router.routes) == self.own_routes and self.exception_handlers == self.own_handlers
        return self.kernel if alone and not scope["path"].startswith(SANDBOX) else None

    async def start(self) -> None:
        """Open the store, load the keys, give an empty sandbox its fixtures; starting twice is harmless."""
        if not self.started:
            async with self.state.lock:
                await self._start()

    async def _start(self) -> None:
        app: AppContext = self.state.istmo
        if self.started:
            return
        await app.store.open()
        await app.keys.load(app.settings, app.store)
        if app.issuer is not None:
            await app.issuer.load(app.store)
        await self.kernel.verifier.refresh()
        if app.settings.sandbox:
            await app.seed()
        await self.housekeeper.forget()
        self.started = True


def create_app(*services: Service, settings: Settings | None = None, store: Store | None = None) -> Application:
    """Return the application that serves these services; whatever is missing or unsafe fails here."""
    settings = (settings or load()).check()
    if not services:
        raise KitError("no-service", "there is no service to serve", "name at least one")
    failpoints.arm(settings.fail_points)
    clock = Clock(movable=settings.sandbox, start=settings.sandbox_clock)
    keys = Keys()
    store = store or connect(
        settings.database,
        unit_seconds=settings.limits.unit_seconds,
        connections=settings.database_connections,
        migrate=settings.sandbox,
    )
    audiences = [audience_of(settings, service) for service in services]
    issuer = Issuer(settings, clock, audiences) if settings.development_issuer else None
    peers = Peers(settings)
    contexts = {service.slug: _context(service, settings, store, clock, keys, issuer, peers) for service in services}
    observers = observe.build(settings)
    for one in contexts.values():
        one.observers = observers
    return _assemble(AppContext(settings, store, clock, keys, issuer, peers, contexts, observers=observers))


def audience_of(settings: Settings, service: Service) -> str:
    """Return the audience that a token must name to be for a service."""
    return settings.audience or f"urn:istmo:service:{service.kebab}"


def _context(
    service: Service, settings: Settings, store: Store, clock: Clock, keys: Keys, issuer: Issuer | None, peers: Peers
) -> ServiceContext:
    entry = next((entry for entry in catalogue() if entry.slug == service.slug), None)
    documents, specification = _documents(service)
    stages = entry.stages if entry is not None else max(o.stage for o in specification.operations.values())
    kit = profile(settings.country)
    context = ServiceContext(
        spec=specification,
        profile=kit if service.national is None else service.national.profile(kit),
        settings=settings,
        store=store,
        clock=clock,
        keys=keys,
        issuer=issuer,
        peers=peers,
        service=service,
        documents={name: _bytes(one) for name, one in documents.items() if name in {"en", *settings.languages}},
        code=service.code or (entry.code if entry is not None else "XXX"),
        audience=audience_of(settings, service),
        claimed_stage=_claimed(service, stages),
        events=frozenset() if entry is None else entry.awaited,
    )
    identity.check_operations(specification.operations)
    sources.check(service)
    context.handlers = binding.choose(context, COMMON)
    return context


def _documents(service: Service) -> tuple[Mapping[str, Any], Spec]:
    """Return what a service serves as its specification, by language, and the specification itself."""
    if service.national is not None:
        if service.spec is not None:
            raise KitError("two-contracts", text("national.two", slug=service.slug), text("national.two-hint"))
        found = service.national.documents(service.slug, service.stage)
        return found, Spec(found["en"], service.slug)
    if service.spec is None:
        return {language: bundle(service.slug, language=language) for language in LANGUAGES}, read_spec(service.slug)
    given = service.spec if isinstance(service.spec, Mapping) else {"en": service.spec}
    if "en" not in given:
        raise KitError("no-english", text("service.no-english", slug=service.slug), text("service.no-english-hint"))
    read = {
        language: Spec(bundle_file(one), service.slug) if isinstance(one, Path) else one
        for language, one in given.items()
    }
    return {language: one.document for language, one in read.items()}, read["en"]


def _claimed(service: Service, stages: int) -> int:
    """Return the stage that a service claims: never more than there is to claim."""
    if service.stage is not None and not 0 <= service.stage <= stages:
        raise KitError("stage", text("national.stage", slug=service.slug), text("national.stage-hint", most=stages))
    return stages if service.stage is None else service.stage


def _bytes(document: Any) -> bytes:  # noqa: ANN401 - any JSON
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _assemble(context: AppContext) -> Application:
    settings = context.settings
    router: Router[Endpoint] = Router()
    for service in context.services.values():
        for operation_id, handler in service.handlers.items():
            operation = service.spec.operations[operation_id]
            bound = binding.bind(service, operation, handler)
            path = service.base_path + operation.path
            router.add(path, operation.method.upper(), bound)
            if operation.path == "/":
                router.alias(service.base_path, path)
    verifier = identity.Verifier(settings, context.clock, context.issuer)
    kernel = Kernel(context, router, verifier)
    _add_fixed(kernel, context, verifier)
    app = Application(
        title=settings.operator,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
        lifespan=_lifespan,
    )
    app.kernel, app.relay = kernel, Relay(settings, context.store, context.services)
    app.housekeeper = Housekeeper(context)
    app.state.istmo, app.state.lock = context, asyncio.Lock()
    _route(app, context)
    return app


def _add_fixed(kernel: Kernel, context: AppContext, verifier: identity.Verifier) -> None:
    """Add the addresses that belong to the host and to no service."""
    add = kernel.router.add
    add("/.well-known/istmo", "GET", wellknown.fixed("manifest", lambda: wellknown.manifest(context)))
    add("/.well-known/jwks.json", "GET", wellknown.fixed("jwks", lambda: wellknown.keys(context)))
    readiness = health.Readiness(context, verifier)
    add("/_health/live", "GET", wellknown.fixed("live", lambda: {"status": "live"}))
    add("/_health/ready", "GET", wellknown.readiness(readiness))
    for observer in context.observers:
        if context.settings.metrics and isinstance(observer, health.Shown):
            add("/_health/metrics", "GET", health.figures(context, readiness, kernel.rates, observer))


def _route(app: Application, context: AppContext) -> None:
    """Put the guards around the kernel; it serves what no route of the embedding program serves."""
    settings = context.settings

    def language(scope: Scope) -> str:
        wanted = b", ".join(value for name, value in scope["headers"] if name == b"accept-language")
        return app.kernel.language(wanted.decode("latin-1"))

    async def refused(request: Request, error: Exception) -> _Refusal:
        return _Refusal(_problem_of(error), language(request.scope))

    app.router.default = app.kernel
    if settings.sandbox:
        from . import sandbox  # noqa: PLC0415 - a production process does not even load it

        app.router.routes.extend(sandbox.routes(context))
    app.add_exception_handler(Problem, refused)  # type: ignore[arg-type] # an ASGI application is a response
    app.add_exception_handler(HTTPException, refused)  # type: ignore[arg-type] # see above
    app.own_routes, app.own_handlers = len(app.router.routes), dict(app.exception_handlers)
    version = next(iter(context.services.values())).spec.version
    app.add_middleware(edge.EdgeMiddleware, settings=settings, language=language, shortcut=app.shortcut)
    app.add_middleware(trace.TraceMiddleware, version=version, observers=context.observers)
    if settings.proxies:
        app.add_middleware(proxies.ProxyHeadersMiddleware, trusted_hosts=list(settings.proxies))
    app.own_middleware = len(app.user_middleware)


class _Refusal:
    """A problem as the answer of a route that is not the kernel's."""

    def __init__(self, problem: Problem, language: str) -> None:
        self.problem = problem
        self.language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI signature
        await edge.send_problem(self.problem, scope, send, self.language)


def _problem_of(error: Exception) -> Problem:
    """Return the problem for an error of the framework's own routes."""
    if isinstance(error, Problem):
        return error
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    codes = {404: "not-found", 405: "method-not-allowed", 413: "payload-too-large", 400: "invalid-parameter"}
    return Problem(codes.get(status, "internal-error"), headers=headers)


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    assert isinstance(app, Application), "built here"
    try:
        await app.start()
    except KitError as failure:
        app.failure = failure
        raise
    app.relay.start()
    app.housekeeper.start()
    app.tell("started")
    try:
        yield
    finally:
        await app.housekeeper.stop()
        await app.relay.stop()
        await app.state.istmo.store.close()
        app.started = False
        app.tell("stopped")
        for observer in app.state.istmo.observers:
            observer.stopped()
