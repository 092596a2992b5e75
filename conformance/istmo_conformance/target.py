"""What is judged, and whether it can be judged at all.

A target is a base URL, an ASGI application named as `module:attribute`, or a factory of a reference service.
`connect` looks at it before anything runs and says in plain words why it cannot be judged.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import quote, urlsplit

from istmo.errors import Finding, KitError, Undecided
from istmo.names import kebab
from istmo_conformance.client import Answer, Client, Gone, HttpClient, Late, Request
from istmo_conformance.words import say

JSON: TypeAlias = Any
Kind: TypeAlias = Literal["url", "app", "reference"]
MANIFEST = "/.well-known/istmo"


@dataclass(frozen=True)
class Target:
    """The service that a run judges."""

    kind: Kind
    address: str
    service: str
    country: str = "XX"
    private: bool = False

    @classmethod
    def url(cls, address: str, service: str, *, private: bool = False) -> Target:
        """A service behind an address; `private`: its name may lead to one inside a network."""
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
            raise KitError(
                "bad-address",
                say("{address} is not the address of a service", "{address} no es la dirección de un servicio",
                    address=repr(address.rpartition("@")[2])),
                say("give one like https://services.example.org", "use una como https://services.example.org"),
            )  # fmt: skip
        return cls("url", address, service, private=private)

    @classmethod
    def app(cls, address: str, service: str) -> Target:
        """An ASGI application, or a factory of one without arguments, in this process."""
        return cls("app", address, service)

    @classmethod
    def reference(cls, service: str, factory: str, country: str = "XX") -> Target:
        """Our own service; the factory is called with the slug and the country."""
        return cls("reference", factory, service, country)

    def open(self) -> Client:
        """A client that reaches the target."""
        if self.kind == "url":
            return HttpClient(self.address, private=self.private)
        from istmo_conformance.asgi import AsgiClient

        return AsgiClient(self._load())

    def _load(self) -> Any:
        module, colon, attribute = self.address.partition(":")
        if not colon or not module or not attribute:
            raise KitError("bad-app", f"{self.address!r} is not module:attribute", "for example: my_service.main:app")
        if os.getcwd() not in sys.path and self.kind == "app":  # noqa: PTH109  # sys.path holds texts
            sys.path.insert(0, os.getcwd())  # noqa: PTH109  # sys.path holds texts
        try:
            found: Any = importlib.import_module(module)
            for name in attribute.split("."):
                found = getattr(found, name)
        except ImportError as error:
            raise KitError("app-import", f"{module} cannot be imported: {error}", "run where it can") from error
        except AttributeError:
            raise KitError("app-attribute", f"{module} has no {attribute}", "check the name") from None
        if self.kind == "reference":
            return found(self.service, self.country)
        return found() if _is_factory(found) else found


def _is_factory(found: Callable[..., Any]) -> bool:
    """Whether a callable makes an application instead of being one."""
    if inspect.iscoroutinefunction(found) or not inspect.isroutine(found):
        return False
    required = [
        parameter
        for parameter in inspect.signature(found).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}
    ]
    return not required


@dataclass(frozen=True)
class Subject:
    """What the manifest of a target says about the service under judgement."""

    country: str
    operator: str
    environment: str
    spec_version: str
    base_path: str
    claimed_stage: int
    languages: tuple[str, ...]
    manifest: JSON
    base_url: str = ""  # as published, which may be another address than the one under which it is judged

    @property
    def sandbox(self) -> bool:
        """Whether the target may be reset, and its clock moved."""
        return self.environment == "sandbox"


def connect(client: Client, slug: str, spec_version: str) -> Subject:
    """Read the manifest and find the service in it, or say why nothing can be judged."""
    answer = _manifest_answer(client)
    manifest = _manifest(answer, client.origin)
    listed = [entry for entry in manifest["services"] if isinstance(entry, dict)]
    entry = next((entry for entry in listed if entry.get("slug") in {slug, kebab(slug)}), None)
    if entry is None:
        names = ", ".join(str(entry.get("slug")) for entry in listed) or "-"
        raise Undecided(
            "service-not-listed",
            say("the manifest does not list {slug}", "el manifiesto no incluye {slug}", slug=slug),
            say("it lists: {names}", "incluye: {names}", names=names),
        )
    served = str(entry.get("specVersion", ""))
    if served.partition(".")[0] != spec_version.partition(".")[0]:
        raise Undecided(
            "spec-version",
            say("the service implements version {served} of the specification, this kit judges {ours}",
                "el servicio implementa la versión {served} de la especificación, este kit juzga la {ours}",
                served=served or "?", ours=spec_version),
            say("use the kit of that version", "use el kit de esa versión"),
        )  # fmt: skip
    stage = entry.get("claimedStage")
    return Subject(
        country=str(manifest.get("country", "")),
        operator=str(manifest.get("operator", "")),
        environment=str(manifest.get("environment", "production")),
        spec_version=served,
        base_path=quote(urlsplit(str(entry.get("baseUrl", ""))).path.rstrip("/"), safe="/%-._~"),
        claimed_stage=stage if isinstance(stage, int) and 1 <= stage <= 5 else 1,
        languages=tuple(str(item) for item in manifest.get("languages", ())),
        manifest=manifest,
        base_url=str(entry.get("baseUrl", "")).rstrip("/"),
    )


def _manifest_answer(client: Client) -> Answer:
    """The answer to the first call, with every way to fail told apart."""
    origin = client.origin
    try:
        answer = client.send(Request("GET", MANIFEST, (("Accept", "application/json"),)))
    except Gone as error:
        if "CERTIFICATE" in error.message.upper() or "SSL" in error.message.upper():
            raise Undecided(
                "target-tls",
                say("the certificate of {origin} cannot be trusted", "el certificado de {origin} no es confiable",
                    origin=origin), error.message,
            ) from None  # fmt: skip
        raise
    except Finding as error:
        code = "target-hangs" if isinstance(error, Late) else "target-not-http"
        raise Undecided(
            code,
            say("{origin} does not answer as an HTTP service: {why}",
                "{origin} no responde como servicio HTTP: {why}", origin=origin, why=str(error)),
            say("check the address and the port", "revise la dirección y el puerto"),
        ) from None  # fmt: skip
    if 300 <= answer.status < 400:
        raise Undecided(
            "target-redirects",
            say("{origin} redirects to {where}; redirects are not followed",
                "{origin} redirige a {where}; no se siguen redirecciones",
                origin=origin, where=(answer.header("location") or "?")[:200]),
            say("give the final address", "use la dirección final"),
        )  # fmt: skip
    return answer


def _manifest(answer: Answer, origin: str) -> JSON:
    """The manifest as an object with services."""
    problem = ""
    manifest: JSON = None
    if answer.status != 200:
        problem = str(answer.status)
    else:
        try:
            manifest = answer.json()
        except Finding as error:
            problem = str(error)
    if not problem and not (isinstance(manifest, dict) and isinstance(manifest.get("services"), list)):
        problem = say("it lists no services", "no enumera servicios")
    if problem:
        raise Undecided(
            "no-manifest",
            say("{origin}{path} is not a conformance manifest ({problem})",
                "{origin}{path} no es un manifiesto de conformidad ({problem})",
                origin=origin, path=MANIFEST, problem=problem),
            say("serve the manifest that the standard describes", "publique el manifiesto que describe el estándar"),
        )  # fmt: skip
    return manifest
