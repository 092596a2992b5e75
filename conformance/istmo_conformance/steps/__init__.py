"""The sentences that scenarios may use. Importing this package fills the table of `vocabulary`."""

from __future__ import annotations

from istmo_conformance.steps import (
    acting,
    breaking,
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
    "breaking",
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
