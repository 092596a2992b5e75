"""Of two faults in one service each is caught: none hides behind the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from istmo.paths import data
from istmo_conformance.scenarios import planned

from ._gallery import gallery
from ._judge import judge
from ._pairs import AND, EXCLUSIVE, sample

if TYPE_CHECKING:
    from ._gallery import Wrong

FEW, MANY = 12, 60
SAMPLE = sample(MANY)


def named(pair: tuple[Wrong, Wrong]) -> str:
    return f"{pair[0].name} and {pair[1].name}"


@pytest.mark.parametrize("pair", SAMPLE[:FEW], ids=named)
def test_two_faults_are_both_caught(pair: tuple[Wrong, Wrong]) -> None:
    convict(*pair)


@pytest.mark.slow
@pytest.mark.parametrize("pair", SAMPLE[FEW:], ids=named)
def test_two_faults_of_many_more_are_both_caught(pair: tuple[Wrong, Wrong]) -> None:
    convict(*pair)


def convict(one: Wrong, other: Wrong) -> None:
    broken = {one.breaks, other.breaks}
    claiming = [each.id for each in planned(data("conformance") / "features", one.slug) if each.requirements & broken]

    name = one.name + AND + other.name
    judged = judge(name, slug=one.slug, select=claiming)
    if broken - judged.requirements("fail"):
        # What is held against any answer may be seen in a scenario that claims something else.
        judged = judge(name, slug=one.slug)

    assert judged.exit_code == 1, judged.report["verdict"]
    assert broken - judged.requirements("fail") == set()


def test_the_sample_is_as_large_as_it_says_and_excludes_only_what_exists() -> None:
    assert len(SAMPLE) == MANY
    assert all(len(names) == 2 and names <= set(gallery()) for names in EXCLUSIVE)
    assert all(len(reason) > 30 for reason in EXCLUSIVE.values())
