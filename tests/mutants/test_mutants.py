"""Mutants are what they say, and the suite finds one through the interface of the service."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from tests.mutants.__main__ import app
from tests.mutants._mutate import TARGETS, mutants, path_of, sample, source
from tests.wrong_services._gallery import HOST
from tests.wrong_services._judge import check

LISTED = Path(__file__).parent / "survivors.yaml"


@pytest.mark.parametrize("module", TARGETS)
def test_each_mutant_differs_in_one_place_and_is_a_module(module: str) -> None:
    right = ast.unparse(ast.parse(path_of(module).read_text(encoding="utf-8")))
    found = mutants(module)

    assert len(found) > 4 or found[0].slug != HOST, "a new room may have few rules"
    assert len({one.name for one in found}) == len(found)
    for one in found[:: max(1, len(found) // 8)]:
        changed = source(module, one.index)
        compile(changed, one.name, "exec")
        assert ast.unparse(changed) != right


def test_a_sample_is_always_the_same_and_has_some_of_each_module() -> None:
    titles = [one.title for one in sample(30)]

    assert titles == [one.title for one in sample(30)]
    assert {one.module for one in sample(30)} == set(TARGETS)
    assert len(sample(0)) == sum(len(mutants(module)) for module in TARGETS)


def test_the_suite_finds_a_mandate_whose_time_is_turned_round() -> None:
    module = "istmo.runtime.mandates"
    mutant = next(one for one in mutants(module) if one.function == "_usable")

    judged = check("--app", app(mutant), "--service", mutant.slug, "--select", "common/mandates")

    assert judged.exit_code == 1
    assert any(name.startswith("common/mandate") for name in judged.requirements("fail"))


def test_each_survivor_that_is_listed_exists_and_has_its_reason() -> None:
    known = {one.title for module in TARGETS for one in mutants(module)}

    for entry in yaml.safe_load(LISTED.read_text(encoding="utf-8")):
        assert entry["mutant"] in known
        assert len(entry["reason"]) > 30
        assert isinstance(entry["equivalent"], bool)
