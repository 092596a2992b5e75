"""Binds operations of the specification to functions, and requests to the arguments of these functions."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_type_hints
from urllib.parse import unquote_plus

from pydantic import BaseModel, ValidationError

from istmo.errors import KitError, Problem
from istmo.names import snake

from . import parse, problems

if TYPE_CHECKING:
    from types import ModuleType

    from istmo.spec import Operation, Parameter, Response, Validator

    from .service import Handler, ServiceContext

FORM = "multipart/form-data"

# Headers that the kernel itself obeys; handlers see their effect, not their text.
KERNEL_HEADERS = frozenset(
    {
        "idempotency-key",
        "if-match",
        "if-none-match",
        "istmo-on-behalf-of",
        "correlation-id",
        "accept-language",
    }
)
LIMITS_KEYWORDS = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "enum", "const"}
)
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,15})")
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,15})?")


@dataclass(slots=True)
class BoundParameter:
    """One parameter of an operation: where it comes from, what it must be, what the function calls it."""

    name: str
    argument: str
    location: str
    required: bool
    kind: str
    validator: Validator
    default: Any = None

    def value(self, text: str) -> Any:  # noqa: ANN401 - what the schema says
        """Return the typed value of a text, or refuse a text that cannot be one."""
        if self.kind == "integer" and INTEGER.fullmatch(text):
            return int(text)
        if self.kind == "number" and NUMBER.fullmatch(text):
            return float(text)
        if self.kind == "boolean" and text in {"true", "false"}:
            return text == "true"
        if self.kind == "string" and not parse.BAD_TEXT.search(text):
            return text
        raise self.refusal("wrong-type" if self.kind != "string" else "wrong-format")

    def refusal(self, code: str) -> Problem:
        """Return the refusal of a malformed text."""
        item = problems.parameter_item(self.location, self.name, code)
        return Problem("invalid-parameter", errors=[item])

    def violations(self, value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - what the schema says
        """Return what is out of range; a malformed value is refused at once."""
        if self.validator.is_valid(value):
            return []
        found = self.validator.violations(value)
        for one in found:
            if one.keyword not in LIMITS_KEYWORDS:
                raise self.refusal(problems.code_of(one.keyword))
        return [problems.parameter_item(self.location, self.name, problems.code_of(one.keyword)) for one in found]


@dataclass(slots=True)
class Bound:
    """An operation ready to be served."""

    operation: Operation
    context: ServiceContext
    handler: Handler
    path: dict[str, BoundParameter] = field(default_factory=dict)
    query: dict[str, BoundParameter] = field(default_factory=dict)
    headers: dict[str, BoundParameter] = field(default_factory=dict)
    bodies: dict[str, Validator | None] = field(default_factory=dict)  # by media type
    model: type[BaseModel] | None = None
    wants_body: bool = False
    offers: list[str] = field(default_factory=list)
    takes: frozenset[str] | None = None  # names of arguments; None: any
    heavy: bool = False  # one call may cost as much as many: it lists, it searches or it carries a file

    @property
    def safe(self) -> bool:
        """Whether the method promises not to change anything."""
        return self.operation.method.upper() == "GET"

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that the function asks for."""
        if self.takes is None:
            return dict(values)
        return {name: value for name, value in values.items() if name in self.takes}

    def body_argument(self, value: Any) -> Any:  # noqa: ANN401 - a document or its model
        """Return the body as the function wants it."""
        if self.model is None or value is None:
            return value
        try:
            return self.model.model_validate(value)
        except ValidationError as error:
            places = error.errors(include_url=False, include_input=False, include_context=False)
            items = [problems.body_item(place["loc"], "not-allowed-here") for place in places]
            raise problems.validation_failed(items) from None


def handlers_of(source: ModuleType | object) -> dict[str, Handler]:
    """Return the public coroutine functions that a room's module (or object) itself defines."""
    found: dict[str, Handler] = {}
    for name, member in inspect.getmembers(source, inspect.iscoroutinefunction):
        home = getattr(member, "__module__", None)
        own = not inspect.ismodule(source) or home == source.__name__
        if own and not name.startswith("_"):
            found[name] = member
    return found


def choose(context: ServiceContext, common: tuple[ModuleType, ...]) -> dict[str, Handler]:
    """Return a handler for each operation: the room's, else a machine's, else the kernel's."""
    operations = context.spec.operations
    room = handlers_of(context.service.handlers)
    machines: dict[str, Handler] = {}
    for machine in context.service.cases:
        machines.update(machine.bind(context))
    shared: dict[str, Handler] = {}
    for module in reversed(common):
        shared.update(handlers_of(module))
    names = {snake(operation_id): operation_id for operation_id in operations}
    surplus = sorted(set(room) - set(names)) + sorted(set(machines) - set(operations))
    chosen: dict[str, Handler] = {}
    for name, operation_id in names.items():
        handler = room.get(name) or machines.get(operation_id) or shared.get(name)
        if handler is not None:
            chosen[operation_id] = handler
    missing = sorted(set(operations) - set(chosen))
    if missing or surplus:
        raise KitError(
            "handlers",
            f"{context.slug}: no handler for {missing or 'none'}; no operation for {surplus or 'none'}",
            "name each handler after its operationId in snake case",
        )
    return chosen


def bind(context: ServiceContext, operation: Operation, handler: Handler) -> Bound:
    """Prepare everything about an operation that does not depend on the request."""
    bound = Bound(operation, context, handler)
    for parameter in operation.parameters:
        holder = {"path": bound.path, "query": bound.query}.get(parameter.location, bound.headers)
        key = parameter.name.lower() if parameter.location == "header" else parameter.name
        holder[key] = _parameter(context, parameter)
    for media_type, pointer in operation.request.items():
        if pointer is None:
            bound.bodies[media_type] = None
        elif media_type == FORM:
            bound.bodies[media_type] = _form_validator(context, pointer)
        else:
            bound.bodies[media_type] = context.held.validator(pointer)
    success = operation.response(operation.success)
    bound.offers = list(success.media) if success is not None else []
    bound.heavy = "cursor" in bound.query or FORM in bound.bodies or _is_heavy(context, success)
    _bind_function(bound)
    return bound


def _is_heavy(context: ServiceContext, success: Response | None) -> bool:
    """Tell whether an answer is a file or one page of many."""
    for media_type, pointer in success.media.items() if success is not None else ():
        schema = context.spec.schema(pointer) if pointer is not None else None
        if "json" not in media_type or (isinstance(schema, dict) and "page" in schema.get("properties", ())):
            return True
    return False


def _parameter(context: ServiceContext, parameter: Parameter) -> BoundParameter:
    kind = parameter.schema.get("type", "string")
    return BoundParameter(
        parameter.name,
        snake(parameter.name),
        parameter.location,
        parameter.required,
        kind if isinstance(kind, str) else "string",
        context.spec.validator(parameter.pointer),
        parameter.schema.get("default"),
    )


def _form_validator(context: ServiceContext, pointer: str) -> Validator:
    """Return a validator of a form's text fields; the bytes of the file are no JSON."""
    schema = dict(context.held.schema(pointer))
    properties = {name: value for name, value in schema.get("properties", {}).items() if name != "file"}
    required = [name for name in schema.get("required", ()) if name != "file"]
    return context.held.validator({**schema, "properties": properties, "required": required})


def _bind_function(bound: Bound) -> None:
    """Compare the function's arguments with the operation's parameters."""
    signature = inspect.signature(bound.handler)
    accepted = list(signature.parameters.values())[1:]
    known = {p.argument: p for group in (bound.path, bound.query, bound.headers) for p in group.values()}
    where = f"{bound.context.slug}: {bound.operation.id}"
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in accepted):
        bound.takes = None
    else:
        bound.takes = frozenset(parameter.name for parameter in accepted)
        strange = sorted(bound.takes - set(known) - {"body"})
        expected = {p.argument for group in (bound.path, bound.query) for p in group.values()}
        left = sorted(expected - bound.takes)
        if strange or left:
            hint = "name the arguments after the parameters of the operation, in snake case"
            raise KitError("handler-arguments", f"{where}: unknown {strange}, not taken {left}", hint)
    bound.wants_body = bool(bound.bodies) and (bound.takes is None or "body" in bound.takes)
    if bound.takes is not None and "body" in bound.takes:
        bound.model = _model(bound.handler)


def _model(handler: Handler) -> type[BaseModel] | None:
    """Return the model that the body is annotated with, if it is one."""
    try:
        hint = get_type_hints(handler).get("body")
    except (
        NameError,
        TypeError,
    ):  # annotations of names imported for type checking only: the body stays a document
        return None
    options = [hint, *getattr(hint, "__args__", ())]
    return next((o for o in options if isinstance(o, type) and issubclass(o, BaseModel)), None)


def query_of(raw: bytes) -> list[tuple[str, str]]:
    """Return the names and values of a query string, decoded strictly."""
    pairs = []
    for part in raw.split(b"&") if raw else ():
        name, _, value = part.partition(b"=")
        try:
            pairs.append(
                (
                    unquote_plus(name.decode("ascii"), errors="strict"),
                    unquote_plus(value.decode("ascii"), errors="strict"),
                )
            )
        except UnicodeDecodeError:
            raise Problem("invalid-parameter") from None
    return pairs
