"""Binds the features of the service under judgement; which ones, the run in progress says."""

from __future__ import annotations

from pytest_bdd import given, parsers, scenarios, then, when

from istmo_conformance.plugin import current
from istmo_conformance.scenarios import feature_folders
from istmo_conformance.vocabulary import perform, recognise
from istmo_conformance.world import World


class Spoken(parsers.StepParser):
    """Lets pytest-bdd ask our table instead of trying every step definition in turn."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"a sentence of the vocabulary ({kind})")
        self.kind = kind

    def is_matching(self, name: str) -> bool:
        """Whether the table knows the sentence."""
        return recognise(self.kind, name) is not None

    def parse_arguments(self, name: str) -> dict[str, str]:
        """Hand the sentence over as it stands."""
        return {"spoken": name}


@given(Spoken("given"))
def _(spoken: str, world: World, docstring: str | None = None) -> None:
    perform("given", spoken, world, docstring=docstring)


@when(Spoken("when"))
def _(spoken: str, world: World, docstring: str | None = None) -> None:
    perform("when", spoken, world, docstring=docstring)


@then(Spoken("then"))
def _(spoken: str, world: World, docstring: str | None = None) -> None:
    perform("then", spoken, world, docstring=docstring)


scenarios(*map(str, feature_folders(current().features, current().spec.slug)))
