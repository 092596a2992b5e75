"""Runtimes that start, and serve, where they must not."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from tests.parts import Parts
from tests.wrong_runtimes._register import wrong

SAFETY = "tests/istmo/runtime/test_safety.py::test_one_unsafe_setting_refuses_by_its_own_rule"
PROXIES = "tests/istmo/runtime/test_proxies.py::test_"
TLS, UNSAFE = "common/encrypted-transport-only", "common/unsafe-settings-refused"
RULES = "istmo.runtime.safety"


def _without(runtime: Parts, *names: str) -> None:
    """Start in production although some rules are broken."""
    rules = runtime.original(RULES, "PRODUCTION")
    runtime.replace(RULES, PRODUCTION=MappingProxyType({name: rules[name] for name in rules if name not in names}))


@wrong(TLS, "Production starts at an address in clear.", SAFETY)
def address_in_clear(runtime: Parts) -> None:
    _without(runtime, "clear-address")


@wrong(
    TLS,
    "What came in clear is served.",
    PROXIES + "what_the_proxy_received_otherwise_is_refused_and_never_redirected",
)
def served_in_clear(runtime: Parts) -> None:
    def check(edge: Any, scope: Any) -> None:
        edge._check_form(scope)
        edge._check_host(scope["headers"], scope.get("http_version", ""))

    runtime.replace("istmo.runtime.edge:EdgeMiddleware", _check=check)


@wrong(UNSAFE, "Fail-points may be armed in production.", SAFETY)
def fail_points_in_production(runtime: Parts) -> None:
    _without(runtime, "fail-points")


@wrong(UNSAFE, "A signing key that others can read is taken.", SAFETY)
def open_key_taken(runtime: Parts) -> None:
    _without(runtime, "open-key")


@wrong(UNSAFE, "The values of a template are taken for an operator's.", SAFETY)
def placeholders_taken(runtime: Parts) -> None:
    _without(runtime, "placeholders")


@wrong(UNSAFE, "Unsafe settings are told, and the process starts.", SAFETY)
def told_and_started(runtime: Parts) -> None:
    place = "istmo.runtime.settings"
    examine = runtime.original(place, "examine")
    runtime.replace(place, load=lambda **given: examine(**given)[0])
