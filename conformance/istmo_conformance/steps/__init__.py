"""The sentences that scenarios may use. Importing this package fills the table of `vocabulary`."""

from __future__ import annotations

from istmo_conformance.steps import (
    acting,
    contract,
    fees,
    forms,
    given,
    guarding,
    outputs,
    remember,
    rights,
    speaking,
    surroundings,
    then,
    then_case,
    then_compare,
    then_list,
    when,
    writing,
)

__all__ = [
    "acting",
    "contract",
    "fees",
    "forms",
    "given",
    "guarding",
    "outputs",
    "remember",
    "rights",
    "speaking",
    "surroundings",
    "then",
    "then_case",
    "then_compare",
    "then_list",
    "when",
    "writing",
]
