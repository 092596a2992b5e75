"""YAML 1.2 as JSON: read from the events of libyaml, so that nothing is built before it is judged.

Refused: anchors, aliases, merge keys, tags, duplicate keys, several documents, depth above 64, more than 200,000
nodes, more than 2 MiB. Plain scalars follow JSON (`null true false`, JSON numbers); everything else is text, so
`NO`, `on`, `22:30`, `010` and `2027-01-15` stay what their author wrote.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from istmo.spec._json import JSON
from istmo.spec._limits import MAX_BYTES, MAX_DEPTH, MAX_NODES, read_bytes
from istmo.spec._refusal import refusal
from istmo.spec._tree import join

if TYPE_CHECKING:
    from yaml.events import Event

__all__ = ["lines", "load_yaml"]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS: dict[str, JSON] = {"": None, "~": None, "null": None, "true": True, "false": False}
# YAML 1.1 breaks lines at these, YAML 1.2 does not: two readers would see two documents.
_HIDDEN_BREAKS = re.compile("[\u0085\u2028\u2029]")
_TRUSTED = 8  # how many times larger a document of the kit itself may be


def load_yaml(source: Path | str | bytes, *, trusted: bool = False) -> JSON:
    """Return what a YAML file or its bytes say, as JSON; errors carry file and line."""
    factor = _TRUSTED if trusted else 1
    name, raw = read_bytes(Path(source) if isinstance(source, str) else source, MAX_BYTES * factor)
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise refusal("spec-encoding", file=name) from None
    hidden = _HIDDEN_BREAKS.search(text)
    if hidden is not None:
        line = text.count("\n", 0, hidden.start()) + 1
        raise refusal("spec-syntax", place=f"{name}:{line}", format="YAML", reason="hidden line break")
    return _Builder(name, MAX_NODES * factor).build(_events(name, text))


def _events(name: str, text: str) -> Iterator[Event]:
    import yaml  # noqa: PLC0415 - costs 20 ms, and many users of the package read no YAML

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark is not None else name
        # The problem is a sentence of libyaml; it may quote one character, never a line of the document.
        reason = error.problem or "unreadable"
        if "nesting depth" in reason:  # newer builds of libyaml look ahead and have a bound of their own
            raise refusal("spec-too-deep", place=place, limit=MAX_DEPTH) from None
        raise refusal("spec-syntax", place=place, format="YAML", reason=reason) from None
    except yaml.YAMLError:
        raise refusal("spec-encoding", file=name) from None


def lines(raw: bytes) -> dict[str, int]:
    """Return the line of every member and item by its JSON pointer, of bytes that `load_yaml` has accepted."""
    import yaml  # noqa: PLC0415 - as above

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, int] = {}
    waiting: list[tuple[str, Any]] = [("", yaml.compose(raw, Loader=loader))]
    while waiting:
        pointer, node = waiting.pop()
        found.setdefault(pointer, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                place = pointer + join([key.value])
                found[place] = key.start_mark.line + 1
                waiting.append((place, value))
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(f"{pointer}/{n}", value) for n, value in enumerate(node.value)]
    return found


class _Builder:
    """Builds values from events with a stack of its own: depth costs no recursion."""

    def __init__(self, name: str, max_nodes: int) -> None:
        self.name = name
        self.max_nodes = max_nodes
        self.nodes = 0
        self.documents = 0
        self.root: JSON = None
        # One entry for each open container: the container and, in an object, the key that waits for its value.
        self.open: list[tuple[dict[str, JSON] | list[JSON], list[str]]] = []

    def build(self, events: Iterator[Event]) -> JSON:
        for event in events:
            kind = type(event).__name__
            if kind == "ScalarEvent":
                self._scalar(event)
            elif kind == "MappingStartEvent":
                self._start(event, {})
            elif kind == "SequenceStartEvent":
                self._start(event, [])
            elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
                self.open.pop()
            elif kind == "AliasEvent":
                self._refuse("spec-alias", event)
            elif kind == "DocumentStartEvent":
                self._document(event)
        return self.root

    def _document(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events have no typed members
        self.documents += 1
        if self.documents > 1:
            self._refuse("spec-syntax", event, format="YAML", reason="more than one document")
        if event.tags:
            self._refuse("spec-tag", event)

    def _start(self, event: Any, container: dict[str, JSON] | list[JSON]) -> None:  # noqa: ANN401 - as above
        self._judge(event)
        if len(self.open) >= MAX_DEPTH:
            self._refuse("spec-too-deep", event, limit=MAX_DEPTH)
        if self._expects_key():
            self._refuse("spec-key", event)
        self._place(container)
        self.open.append((container, []))

    def _scalar(self, event: Any) -> None:  # noqa: ANN401 - as above
        self._judge(event)
        if not self._expects_key():
            self._place(self._value(event) if not event.style else event.value)
            return
        container, waiting = self.open[-1]
        key: str = event.value
        if key == "<<" and not event.style:
            self._refuse("spec-merge", event)
        if key in container:
            self._refuse("spec-duplicate-key", event)
        waiting.append(key)

    def _judge(self, event: Any) -> None:  # noqa: ANN401 - as above
        self.nodes += 1
        if self.nodes > self.max_nodes:
            raise refusal("spec-too-large", file=self.name, limit=f"{self.max_nodes} nodes")
        if event.anchor is not None:
            self._refuse("spec-alias", event)
        if event.tag is not None:
            self._refuse("spec-tag", event)

    def _expects_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1][0], dict) and not self.open[-1][1]

    def _place(self, value: JSON) -> None:
        if not self.open:
            self.root = value
            return
        container, waiting = self.open[-1]
        if isinstance(container, list):
            container.append(value)
        else:
            container[waiting.pop()] = value

    def _value(self, event: Any) -> JSON:  # noqa: ANN401 - as above
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        found = _NUMBER.fullmatch(text)
        if found is None:
            return text
        if len(text) > 400:  # noqa: PLR2004 - beyond every float; Python's own limit would raise a bare ValueError
            self._refuse("spec-number", event)
        if found[2] is None and found[3] is None:
            return int(text)
        value = float(text)
        if not math.isfinite(value):
            self._refuse("spec-number", event)
        return value

    def _refuse(self, code: str, event: Any, **values: object) -> NoReturn:  # noqa: ANN401 - as above
        mark = event.start_mark
        raise refusal(code, place=f"{self.name}:{mark.line + 1}:{mark.column + 1}", **values)
