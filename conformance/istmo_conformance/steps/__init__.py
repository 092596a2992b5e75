"""The sentences that scenarios may use. Importing this package fills the table of `vocabulary`."""

from __future__ import annotations

from istmo_conformance.steps import (
    acting,
    contract,
    fees,
    fetching,
    files,
    forms,
    given,
    guarding,
    judging,
    remember,
    rights,
    surroundings,
    then,
    then_case,
    then_compare,
    then_list,
    walking,
    when,
    writing,
)

__all__ = [
    "acting",
    "contract",
    "fees",
    "fetching",
    "files",
    "forms",
    "given",
    "guarding",
    "judging",
    "remember",
    "rights",
    "surroundings",
    "then",
    "then_case",
    "then_compare",
    "then_list",
    "walking",
    "when",
    "writing",
]
