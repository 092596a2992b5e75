"""The API rules of the standard (`specs/standard/rules.yaml`) as checks of a bundled document, one function a rule.

A function is named after the id of its rule and yields each place that breaks it with a word on what is wrong.
Two rules speak of files and not of what is in them; they are held where files are read: `yaml-plain` by the
loader, `texts-translated` by the overlay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from istmo.spec._json import JSON
from istmo.spec._patterns import UNPORTABLE
from istmo.spec._tree import join, walk

if TYPE_CHECKING:
    from istmo.spec._document import Operation, Spec

__all__ = ["HELD_BY_READING", "RULES", "Breach", "breaches"]

HELD_BY_READING: Final = frozenset({"yaml-plain", "texts-translated"})

Place = tuple[str, str]
Rule = Callable[["Spec"], Iterator[Place]]
RULES: dict[str, Rule] = {}

_SEMVER: Final = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
_SEGMENT: Final = re.compile(r"\{[a-z][A-Za-z0-9]*\}|[a-z][a-z0-9]*(-[a-z0-9]+)*(\.json)?")
# Members of JSON Schema itself, which an answer may carry, begin with a dollar sign.
_CAMEL: Final = re.compile(r"\$?[a-z][A-Za-z0-9]*")
_VERB_NOUN: Final = re.compile(r"[a-z]+([A-Z][A-Za-z0-9]*)+")
_IDENTIFIER: Final = re.compile(
    r"(?i)(national|tax|personal)?(identifier|identity)|cedula|dni|dui|cui|nit|rtn|ruc|rnc|ssn|passport"
)
_PROBLEM: Final = "application/problem+json"
_HEADERS: Final = ("Correlation-Id", "API-Version", "Content-Language")
_TOLD: Final = ("x-istmo-stage", "x-istmo-scopes", "x-istmo-acr", "x-istmo-requirements")


@dataclass(frozen=True, order=True)
class Breach:
    """One place of a document that breaks a rule of the standard."""

    rule: str
    place: str
    message: str


def breaches(spec: Spec) -> list[Breach]:
    """Return every breach of every rule, in order."""
    found = [Breach(name, place, message) for name, rule in RULES.items() for place, message in rule(spec)]
    return sorted(found)


def _rule(function: Rule) -> Rule:
    RULES[function.__name__.replace("_", "-")] = function
    return function


def _statuses(operation: Operation) -> set[str]:
    return set(operation.responses)


def _json_bodies(spec: Spec, operation: Operation) -> Iterator[tuple[str, JSON]]:
    for media_type, pointer in operation.request.items():
        if media_type == "application/json" and pointer is not None:
            yield pointer, spec.schema(pointer)


@_rule
def openapi_valid(spec: Spec) -> Iterator[Place]:
    """The document is valid OpenAPI 3.1."""
    from openapi_spec_validator import OpenAPIV31SpecValidator

    for error in OpenAPIV31SpecValidator(dict(spec.document)).iter_errors():
        yield join(error.absolute_path), str(error.validator)


@_rule
def no_schema_dialect(spec: Spec) -> Iterator[Place]:
    """The document does not set jsonSchemaDialect."""
    if "jsonSchemaDialect" in spec.document:
        yield "/jsonSchemaDialect", "is set"


@_rule
def version_semver(spec: Spec) -> Iterator[Place]:
    """The version of the document is a semantic version."""
    if not _SEMVER.fullmatch(spec.version):
        yield "/info/version", "is no semantic version"


@_rule
def paths_kebab_case(spec: Spec) -> Iterator[Place]:
    """Path segments are kebab-case, without a trailing slash."""
    for path in spec.document.get("paths", {}):
        segments = path.removeprefix("/").split("/") if path != "/" else []
        if not path.startswith("/") or not all(_SEGMENT.fullmatch(segment) for segment in segments):
            yield join(("paths", path)), "is not kebab-case"


@_rule
def names_camel_case(spec: Spec) -> Iterator[Place]:
    """Members and query parameters are camelCase."""
    for operation in spec.operations.values():
        for parameter in operation.parameters:
            if parameter.location == "query" and not _CAMEL.fullmatch(parameter.name):
                yield operation.id, f"query parameter {parameter.name}"
    for place, node, named in walk(spec.document.get("components", {}).get("schemas", {})):
        members = node.get("properties")
        if named or not isinstance(members, dict):
            continue
        for name in members:
            if not _CAMEL.fullmatch(name):
                yield join(("components", "schemas", *place)), f"member {name}"


@_rule
def no_identifiers_in_addresses(spec: Spec) -> Iterator[Place]:
    """No path or query parameter holds a national identifier."""
    for operation in spec.operations.values():
        for parameter in operation.parameters:
            if parameter.location in {"path", "query"} and _IDENTIFIER.fullmatch(parameter.name):
                yield operation.id, f"{parameter.location} parameter {parameter.name}"


@_rule
def operation_id_unique(spec: Spec) -> Iterator[Place]:
    """Each operation has an operationId of its own, a verb and a noun in camelCase."""
    seen: set[str] = set()
    for path, item in spec.document.get("paths", {}).items():
        for method, node in item.items():
            if not isinstance(node, dict) or "responses" not in node:
                continue
            name = str(node.get("operationId", ""))
            if name in seen or not _VERB_NOUN.fullmatch(name):
                yield join(("paths", path, method)), f"operationId {name or 'missing'}"
            seen.add(name)


@_rule
def operation_texts(spec: Spec) -> Iterator[Place]:
    """Each operation has a summary, a description and a declared tag."""
    declared = {tag.get("name") for tag in spec.document.get("tags", ())}
    for operation in spec.operations.values():
        for text in ("summary", "description"):
            if not str(operation.node.get(text, "")).strip():
                yield operation.id, f"no {text}"
        if operation.tag not in declared:
            yield operation.id, "its tag is not declared"


@_rule
def extensions_complete(spec: Spec) -> Iterator[Place]:
    """Each operation says its stage, scopes, assurance level and requirements."""
    for operation in spec.operations.values():
        for name in _TOLD:
            if name not in operation.node:
                yield operation.id, f"no {name}"


@_rule
def requirements_exist(spec: Spec) -> Iterator[Place]:
    """Each requirement that an operation names is listed in a requirements.yaml."""
    from istmo.spec._catalogue import requirements

    known = {one.id for room in ("common", spec.slug) for one in requirements(room)}
    for operation in spec.operations.values():
        for name in operation.requirements:
            if name not in known:
                yield operation.id, f"names {name}"


@_rule
def security_declared(spec: Spec) -> Iterator[Place]:
    """A public operation says security [], one of peers the signature scheme, any other the bearer scheme."""
    for operation in spec.operations.values():
        expected: JSON = [[{"bearer": []}]] if operation.scopes else [[], [{"signature": []}]]
        if operation.node.get("security") not in expected:
            yield operation.id, "security does not agree with x-istmo-scopes"


@_rule
def transition_declared(spec: Spec) -> Iterator[Place]:
    """Each action of a case says its transition (from, to, role)."""
    for case in spec.cases:
        for action in case.actions.values():
            told = action.transition or {}
            if not all(told.get(name) for name in ("from", "to", "role")):
                yield action.id, "its transition is not told"


@_rule
def common_answers(spec: Spec) -> Iterator[Place]:
    """Each operation declares the refusals that its parameters, its token and its body make possible."""
    for operation in spec.operations.values():
        needed = {"400", "422", "429", "500", "503"}
        if any(parameter.location == "path" for parameter in operation.parameters):
            needed.add("404")
        if operation.scopes or operation.signed:
            needed |= {"401", "403"}
        if operation.request:
            needed |= {"413", "415"}
        missing = sorted(needed - _statuses(operation))
        if missing:
            yield operation.id, f"does not declare {', '.join(missing)}"


@_rule
def problems_only(spec: Spec) -> Iterator[Place]:
    """Each refusal is application/problem+json with the common Problem."""
    for operation in spec.operations.values():
        for status, answer in operation.responses.items():
            if status[0] in "45" and (set(answer.media) != {_PROBLEM} or not _is_problem(spec, answer.media[_PROBLEM])):
                yield operation.id, f"{status} is no common Problem"


def _is_problem(spec: Spec, pointer: str | None) -> bool:
    return pointer is not None and spec.schema(pointer).get("$ref", pointer).endswith("/components/schemas/Problem")


@_rule
def answer_headers(spec: Spec) -> Iterator[Place]:
    """Each answer declares Correlation-Id, API-Version and Content-Language."""
    for operation in spec.operations.values():
        for status, answer in operation.responses.items():
            declared = {name.lower() for name in answer.headers}
            missing = [name for name in _HEADERS if name.lower() not in declared]
            if missing:
                yield operation.id, f"{status} does not declare {', '.join(missing)}"


def _members(spec: Spec, schema: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the members of an object schema, those of its parts included."""
    found: dict[str, JSON] = {}
    if "$ref" in schema:
        found |= _members(spec, spec.schema(schema["$ref"]))
    for part in schema.get("allOf", ()):
        found |= _members(spec, part)
    return found | dict(schema.get("properties", {}))


@_rule
def lists_are_paged(spec: Spec) -> Iterator[Place]:
    """Each list takes limit and cursor and answers items and page."""
    for operation in spec.operations.values():
        pointer = operation.responses[str(operation.success)].media.get("application/json")
        members = _members(spec, spec.schema(pointer)) if pointer else {}
        taken = {parameter.name for parameter in operation.parameters if parameter.location == "query"}
        if "items" in members and not ("page" in members and {"limit", "cursor"} <= taken):
            yield operation.id, "lists items without pages"


def _closed(spec: Spec, schema: Mapping[str, JSON]) -> bool:
    if schema.get("unevaluatedProperties") is False or schema.get("additionalProperties") is False:
        return True
    return "$ref" in schema and _closed(spec, spec.schema(schema["$ref"]))


@_rule
def requests_closed(spec: Spec) -> Iterator[Place]:
    """The schema of each JSON request is closed."""
    for operation in spec.operations.values():
        for pointer, schema in _json_bodies(spec, operation):
            if not _closed(spec, schema):
                yield operation.id, f"{pointer} is open"


@_rule
def national_member(spec: Spec) -> Iterator[Place]:
    """Requests that create, and what they create, have the open object national."""
    for operation in spec.operations.values():
        if operation.success != 201:
            continue
        shown = operation.responses["201"].media.get("application/json")
        schemas = [schema for _, schema in _json_bodies(spec, operation)]
        schemas += [spec.schema(shown)] if shown and schemas else []
        if not all("national" in _members(spec, schema) for schema in schemas):
            yield operation.id, "has no member national"


@_rule
def patterns_portable(spec: Spec) -> Iterator[Place]:
    """Patterns use [0-9], no look-around and no shorthand of one engine."""
    for place, node, named in walk(spec.document):
        pattern = node.get("pattern")
        if not named and isinstance(pattern, str) and UNPORTABLE.search(pattern):
            yield join(place), "its pattern is read differently by different engines"


@_rule
def examples_named(spec: Spec) -> Iterator[Place]:
    """Each request and each success answer with a body has a named example that its schema accepts."""
    for operation in spec.operations.values():
        success = str(operation.success)
        request = operation.node.get("requestBody", {}).get("content", {})
        answer = operation.node["responses"][success].get("content", {})
        pointers = operation.responses[success].media
        for what, content, places in (("request", request, operation.request), ("answer", answer, pointers)):
            if content and not any(media.get("examples") for media in content.values()):
                yield operation.id, f"its {what} has no named example"
            for name in _refused_examples(spec, content, places):
                yield operation.id, f"the {what} example {name} does not keep its schema"


def _refused_examples(spec: Spec, content: JSON, places: Mapping[str, str | None]) -> Iterator[str]:
    """Yield the JSON examples that their schema does not accept; bytes are no JSON."""
    for media_type, media in content.items():
        pointer = places.get(media_type)
        if pointer is None or not (media_type == "application/json" or media_type.endswith("+json")):
            continue
        for name, example in media.get("examples", {}).items():
            if not spec.validator(pointer).is_valid(example.get("value")):
                yield name


@_rule
def schemas_described(spec: Spec) -> Iterator[Place]:
    """Each shared schema has a title and a description."""
    for name, schema in spec.document.get("components", {}).get("schemas", {}).items():
        for text in ("title", "description"):
            if not str(schema.get(text, "")).strip():
                yield join(("components", "schemas", name)), f"has no {text}"


@_rule
def own_extensions_only(spec: Spec) -> Iterator[Place]:
    """Extensions begin with x-istmo-."""
    for place, node, named in walk(spec.document):
        for name in node:
            if not named and name.startswith("x-") and not name.startswith("x-istmo-"):
                yield join(place), f"extension {name}"
