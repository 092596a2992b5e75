"""From a path to what is served there: canonical paths only, no redirects, a complete Allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

E = TypeVar("E")


@dataclass(slots=True)
class Place(Generic[E]):
    """One path template and what its methods are served by."""

    segments: tuple[str, ...]
    methods: dict[str, E] = field(default_factory=dict)

    @property
    def allow(self) -> str:
        """The methods of the path, as Allow lists them."""
        head = {"HEAD"} if "GET" in self.methods else set()
        return ", ".join(sorted({*self.methods, *head}))

    def take(self, parts: list[str]) -> dict[str, str] | None:
        """Return the path parameters when the parts fit the template."""
        found: dict[str, str] = {}
        for segment, part in zip(self.segments, parts, strict=True):
            if segment.startswith("{"):
                if not part:
                    return None
                found[segment[1:-1]] = part
            elif segment != part:
                return None
        return found


class Router(Generic[E]):
    """Finds places: literal paths first, then templates of the same length."""

    def __init__(self) -> None:
        self._literal: dict[str, Place[E]] = {}
        self._templates: dict[int, list[Place[E]]] = {}

    def add(self, path: str, method: str, endpoint: E) -> None:
        """Serve a method of a path template."""
        segments = tuple(path.split("/"))
        if "{" not in path:
            self._literal.setdefault(path, Place(segments)).methods[method] = endpoint
            return
        places = self._templates.setdefault(len(segments), [])
        place = next((place for place in places if place.segments == segments), None)
        if place is None:
            place = Place(segments)
            places.append(place)
            places.sort(key=lambda p: [segment.startswith("{") for segment in p.segments])
        place.methods[method] = endpoint

    def alias(self, path: str, other: str) -> None:
        """Serve a literal path as another one."""
        self._literal[path] = self._literal[other]

    def find(self, path: str) -> tuple[Place[E], Mapping[str, str]] | None:
        """Return the place of a path and its parameters."""
        place = self._literal.get(path)
        if place is not None:
            return place, {}
        parts = path.split("/")
        for candidate in self._templates.get(len(parts), ()):
            taken = candidate.take(parts)
            if taken is not None:
                return candidate, taken
        return None
