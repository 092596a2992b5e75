"""The property layer: calls that nobody wrote down, generated from the regional contract and held against our laws.

It is imported only when asked for, and the engine that generates the data only by `engine.py`.
"""

from __future__ import annotations

from istmo_conformance.property.budget import Budget
from istmo_conformance.property.engine import require
from istmo_conformance.property.layer import run

__all__ = ["Budget", "require", "run"]
