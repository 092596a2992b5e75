"""What makes settings unsafe: every combination that a process refuses to start with, and what it only warns of."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from istmo.errors import KitError
from istmo.texts import text

from . import keys, peers

if TYPE_CHECKING:
    from .settings import Settings

ONE_MACHINE: Final = "yes-one-machine"
ASYMMETRIC: Final = frozenset(
    {"Ed25519", "Ed448", "EdDSA", *(kind + size for kind in ("ES", "PS", "RS") for size in ("256", "384", "512"))}
)
# Names that nobody can own, and networks that exist on paper only: what a template holds until somebody fills it in.
NOBODYS: Final = ("invalid", "example", "example.com", "example.net", "example.org")
ON_PAPER: Final = tuple(
    map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")),
)
OTHERS: Final = stat.S_IRWXO | stat.S_IWGRP

Rule = Callable[["Settings"], bool]


def refusals(settings: Settings) -> list[KitError]:
    """Return everything that is unsafe in these settings, each with a hint."""
    rules = {**ALWAYS, **({} if settings.sandbox else PRODUCTION)}
    names = ", ".join(placeholders(settings))
    return [
        KitError("unsafe-settings", text(f"unsafe.{name}", names=names), text(f"unsafe.{name}.hint", names=names))
        for name, unsafe in rules.items()
        if unsafe(settings)
    ] + peers.faults(settings)


def warnings(settings: Settings) -> list[str]:
    """Return what is allowed and yet should be known to whoever operates the service."""
    return [] if settings.sandbox or not _sqlite(settings) else [text("unsafe.warning.sqlite")]


def placeholders(settings: Settings) -> list[str]:
    """Return the variables that still hold what a template or the kit put there."""
    fields = type(settings).model_fields
    held = {
        "COUNTRY": settings.country == fields["country"].default,
        "OPERATOR": settings.operator == fields["operator"].default or not settings.operator.strip(),
        "CONTACT": settings.contact == fields["contact"].default or _nobodys(settings.contact.rpartition("@")[2]),
        "ISSUER": _nobodys(_host(settings.issuer)) and not _development(settings),
        "JWKS": _nobodys(_host(settings.jwks)),
        "BASE_URL": _nobodys(_host(settings.base_url)),
        "HOSTS": any(_nobodys(host.partition(":")[0]) for host in settings.hosts),
        "PROXIES": any(_on_paper(proxy) for proxy in settings.proxies),
    }
    return [f"ISTMO_{name}" for name, found in held.items() if found]


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _development(settings: Settings) -> bool:
    return _host(settings.issuer).endswith(".invalid")


def _nobodys(host: str) -> bool:
    name = host.lower().rstrip(".")
    return any(name == end or name.endswith(f".{end}") for end in NOBODYS)


def _on_paper(proxy: str) -> bool:
    network = ip_network(proxy, strict=False)
    return any(network.version == one.version and network.overlaps(one) for one in ON_PAPER if network.prefixlen)


def _everybody(settings: Settings) -> bool:
    return any(ip_network(proxy, strict=False).prefixlen == 0 for proxy in settings.proxies)


def _memory(settings: Settings) -> bool:
    return ":memory:" in settings.database


def _sqlite(settings: Settings) -> bool:
    return settings.database.startswith("sqlite:")


def _own_host_missing(settings: Settings) -> bool:
    """Tell whether calls to the service's own address would be refused."""
    try:
        own = urlsplit(settings.base_url).netloc.lower()
    except ValueError:
        return True
    return bool(settings.hosts) and own not in {host.lower() for host in settings.hosts}


# ---------------------------------------------------------------------- files with keys


def _signing_key(settings: Settings) -> Any:  # noqa: ANN401 - any JSON
    """Return what the file of the signing key holds, or None when it cannot be read as JSON."""
    return None if settings.signing_key is None else _json(settings.signing_key)


def _json(path: Path) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _open_to_others(settings: Settings) -> bool:
    try:
        return settings.signing_key is not None and bool(settings.signing_key.stat().st_mode & OTHERS)
    except OSError:
        return False


def _unfit_key(settings: Settings) -> bool:
    found = _signing_key(settings)
    return settings.signing_key is not None and not (isinstance(found, dict) and keys.fit_to_sign(found))


def _key_file(settings: Settings) -> bool:
    return bool(settings.jwks) and "://" not in settings.jwks


def _published(settings: Settings) -> list[dict[str, Any]] | None:
    """Return the keys of a JWKS file; None when it is none, or holds no key."""
    found = _json(Path(settings.jwks))
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not listed or not all(isinstance(key, dict) for key in listed):
        return None
    return listed


def _any_key(fault: Callable[[dict[str, Any]], bool]) -> Rule:
    return lambda settings: _key_file(settings) and any(map(fault, _published(settings) or ()))


# ---------------------------------------------------------------------- the rules; each name is that of its texts

ALWAYS: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "workers": lambda it: it.workers > 1 and _memory(it),
        "algorithms": lambda it: not it.algorithms or not ASYMMETRIC.issuperset(it.algorithms),
        "everybody": _everybody,
        "split-metrics": lambda it: it.workers > 1 and it.metrics and "PROMETHEUS_MULTIPROC_DIR" not in os.environ,
    }
)
PRODUCTION: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "memory": _memory,
        "sqlite": lambda it: _sqlite(it) and not _memory(it) and it.allow_sqlite != ONE_MACHINE,
        "no-keys": lambda it: not it.jwks,
        "clear-keys": lambda it: "://" in it.jwks and not it.jwks.startswith("https://"),
        "unreadable-keys": lambda it: _key_file(it) and _published(it) is None,
        "symmetric-keys": _any_key(lambda key: key.get("kty") == "oct"),
        "weak-keys": _any_key(keys.weak),
        "private-keys": _any_key(lambda key: key.get("kty") != "oct" and "d" in key),
        "issuer": _development,
        "audience": lambda it: not it.audience,
        "clear-address": lambda it: not it.base_url.startswith("https://"),
        "no-proxy": lambda it: not it.proxies,
        "hosts": lambda it: not it.hosts or "*" in it.hosts,
        "own-host": _own_host_missing,
        "stored-key": lambda it: it.signing_key is None,
        "open-key": _open_to_others,
        "unfit-key": _unfit_key,
        "clock": lambda it: it.sandbox_clock is not None,
        "callbacks": lambda it: it.allows_private_callbacks,
        "validate": lambda it: it.validate_answers,
        "debug": lambda it: it.debug,
        "fail-points": lambda it: bool(it.fail_points),
        "open-metrics": lambda it: it.metrics and it.metrics_token is None,
        "placeholders": lambda it: bool(placeholders(it)),
    }
)
