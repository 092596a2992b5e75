"""A specification as the runtime and the suite read it: operations, cases, schemas, examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from istmo.names import kebab
from istmo.spec._bundle import bundle, follow
from istmo.spec._json import JSON
from istmo.spec._refusal import refusal
from istmo.spec._tree import MISSING, join, look_up, parts

if TYPE_CHECKING:
    from istmo.spec._schemas import Schemas, Validator

__all__ = ["METHODS", "CasePaths", "Operation", "Parameter", "Response", "Spec", "Transition", "spec"]

METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation; `pointer` is the place of its schema, `schema` what stands there."""

    name: str
    location: str
    required: bool
    schema: Mapping[str, JSON]
    pointer: str
    description: str = ""


@dataclass(frozen=True)
class Response:
    """One declared answer: the schema pointer of each media type (None: any content), and its headers."""

    status: str
    media: Mapping[str, str | None]
    headers: Mapping[str, Mapping[str, JSON]]
    description: str = ""


@dataclass(frozen=True)
class Transition:
    """From which statuses an action leads where, and who may take it."""

    origins: tuple[str, ...]
    targets: tuple[str, ...]
    role: str


@dataclass(frozen=True)
class Operation:
    """One operation with everything that is said about it."""

    id: str
    method: str
    path: str
    tag: str
    summary: str
    stage: int
    scopes: tuple[str, ...]
    acr: str | None
    requirements: tuple[str, ...]
    transition: Mapping[str, JSON] | None
    parameters: tuple[Parameter, ...]
    request: Mapping[str, str | None]
    request_required: bool
    responses: Mapping[str, Response]
    success: int
    failure_limit: Mapping[str, int] | None
    node: Mapping[str, JSON] = field(repr=False, compare=False)

    @property
    def public(self) -> bool:
        """Whether the operation asks for no token."""
        return not self.scopes and self.node.get("security", []) == []

    @property
    def signed(self) -> bool:
        """Whether the operation asks for the signature of a peer instead of a token."""
        return any("signature" in requirement for requirement in self.node.get("security") or ())

    @property
    def idempotent(self) -> bool:
        """Whether the operation requires an Idempotency-Key."""
        found = self.parameter("Idempotency-Key", "header")
        return found is not None and found.required

    @property
    def conditional(self) -> bool:
        """Whether the operation requires If-Match."""
        found = self.parameter("If-Match", "header")
        return found is not None and found.required

    def parameter(self, name: str, location: str | None = None) -> Parameter | None:
        """Return the parameter of a name; names of headers do not depend on case."""
        for one in self.parameters:
            same = one.name.lower() == name.lower() if one.location == "header" else one.name == name
            if same and location in {None, one.location}:
                return one
        return None

    def response(self, status: int) -> Response | None:
        """Return what is declared for a status, or for every other one."""
        text = str(status)
        return self.responses.get(text) or self.responses.get(f"{text[0]}XX") or self.responses.get("default")

    @property
    def allowed(self) -> Transition | None:
        """The transition that the operation triggers, as tuples."""
        found = self.transition
        if found is None:
            return None
        return Transition(_words(found.get("from")), _words(found.get("to")), str(found.get("role", "")))


@dataclass(frozen=True)
class CasePaths:
    """The operations of one collection that a case machine serves."""

    collection: str
    create: Operation
    list: Operation | None
    read: Operation | None
    replace: Operation | None
    actions: Mapping[str, Operation]


class Spec:
    """A bundled document, read."""

    def __init__(self, document: Mapping[str, JSON], slug: str) -> None:
        self.document = document
        self.slug = slug
        info = document.get("info")
        self.version = str(info.get("version", "")) if isinstance(info, dict) else ""
        self.operations = {one.id: one for one in self._read()}
        self._known_examples: dict[str, dict[str, JSON]] = {}
        self._table = _table(self.operations.values())

    def __repr__(self) -> str:
        return f"Spec({self.slug!r}, {self.version!r}, {len(self.operations)} operations)"

    @property
    def base_path(self) -> str:
        """The path below which a host serves the operations, such as `/civil-certificates/v1`."""
        return f"/{kebab(self.slug)}/v{self.version.split('.')[0] or '1'}"

    @cached_property
    def cases(self) -> list[CasePaths]:
        """The collections whose members walk the case machine: those that can be submitted."""
        by_route = {(one.method, one.path): one for one in self.operations.values()}
        found = []
        for (method, path), create in by_route.items():
            pieces = path.split("/")
            if method != "POST" or len(pieces) != 2 or not pieces[1]:  # noqa: PLR2004 - "", collection
                continue
            prefix = f"{path}/{{id}}"
            actions = {
                one.path.rpartition("/")[2]: one
                for one in self.operations.values()
                if one.transition is not None and one.path.rpartition("/")[0] == prefix
            }
            if "submit" in actions:
                read, replace = by_route.get(("GET", prefix)), by_route.get(("PUT", prefix))
                found.append(CasePaths(pieces[1], create, by_route.get(("GET", path)), read, replace, actions))
        return found

    # Schemas

    @cached_property
    def schemas(self) -> Schemas:
        """The compiled schemas of the document, behind one registry."""
        from istmo.spec._schemas import Schemas  # noqa: PLC0415 - readers of texts need no validator

        return Schemas(self.document)

    def schema(self, pointer: str) -> JSON:
        """Return what stands at a pointer such as `#/components/schemas/Money`, after its references."""
        found = follow(self.document, look_up(self.document, parts(pointer)))
        if found is MISSING:
            raise refusal("spec-ref-missing", place=self.slug, target=pointer)
        return found

    def validator(self, schema: str | Mapping[str, JSON]) -> Validator:
        """Return the validator of a pointer, compiled once, or of a schema that may refer to the document."""
        return self.schemas.at(schema) if isinstance(schema, str) else self.schemas.of(dict(schema))

    # Routes

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation at a path below the base address and its path parameters, or None."""
        for template, operations in self._templates(path):
            if method.upper() in operations:
                return operations[method.upper()], _bound(template, path)
        return None

    def declared(self, template: str) -> frozenset[str]:
        """Return the methods that the document itself declares under a template such as `/notes/{id}`."""
        return self._declared.get(template, frozenset())

    @cached_property
    def _declared(self) -> dict[str, frozenset[str]]:
        return {path: frozenset(methods) for rows in self._table.values() for path, methods in rows}

    def methods(self, path: str) -> tuple[str, ...]:
        """Return the methods that are declared for a path; none when there is no such path."""
        return tuple(sorted({method for _, operations in self._templates(path) for method in operations}))

    def _templates(self, path: str) -> list[tuple[str, dict[str, Operation]]]:
        pieces = _pieces(path)
        fitting = [
            (template, operations)
            for template, operations in self._table.get(len(pieces), ())
            if all(
                (want[:1] == "{" and have != "") or want == have
                for want, have in zip(_pieces(template), pieces, strict=True)
            )
        ]
        # The most literal path first: /documents/searches is not the document "searches".
        return sorted(fitting, key=lambda row: [piece[:1] == "{" for piece in _pieces(row[0])])

    # Examples

    def request_examples(self, operation_id: str) -> dict[str, JSON]:
        """Return the named examples of an operation's request body; callers share them."""
        if operation_id not in self._known_examples:
            body = follow(self.document, self._operation(operation_id).node.get("requestBody"))
            self._known_examples[operation_id] = self._examples(body)
        return self._known_examples[operation_id]

    def success_examples(self, operation_id: str) -> dict[str, JSON]:
        """Return the named examples of an operation's success answer."""
        operation = self._operation(operation_id)
        return self._examples(follow(self.document, operation.node["responses"].get(str(operation.success))))

    def success_example(self, operation_id: str) -> JSON:
        """Return the first example of an operation's success answer, or None when it has no body."""
        return next(iter(self.success_examples(operation_id).values()), None)

    def example(self, operation_id: str, name: str) -> JSON:
        """Return a named example of an operation: of its request, else of its success answer."""
        asked = self.request_examples(operation_id)
        if name in asked:
            return asked[name]
        known = {**self.success_examples(operation_id), **asked}
        if name not in known:
            raise refusal("spec-example", operation=operation_id, name=name, known=", ".join(known) or "-")
        return known[name]

    def _operation(self, operation_id: str) -> Operation:
        if operation_id not in self.operations:
            raise refusal("spec-operation-unknown", name=operation_id, known=", ".join(self.operations))
        return self.operations[operation_id]

    def _examples(self, holder: JSON) -> dict[str, JSON]:
        found: dict[str, JSON] = {}
        for media in _members(_members(holder).get("content")).values():
            for name, entry in _members(_members(media).get("examples")).items():
                told = follow(self.document, entry)
                if isinstance(told, dict) and "value" in told:
                    found.setdefault(name, told["value"])
        return found

    # Reading

    def _read(self) -> list[Operation]:
        found: dict[str, Operation] = {}
        for path, item in _members(self.document.get("paths")).items():
            for method in METHODS:
                node = _members(item).get(method)
                if not isinstance(node, dict):
                    continue
                one = self._read_operation(path, method, node, _members(item))
                if one.id in found:
                    raise refusal("spec-operation-doubled", place=one.id)
                found[one.id] = one
        return list(found.values())

    def _read_operation(self, path: str, method: str, node: dict[str, JSON], item: Mapping[str, JSON]) -> Operation:
        place = ("paths", path, method)
        responses = self._read_responses(node, place)
        success = sorted(int(status) for status in responses if status.isdigit() and status[0] == "2")
        if not isinstance(node.get("operationId"), str):
            raise refusal("spec-operation-unnamed", place=f"#{join(place)}")
        if not success:
            raise refusal("spec-operation-success", place=f"#{join(place)}")
        body = node.get("requestBody")
        told = _members(follow(self.document, body))
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            tag=(_words(node.get("tags")) or ("",))[0],
            summary=str(node.get("summary", "")),
            stage=stage if isinstance(stage := node.get("x-istmo-stage"), int) else 1,
            scopes=_words(node.get("x-istmo-scopes")),
            acr=node.get("x-istmo-acr"),
            requirements=_words(node.get("x-istmo-requirements")),
            transition=node.get("x-istmo-transition"),
            parameters=self._read_parameters(node, item, place),
            request=self._read_media(told, self._place(body, (*place, "requestBody"))),
            request_required=told.get("required") is True,
            responses=responses,
            success=success[0],
            failure_limit=node.get("x-istmo-failure-limit"),
            node=node,
        )

    def _read_parameters(
        self, node: Mapping[str, JSON], item: Mapping[str, JSON], place: tuple[str, ...]
    ) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for source, where in ((item, place[:-1]), (node, place)):
            for index, entry in enumerate(source.get("parameters") or ()):
                told = _members(follow(self.document, entry))
                at = self._place(entry, (*where, "parameters", str(index)))
                name, location = str(told.get("name", "")), str(told.get("in", ""))
                schema = told.get("schema", {})
                pointer = f"#{join(self._place(schema, (*at, 'schema')))}"
                required = told.get("required") is True
                resolved = _members(follow(self.document, schema))
                text = str(told.get("description", ""))
                found[name, location] = Parameter(name, location, required, resolved, pointer, text)
        return tuple(found.values())

    def _read_responses(self, node: Mapping[str, JSON], place: tuple[str, ...]) -> dict[str, Response]:
        found = {}
        for status, entry in _members(node.get("responses")).items():
            told = _members(follow(self.document, entry))
            at = self._place(entry, (*place, "responses", status))
            headers = {
                name: _members(follow(self.document, header)) for name, header in _members(told.get("headers")).items()
            }
            text = str(told.get("description", ""))
            found[status] = Response(status, self._read_media(told, at), headers, text)
        return found

    def _read_media(self, holder: Mapping[str, JSON], place: tuple[str, ...]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for name, media in _members(holder.get("content")).items():
            schema = _members(media).get("schema")
            at = self._place(schema, (*place, "content", name, "schema"))
            found[name] = None if schema is None else f"#{join(at)}"
        return found

    def _place(self, node: JSON, place: tuple[str, ...]) -> tuple[str, ...]:
        """Return where a node really stands: the end of its references."""
        while isinstance(node, dict) and isinstance(node.get("$ref"), str) and len(node) == 1:
            place = tuple(parts(unquote(urlsplit(node["$ref"]).fragment)))
            node = look_up(self.document, place)
        return place


@lru_cache(maxsize=64)
def spec(slug: str) -> Spec:
    """Return the specification of a service of the standard, read once in a process."""
    return Spec(bundle(slug), slug)


def _members(node: JSON) -> Mapping[str, JSON]:
    return node if isinstance(node, dict) else {}


def _words(node: JSON) -> tuple[str, ...]:
    if isinstance(node, str):
        return (node,)
    return tuple(str(word) for word in node) if isinstance(node, list) else ()


def _pieces(path: str) -> list[str]:
    return path.strip("/").split("/") if path.count("/") == 1 or not path.endswith("/") else path[1:].split("/")


def _table(operations: Iterable[Operation]) -> dict[int, list[tuple[str, dict[str, Operation]]]]:
    by_path: dict[str, dict[str, Operation]] = {}
    for one in operations:
        by_path.setdefault(one.path, {})[one.method] = one
    table: dict[int, list[tuple[str, dict[str, Operation]]]] = {}
    for path, methods in by_path.items():
        table.setdefault(len(_pieces(path)), []).append((path, methods))
    return table


def _bound(template: str, path: str) -> dict[str, str]:
    pairs = zip(_pieces(template), _pieces(path), strict=True)
    return {want[1:-1]: unquote(have) for want, have in pairs if want[:1] == "{"}
