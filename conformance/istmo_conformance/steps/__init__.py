"""The sentences that scenarios may use. Importing this package fills the table of `vocabulary`."""

from __future__ import annotations

from istmo_conformance.steps import given, remember, then, then_case, then_compare, when

__all__ = ["given", "remember", "then", "then_case", "then_compare", "when"]
