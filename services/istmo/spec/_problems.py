"""The catalogue of problem codes, which `istmo.errors` reads because every layer refuses."""

from __future__ import annotations

from collections.abc import Mapping

from istmo.errors import ProblemType, problem_types

__all__ = ["ProblemType", "problems"]


def problems() -> Mapping[str, ProblemType]:
    """Return every problem type by its code."""
    return problem_types()
