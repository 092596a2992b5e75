"""What must be true of what a service says about itself: its contract, its description, its stages, its fees."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeAlias

import pytest

from istmo import spec as specs
from istmo.errors import Finding, KitError
from istmo_conformance import contracts
from istmo_conformance.calls import Call
from istmo_conformance.client import Answer, decode
from istmo_conformance.modes import Mode
from istmo_conformance.steps.then import member
from istmo_conformance.values import items_at, lookup
from istmo_conformance.vocabulary import sentence
from istmo_conformance.walk import must
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
CONTRACT, DESCRIPTION, STAGES = "getOpenApi", "getServiceDescription", "getStages"
NATIONAL = "getNationalSchema"
WAITED = "spec-waited"  # the code of a wait that this machine has ended
TOLD = 8
VERSION = re.compile(r"3\.1\.[0-9]+")
# Schemes whose own word is no name of an identifier: `id` names every resource.
PLAIN = frozenset({"id", "tax"})
# What a schema may say without holding anything to it.
SILENT = frozenset({"$schema", "$id", "$comment", "title", "description", "type", "examples"})


def last(world: World, operation: str) -> Answer:
    """The last answer to an operation."""
    for exchange in reversed(world.history):
        if exchange.operation is not None and exchange.operation.id == operation:
            return exchange.answer
    raise KitError("not-sent", f"{operation} was not called", "call it first")


def told(found: list[str]) -> str:
    """A list of findings that a report can bear."""
    more = f" (+{len(found) - TOLD})" if len(found) > TOLD else ""
    return "; ".join(found[:TOLD]) + more


# The contract


def contract(world: World) -> dict[str, JSON]:
    """The served contract, which has at least one address."""
    answer = last(world, CONTRACT)
    document = answer.json()
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict) or not document["paths"]:
        raise Finding(say("the contract names no address", "el contrato no nombra ninguna dirección"))
    outside = _outside(answer.body)
    if outside:
        raise Finding(say("the contract refers to other files: {names}", "el contrato remite a otros archivos: {names}",
                          names=told(outside)))  # fmt: skip
    return document


@lru_cache(maxsize=4)  # the same few documents are looked at again and again
def _outside(body: bytes) -> list[str]:
    """The references of a document that lead out of it."""
    return sorted({ref for ref in _references(decode(body)) if not ref.startswith("#")})


def _references(node: JSON) -> Iterator[str]:
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            if isinstance(found.get("$ref"), str):
                yield found["$ref"]
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)


@sentence(
    "given",
    en="the contract can be read",
    es="el contrato se puede leer",
    needs=Mode.READ,
)
def contract_readable(world: World) -> None:
    """Fetch the served contract and go on only where it can be understood; whether it is valid is judged elsewhere."""
    operation = world.spec.operations[CONTRACT]
    must(world, Call("nobody", operation), operation.success)
    served(world)


@sentence("then", en="the contract {agreement}", es="el contrato {agreement}")
def contract_agrees(world: World, agreement: str) -> None:
    """The served contract is valid, widens the regional one legally, or keeps identifiers out of addresses."""
    AGREEMENTS[agreement](world)


def contract_valid(world: World) -> None:
    """The served contract is a valid OpenAPI 3.1 document; what is not is told by its place."""
    document = contract(world)
    if not VERSION.fullmatch(str(document.get("openapi"))):
        raise Finding(say("the contract is not OpenAPI 3.1", "el contrato no es OpenAPI 3.1"))
    with _readable():
        found = world.run.contracts.faults(last(world, CONTRACT).body)
    if found:
        raise Finding(say("the contract is not valid: {found}", "el contrato no es válido: {found}", found=told(found)))


def contract_compatible(world: World) -> None:
    """Who knows the regional contract can use the served one: nothing gone, no request narrowed, no answer widened.

    An operation of a stage that the service does not claim may be missing.
    """
    unclaimed = {one.id for one in world.spec.operations.values() if one.stage > world.run.subject.claimed_stage}
    differences = [
        one
        for one in specs.compat(world.spec, served(world))
        if one.code != "operation-removed" or one.operation not in unclaimed
    ]
    broken = [f"{one.operation} {one.code} {one.place}".strip() for one in differences if one.severity == "breaking"]
    if broken:
        raise Finding(
            say("the contract is no legal widening: {found}", "el contrato no es una ampliación legal: {found}",
                found=told(broken)), actual="; ".join(broken[:20]),
        )  # fmt: skip
    if differences:
        # Neither proven nor refuted: the report then says that a person has to look.
        pytest.skip(f"needs-review: {told([f'{one.operation} {one.place}'.strip() for one in differences])}")


def served(world: World) -> specs.Spec:
    """The served contract as a specification, read in a process of its own because a stranger wrote it."""
    contract(world)
    return _read(last(world, CONTRACT).body, world.spec.slug)


def held(world: World) -> specs.Spec:
    """The served contract to which bodies are held: in it, `national` is what the schema served for it says.

    A schema that cannot be read, or that no country may have, is a matter of other requirements.
    """
    source, operation = served(world), world.spec.operations[NATIONAL]
    if operation.stage > world.run.stage or NATIONAL not in source.operations:
        return source
    answer = world.perform(Call("nobody", operation))[-1]
    return _held(last(world, CONTRACT).body, answer.body, source.slug) if answer.status == operation.success else source


@lru_cache(maxsize=2)
def _held(contract: bytes, schema: bytes, slug: str) -> specs.Spec:
    source = _read(contract, slug)
    try:
        told = specs.ensure_national(decode(schema), NATIONAL)
        made = specs.Spec(specs.with_national(source.document, told), slug)
    except (Finding, KitError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return source
    return made if told.keys() - SILENT else source


@lru_cache(maxsize=2)
def _read(body: bytes, slug: str) -> specs.Spec:
    with _readable():
        return specs.Spec(contracts.bundled(body), slug)


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Hold it against the service that its contract cannot be read."""
    try:
        yield
    except (KitError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, KitError) and error.code == WAITED:
            raise  # ours, and no word on the service
        why = error.message if isinstance(error, KitError) else type(error).__name__
        raise Finding(
            say("the contract cannot be read: {why}", "el contrato no se puede leer: {why}", why=why[:300])
        ) from None


def no_identifiers(world: World) -> None:
    """No parameter in an address is called like an identifier scheme of a member state."""
    schemes = _scheme_names()
    named = sorted({name for name in _in_addresses(contract(world)) if _bare(name) in schemes})
    if named:
        raise Finding(
            say("named after an identifier: {names}", "con nombre de identificador: {names}", names=told(named))
        )


def _scheme_names() -> set[str]:
    """The names of the identifier schemes of all member states, with and without the country."""
    found = {scheme for code in specs.countries() for scheme in specs.profile(code).schemes}
    short = {scheme.partition("-")[2] for scheme in found} - PLAIN
    return {_bare(name) for name in found | short if name}


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _in_addresses(document: dict[str, JSON]) -> Iterator[str]:
    """The names of all parameters that stand in a path or a query."""
    for path, item in document["paths"].items():
        yield from re.findall(r"\{([^{}]*)\}", str(path))
        if not isinstance(item, dict):
            continue
        for node in (item, *(value for value in item.values() if isinstance(value, dict))):
            for parameter in items_at(node, "/parameters"):
                pointer = parameter.get("$ref")
                found = lookup(document, pointer[1:]) if isinstance(pointer, str) else parameter
                if isinstance(found, dict) and found.get("in") in {"path", "query"}:
                    yield str(found.get("name"))


AGREEMENTS = {
    "is valid OpenAPI 3.1": contract_valid,
    "is a legal widening of the regional one": contract_compatible,
    "names no parameter after an identifier": no_identifiers,
}


# The description


@sentence("then", en="the description is complete", es="la descripción está completa")
def description_complete(world: World) -> None:
    """Every mandatory member of the description is there, and no text in it is empty."""
    document = world.answer.json()
    schema = world.spec.schema("#/components/schemas/ServiceDescription")
    if not isinstance(document, dict):
        raise Finding(say("there is no description", "no hay una descripción"))
    empty = [name for name in schema["required"] if document.get(name) in (None, "", {})]
    empty += [name for name in schema["required"]
              if document.get(name) == [] and schema["properties"][name].get("minItems")]  # fmt: skip
    empty += list(_blank(document, ""))
    if empty:
        raise Finding(say("absent or empty: {names}", "falta o está vacío: {names}", names=told(empty)))


def _blank(node: JSON, place: str) -> Iterator[str]:
    """The places of texts that say nothing."""
    if isinstance(node, str):
        if not node.strip():
            yield place
    elif isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _blank(value, f"{place}/{key}")


# Stages


@sentence(
    "then",
    en="the claimed stage is the one of the manifest, and possible",
    es="la etapa declarada es la del manifiesto, y es posible",
)
def stage_possible(world: World) -> None:
    """Declaration and manifest claim one and the same stage, which the regional service can reach."""
    slugs = {world.spec.slug, world.spec.slug.replace("_", "-")}
    claims = [entry.get("claimedStage") for entry in items_at(world.run.subject.manifest, "/services")
              if entry.get("slug") in slugs]  # fmt: skip
    claims.append(member(world, "claimed"))
    most = world.run.service.stages
    if not all(type(claim) is int and 1 <= claim <= most for claim in claims):
        raise Finding(
            say("a claimed stage is above {most}, or none", "una etapa declarada supera {most}, o no lo es", most=most),
            expected=f"1..{most}", actual=repr(claims)[:80],
        )  # fmt: skip
    if len(set(claims)) > 1:
        raise Finding(
            say("manifest and declaration claim different stages", "el manifiesto y la declaración difieren"),
            actual=repr(claims)[:80],
        )


@sentence(
    "then",
    en="each claimed stage names operations of the contract",
    es="cada etapa declarada nombra operaciones del contrato",
)
def stage_operations(world: World) -> None:
    """Every stage up to the claimed one that the specification fills names operations, all of them in the contract."""
    declared = last(world, STAGES).json()
    known = {str(node.get("operationId")) for item in contract(world)["paths"].values() if isinstance(item, dict)
             for node in item.values() if isinstance(node, dict)}  # fmt: skip
    named: dict[Any, list[str]] = {
        entry.get("stage"): [str(name) for name in entry.get("operations") or ()]
        for entry in items_at(declared, "/perStage")
    }
    claimed = lookup(declared, "/claimed")
    most = claimed if isinstance(claimed, int) else 0
    silent = {one.stage for one in world.spec.operations.values() if one.stage <= most} - {
        stage for stage, names in named.items() if names
    }
    if silent or not named:
        raise Finding(
            say("no operations for stage {stages}", "sin operaciones para la etapa {stages}",
                stages=", ".join(map(str, sorted(silent))) or "1")
        )  # fmt: skip
    unknown = sorted({name for names in named.values() for name in names} - known)
    if unknown:
        raise Finding(say("not in the contract: {names}", "no están en el contrato: {names}", names=told(unknown)))
