"""The forms that one name takes. Every layer may import it; it imports none."""

from __future__ import annotations

import re

__all__ = ["camel", "is_slug", "kebab", "pascal", "slug_of", "snake"]

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def kebab(slug: str) -> str:
    """Return the form of a slug that stands in addresses: `civil_certificates` is `civil-certificates`."""
    return slug.replace("_", "-")


def slug_of(address_name: str) -> str:
    """Return the slug whose form in addresses is given; the opposite of `kebab`."""
    return address_name.replace("-", "_")


def snake(name: str) -> str:
    """Return the function name of an operationId: `createRequest` is `create_request`."""
    return _HUMP.sub("_", name).replace("-", "_").lower()


def camel(name: str) -> str:
    """Return the JSON name of a function's name: `create_request` is `createRequest`."""
    first, *rest = name.replace("-", "_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def pascal(name: str) -> str:
    """Return the class name of a word in any form: `civil_certificates` is `CivilCertificates`."""
    return "".join(word.capitalize() for word in snake(name).split("_"))


def is_slug(text: str) -> bool:
    """Tell whether a text is the identifier of a service: a short Python identifier in lower case."""
    return len(text) <= 40 and _SLUG.fullmatch(text) is not None
