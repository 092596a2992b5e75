{% set it = facts(cookiecutter) -%}
"""Wrong variants of {{ it.slug }}: each breaks one requirement of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App

RULES, KINDS = "istmo_services.{{ it.slug }}.rules", "istmo_services.{{ it.slug }}.kinds"
FREE = {"amount": "0.00", "currency": "XTS"}


@wrong("{{ it.slug }}/kinds-published", "Nothing is told of what is offered.")
def {{ it.slug }}_tells_nothing(reference: Reference) -> App:
    def shown(_: object) -> list[object]:
        return []

    reference.replace(KINDS, shown=shown)
    return reference.app()


@wrong("{{ it.slug }}/kinds-published", "The price that is told is not the one that is asked.")
def {{ it.slug }}_tells_another_price(reference: Reference) -> App:
    original = reference.original(KINDS, "shown")

    def shown(work: object) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = original(work)
        return [{**kind, "fee": {**kind["fee"], "amount": FREE}} for kind in listed]

    reference.replace(KINDS, shown=shown)
    return reference.app()


@wrong("{{ it.slug }}/kind-as-published", "Any kind is taken, whether it is offered or not.")
def {{ it.slug }}_takes_any_kind(reference: Reference) -> App:
    def offered(*_: object) -> None:
        return None

    reference.replace(RULES, offered=offered)
    return reference.app()


@wrong("{{ it.slug }}/kind-as-published", "Only the first of the kinds on offer is taken.")
def {{ it.slug }}_takes_the_first_kind(reference: Reference) -> App:
    original = reference.original(RULES, "offered")

    def offered(body: object, kinds: list[str]) -> object:
        return original(body, kinds[:1])

    reference.replace(RULES, offered=offered)
    return reference.app()
