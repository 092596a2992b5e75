"""Validators over one registry, and violations that never hold a value.

Compiling against the whole document for each use would be quadratic, so one registry holds the document and a
validator is compiled once for each place. Formats are asserted; a format name that nobody can check is refused.
Patterns run in linear time: a hostile pattern costs memory of a known bound and no time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import quote

import jsonschema_rs

from istmo.spec import references
from istmo.spec._json import JSON
from istmo.spec._refusal import refusal
from istmo.spec._tree import MISSING, join, look_up, parts, walk

__all__ = ["FORMATS", "Schemas", "Validator", "Violation", "violations"]

# What jsonschema-rs asserts, and the names of the OpenAPI format registry that say nothing about a JSON text.
FORMATS: Final = frozenset(
    {
        "date", "date-time", "duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri",
        "iri-reference", "json-pointer", "regex", "relative-json-pointer", "time", "uri", "uri-reference",
        "uri-template", "uuid", "istmo-reference",
    }
)  # fmt: skip
ANNOTATIONS: Final = frozenset({"binary", "byte", "double", "float", "int32", "int64", "password"})
_UNKNOWN: Final = frozenset({"additionalProperties", "unevaluatedProperties"})
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BASE: Final = "urn:istmo:document"
# Keyword: what a person reads. A limit is part of the public schema and may be said; a value may not.
_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "required": ("is required", "es obligatorio"),
    "type": ("has the wrong type", "tiene un tipo incorrecto"),
    "enum": ("is not one of the allowed values", "no es uno de los valores permitidos"),
    "const": ("is not the expected value", "no es el valor esperado"),
    "format": ("is not a valid {limit}", "no es un {limit} válido"),
    "pattern": ("does not have the required form", "no tiene la forma requerida"),
    "minLength": ("is too short (at least {limit})", "es demasiado corto (mínimo {limit})"),
    "maxLength": ("is too long (at most {limit})", "es demasiado largo (máximo {limit})"),
    "minimum": ("is too small (at least {limit})", "es demasiado pequeño (mínimo {limit})"),
    "maximum": ("is too large (at most {limit})", "es demasiado grande (máximo {limit})"),
    "minItems": ("has too few items (at least {limit})", "tiene muy pocos elementos (mínimo {limit})"),
    "maxItems": ("has too many items (at most {limit})", "tiene demasiados elementos (máximo {limit})"),
    "minProperties": ("has too few members (at least {limit})", "tiene muy pocos miembros (mínimo {limit})"),
    "maxProperties": ("has too many members (at most {limit})", "tiene demasiados miembros (máximo {limit})"),
    "uniqueItems": ("has repeated items", "tiene elementos repetidos"),
    "unknown-property": ("is not a known member", "no es un miembro conocido"),
    "oneOf": (
        "matches none or several of the allowed forms",
        "no corresponde a exactamente una forma permitida",
    ),
    "anyOf": ("matches none of the allowed forms", "no corresponde a ninguna forma permitida"),
}
_OTHER: Final = ("is not as the schema says", "no es como dice el esquema")


@dataclass(frozen=True, order=True)
class Violation:
    """One way in which an instance breaks its schema: where, which keyword, what to tell; never a value."""

    pointer: str
    keyword: str
    code: str
    message: str


class Validator:
    """A compiled schema: the members of a jsonschema-rs validator, and violations without values."""

    __slots__ = ("_document", "_raw", "schema")

    def __init__(self, raw: jsonschema_rs.Draft202012Validator, schema: JSON, document: JSON) -> None:
        self._raw = raw
        self._document = document
        self.schema = schema

    def is_valid(self, instance: JSON) -> bool:
        """Tell whether an instance is what the schema says."""
        return self._raw.is_valid(instance)

    def iter_errors(self, instance: JSON) -> Iterator[jsonschema_rs.ValidationError]:
        """Yield the errors as the library tells them; they hold values and must not leave the process."""
        return self._raw.iter_errors(instance)

    def violations(self, instance: JSON, language: str = "en") -> list[Violation]:
        """Return every violation, in the order of the document, without values."""
        if self._raw.is_valid(instance):
            return []
        found = {
            violation for error in self._raw.iter_errors(instance) for violation in _violations(error, self, language)
        }
        return sorted(found)

    def declares(self, place: Iterable[str | int], member: str) -> bool:
        """Tell whether the schema names a member of the object at a place of the instance.

        Where a subschema fails, its members count as unevaluated: without this question, one wrong member would
        accuse all its innocent neighbours.
        """
        schemas = [self.schema]
        for token in place:
            schemas = [found for schema in schemas for found in _step(self._document, schema, token)]
        return any(
            member in (schema.get("properties") or {})
            for start in schemas
            for schema in _alternatives(self._document, start)
        )


def violations(validator: Validator, instance: JSON, language: str = "en") -> list[Violation]:
    """Return every violation of a validator's schema, without values."""
    return validator.violations(instance, language)


def _violations(error: Any, validator: Validator, language: str) -> Iterator[Violation]:  # noqa: ANN401 - the library's union of kinds
    place, kind = list(error.instance_path), error.kind
    keyword = kind.name
    if keyword in _UNKNOWN and hasattr(kind, "unexpected"):
        for member in kind.unexpected:
            if not validator.declares(place, member):
                yield _violation([*place, member], keyword, "unknown-property", language)
    elif keyword == "required":
        yield _violation([*place, kind.property], keyword, keyword, language)
    else:
        best = _closest(kind) if keyword in {"oneOf", "anyOf"} else ()
        for inner in best:
            yield from _violations(inner, validator, language)
        if not best:
            yield _violation(place, keyword, keyword, language, getattr(kind, "limit", getattr(kind, "format", "")))


def _closest(kind: Any) -> list[Any]:  # noqa: ANN401 - the library's union of kinds
    """Return the errors of the form that was evidently meant: the only one that fails below its surface."""
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.OneOfMultipleValid):
        return []
    meant = [errors for errors in kind.context if not any(_is_discriminating(error) for error in errors)]
    return list(meant[0]) if len(meant) == 1 else []


def _is_discriminating(error: Any) -> bool:  # noqa: ANN401 - the library's error
    return error.kind.name in {"type", "const", "enum", "required"}


def _violation(place: list[Any], keyword: str, code: str, language: str, limit: object = "") -> Violation:
    english, spanish = _MESSAGES.get(code, _OTHER)
    message = (spanish if language == "es" else english).format(limit=limit)
    return Violation(join(place), keyword, _HUMP.sub("-", code).lower(), message)


class Schemas:
    """The schemas of one document behind one registry; nothing is ever fetched."""

    def __init__(self, document: Mapping[str, JSON]) -> None:
        self.document = document
        self._compiled: dict[str, Validator] = {}
        ensure_formats(document)
        self._registry = jsonschema_rs.Registry([(_BASE, dict(document))], retriever=_never)

    def at(self, pointer: str) -> Validator:
        """Return the validator of the schema at a pointer such as `#/components/schemas/Money`."""
        found = self._compiled.get(pointer)
        if found is None:
            schema = look_up(self.document, parts(pointer))
            if schema is MISSING:
                raise refusal("spec-ref-missing", place="#", target=pointer)
            found = self._compiled[pointer] = self._compile({"$ref": _address(pointer)}, schema, pointer)
        return found

    def of(self, schema: JSON) -> Validator:
        """Return the validator of a schema that is not in the document but may refer to it."""
        ensure_formats(schema)
        return self._compile(_absolute(schema), schema, "#")

    def _compile(self, wrapped: JSON, schema: JSON, place: str) -> Validator:
        try:
            raw = jsonschema_rs.Draft202012Validator(
                wrapped,
                registry=self._registry,
                retriever=_never,
                validate_formats=True,
                formats=_OWN,
                pattern_options=jsonschema_rs.RegexOptions(),
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
            raise refusal("spec-schema", place=place) from None
        return Validator(raw, schema, self.document)


def _of_our_calendar(name: str) -> Callable[[str], bool]:
    """Check a date as the library does, without the year 0000, in which nothing ever happened."""
    known = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)
    return lambda text: known.is_valid(text) and not text.startswith("0000")


# What the library checks less strictly than the standard, or does not know: of a reference also the check digits.
_OWN: Final = {name: _of_our_calendar(name) for name in ("date", "date-time")} | {"istmo-reference": references.verify}


def ensure_formats(document: JSON) -> None:
    """Refuse format names that nothing would check: a validator passes over them in silence."""
    for place, node, named in walk(document):
        name = node.get("format")
        # Where `format` is no keyword of a schema, it is a member of something else and stands without a type.
        asserted = not named and isinstance(name, str) and ("type" in node or "pattern" in node or len(node) == 1)
        if asserted and name not in FORMATS | ANNOTATIONS:
            raise refusal("spec-format", place=f"#{join(place)}")


def _never(uri: str) -> NoReturn:
    raise LookupError(uri)


def _address(pointer: str) -> str:
    return f"{_BASE}#{quote(pointer.removeprefix('#'), safe='/~')}"


def _absolute(node: JSON) -> JSON:
    """Return a copy of a schema whose `#/...` references lead into the registered document."""
    if isinstance(node, list):
        return [_absolute(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _BASE + item if key == "$ref" and isinstance(item, str) and item.startswith("#/") else _absolute(item)
        for key, item in node.items()
    }


# Which members a schema names at a place of the instance


def _alternatives(document: JSON, schema: JSON) -> Iterator[dict[str, JSON]]:
    """Yield a schema and every subschema that applies to the same instance."""
    seen: set[int] = set()
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict) or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#"):
            waiting.append(look_up(document, parts(reference)))
        for keyword in ("allOf", "anyOf", "oneOf"):
            waiting.extend(node.get(keyword) or ())
        waiting.extend(node[keyword] for keyword in ("if", "then", "else") if keyword in node)
        waiting.extend((node.get("dependentSchemas") or {}).values())


def _step(document: JSON, schema: JSON, token: str | int) -> Iterator[JSON]:
    """Yield the subschemas that apply to one member or item."""
    for node in _alternatives(document, schema):
        if isinstance(token, int):
            prefix = node.get("prefixItems") or []
            yield prefix[token] if token < len(prefix) else node.get("items", True)
            continue
        properties = node.get("properties") or {}
        if token in properties:
            yield properties[token]
        elif "additionalProperties" in node:
            yield node["additionalProperties"]
