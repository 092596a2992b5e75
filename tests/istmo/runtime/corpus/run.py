"""Gives cases and values to an operation, and tells what was wrong with the answers."""

from __future__ import annotations

import json

from . import graft, judge, share
from ._calls import Call, Case, Value, json_of
from .field import Field, Ready, fresh


def places(ready: Ready) -> list[tuple[Call, graft.Path]]:
    """One place for each member of the bodies of an operation, whichever example shows it."""
    found: dict[tuple[str | int, ...], tuple[Call, graft.Path]] = {}
    for call in ready.calls:
        if json_of(ready.operation) is not None and call.body:
            for path in graft.places(json.loads(call.body)):
                found.setdefault(tuple(0 if isinstance(one, int) else one for one in path), (call, path))
    return list(found.values())


async def run_cases(field: Field, ready: Ready, cases: list[Case]) -> list[str]:
    found = []
    for case in cases:
        call = case.change(fresh(ready.calls[0]), ready.tools)
        told = await judge.judged(field, ready, call, refused=case.refused)
        found += [f"{ready.operation.id} {case}: {one}" for one in told]
    return found


async def run_values(field: Field, ready: Ready, pairs: list[tuple[Call, graft.Path, Value]]) -> list[str]:
    found = []
    for base, path, value in pairs:
        call = graft.grafted(fresh(base), path, value)
        told = await judge.judged(field, ready, call, refused=value.refused, needle=graft.needle(value))
        found += [f"{ready.operation.id} {value} at {path}: {one}" for one in told]
    return found


def run_share(field: Field, ready: Ready, cases: tuple[Case, ...], values: tuple[Value, ...]) -> list[str]:
    """Give an operation its share of the short run."""
    slug, rows = field.entry.slug, places(ready)
    found = field.host.do(run_cases(field, ready, list(share.cases_of(slug, ready.operation, cases))))
    pairs = [(*rows[n], value) for n, value in share.values_of(slug, ready.operation, len(rows), values)]
    return found + field.host.do(run_values(field, ready, pairs))


def run_all(field: Field, ready: Ready, cases: tuple[Case, ...], values: tuple[Value, ...]) -> list[str]:
    """Give an operation everything."""
    found = field.host.do(run_cases(field, ready, [case for case in cases if case.applies(ready.operation)]))
    pairs = [(*row, value) for row in places(ready) for value in values]
    return found + field.host.do(run_values(field, ready, pairs))
