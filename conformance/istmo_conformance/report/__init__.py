"""Reports: `build` adds the lines of evidence up; the other modules show the result."""

from __future__ import annotations

from istmo_conformance.report.build import Report, build, write

__all__ = ["Report", "build", "write"]
