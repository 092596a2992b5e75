"""Texts in another language: an OpenAPI Overlay 1.0 that touches texts only, complete and fresh.

Each action carries `x-istmo-digest`, the SHA-256 of the English texts that it translates: when an English text
changes, its translation is stale and the check says so. Commands:

    python -m istmo.spec.overlay digest FILE    write the digest of every action into the overlay
    python -m istmo.spec.overlay check FILE     tell what is missing, stale or superfluous
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from istmo.errors import KitError
from istmo.spec._json import JSON
from istmo.spec._refusal import refusal
from istmo.spec._tree import MISSING, child, join, walk

__all__ = ["Flaw", "apply", "digest", "find", "flaws", "texts"]

_ACTION: Final = re.compile(r" *- +target:")
TEXTS: Final = frozenset({"title", "summary", "description"})
DIGEST: Final = "x-istmo-digest"
_STEP: Final = re.compile(
    r"\.(?P<name>[A-Za-z_$][\w$-]*)"
    r"|\[(?:'(?P<single>(?:[^'\\]|\\.)*)'|\"(?P<double>(?:[^\"\\]|\\.)*)\"|(?P<index>[0-9]{1,6})"
    r"|\?\(?@\.(?P<key>[A-Za-z]\w*)\s*==\s*'(?P<wanted>[^']*)'\)?)\]"
)


@dataclass(frozen=True, order=True)
class Flaw:
    """One way in which an overlay lags behind its document."""

    kind: str  # untranslated, stale or superfluous
    place: str


def apply(document: Mapping[str, JSON], overlay: JSON, name: str = "overlay") -> dict[str, JSON]:
    """Return a copy of a document with the texts of an overlay."""
    made: dict[str, JSON] = deepcopy(dict(document))
    for where, action in _actions(overlay, name):
        found = find(made, action["target"], where)
        if not found:
            raise refusal("overlay-target", place=where)
        for _, node in found:
            _merge(node, action["update"], where)
    return made


def find(document: JSON, path: str, where: str = "overlay") -> list[tuple[tuple[str | int, ...], JSON]]:
    """Return the places and nodes that a JSONPath of the kit's subset names: members, indexes, one equality."""
    if not path.startswith("$"):
        raise refusal("overlay-syntax", place=where)
    nodes: list[tuple[tuple[str | int, ...], JSON]] = [((), document)]
    position = 1
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise refusal("overlay-syntax", place=where)
        position = step.end()
        nodes = [found for place, node in nodes for found in _follow(place, node, step)]
    return nodes


def digest(english: JSON) -> str:
    """Return the digest of the English texts of one action."""
    canonical = json.dumps(english, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def texts(document: JSON) -> Iterator[str]:
    """Yield the places of all texts that people read: of the document, its tags, operations, schemas, examples."""
    for place, node, named in walk(document):
        if named or "license" in place:
            continue
        for key in sorted(TEXTS & node.keys()):
            if isinstance(node[key], str) and node[key].strip():
                yield join((*place, key))


def flaws(document: Mapping[str, JSON], overlay: JSON, name: str = "overlay") -> list[Flaw]:
    """Return what an overlay lacks, what is stale in it and what it translates in vain."""
    translated: set[str] = set()
    found: list[Flaw] = []
    for where, action in _actions(overlay, name):
        targets = find(document, action["target"], where)
        if not targets:
            found.append(Flaw("superfluous", action["target"]))
        for place, node in targets:
            english = _english(node, action["update"])
            if english is None:
                found.append(Flaw("superfluous", action["target"]))
            elif digest(english) != action.get(DIGEST):
                found.append(Flaw("stale", action["target"]))
            translated.update(_leaves(action["update"], place))
    found.extend(Flaw("untranslated", place) for place in texts(document) if place not in translated)
    return sorted(set(found))


def _actions(overlay: JSON, name: str) -> Iterator[tuple[str, dict[str, JSON]]]:
    if not isinstance(overlay, dict) or not isinstance(overlay.get("actions"), list):
        raise refusal("overlay-syntax", place=name)
    for index, action in enumerate(overlay["actions"]):
        where = f"{name}#/actions/{index}"
        if (
            not isinstance(action, dict)
            or not isinstance(action.get("target"), str)
            or not isinstance(action.get("update"), dict)
        ):
            raise refusal("overlay-syntax", place=where)
        yield where, action


def _follow(
    place: tuple[str | int, ...], node: JSON, step: re.Match[str]
) -> Iterator[tuple[tuple[str | int, ...], JSON]]:
    if step["key"] is not None:
        items = node if isinstance(node, list) else []
        for index, item in enumerate(items):
            if isinstance(item, dict) and item.get(step["key"]) == step["wanted"]:
                yield (*place, index), item
        return
    if step["index"] is not None:
        token: str | int = int(step["index"])
        found = child(node, step["index"]) if isinstance(node, list) else MISSING
    else:
        quoted = step["single"] if step["single"] is not None else step["double"]
        token = step["name"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        found = node.get(token, MISSING) if isinstance(node, dict) else MISSING
    if found is not MISSING:
        yield (*place, token), found


def _merge(node: JSON, update: Mapping[str, JSON], where: str) -> None:
    """Put the texts of an update over those of a node; anything but a text is refused."""
    for key, value in update.items():
        if not isinstance(node, dict) or key not in node:
            raise refusal("overlay-target", place=where)
        if isinstance(value, dict):
            _merge(node[key], value, where)
        elif isinstance(value, str) and key in TEXTS and isinstance(node[key], str):
            node[key] = value
        else:
            raise refusal("overlay-syntax", place=where)


def _english(node: JSON, update: Mapping[str, JSON]) -> JSON:
    """Return the texts of a node that an update translates, or None when one of them is not there."""
    found: dict[str, JSON] = {}
    for key, value in update.items():
        own = node.get(key) if isinstance(node, dict) else None
        told = _english(own, value) if isinstance(value, dict) else own
        if told is None:
            return None
        found[key] = told
    return found


def _leaves(update: Mapping[str, JSON], place: tuple[str | int, ...]) -> Iterator[str]:
    for key, value in update.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*place, key))
        else:
            yield join((*place, key))


# The commands


def source_of(path: Path) -> tuple[dict[str, JSON], JSON]:
    """Return the English document that an overlay extends, its named examples in place, and the overlay."""
    from istmo.spec._bundle import read_source  # noqa: PLC0415 - the bundle imports this module in turn
    from istmo.spec._yaml import load_yaml  # noqa: PLC0415 - as above

    overlay = load_yaml(path, trusted=True)
    extends = overlay.get("extends") if isinstance(overlay, dict) else None
    if not isinstance(extends, str):
        raise refusal("overlay-syntax", place=path.name)
    return read_source(path.parent / extends, path.parent.parent), overlay


def write_digests(path: Path) -> int:
    """Write the digest of each action into an overlay file, keeping its layout; return how many changed."""
    document, overlay = source_of(path)
    digests = []
    for where, action in _actions(overlay, path.name):
        targets = find(document, action["target"], where)
        english = _english(targets[0][1], action["update"]) if targets else None
        if english is None:
            raise refusal("overlay-target", place=where)
        digests.append(digest(english))
    text = path.read_text(encoding="utf-8")
    made = _with_digests(text, digests)
    path.write_text(made, encoding="utf-8")
    return sum(line not in set(text.splitlines()) for line in made.splitlines())


def _with_digests(text: str, digests: Sequence[str]) -> str:
    """Return the text of an overlay with the digest of each action: in its line, or in one before the next member."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if _ACTION.match(line)]
    if len(starts) != len(digests):
        raise refusal("overlay-syntax", place="actions")
    made = lines[: starts[0]] if starts else lines
    for start, end, told in zip(starts, [*starts[1:], len(lines)], digests, strict=True):
        block, own = lines[start:end], f'{DIGEST}: "{told}"'
        indent = " " * (block[0].index("-") + 2)
        member = re.compile(rf"{indent}[A-Za-z]")
        kept = [line for line in block if not line.lstrip().startswith(f"{DIGEST}:")]
        had = next((n for n, line in enumerate(block) if line.lstrip().startswith(f"{DIGEST}:")), None)
        after = next((n for n, line in enumerate(kept) if n and member.match(line)), len(kept))
        line = indent + own if had is None or told not in block[had] else block[had]
        kept.insert(after if had is None else had, line)
        made.extend(kept)
    return "\n".join(made) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Run one command; return 0, 1 when an overlay lags behind, or the exit code of an error."""
    try:
        if len(arguments) != 2 or arguments[0] not in {"check", "digest"}:  # noqa: PLR2004 - command and file
            sys.stderr.write(__doc__ or "")
            return 2
        path = Path(arguments[1])
        if arguments[0] == "digest":
            sys.stdout.write(f"{path}: {write_digests(path)}\n")
            return 0
        found = flaws(*source_of(path), path.name)
    except KitError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return error.exit_code
    sys.stdout.writelines(f"{flaw.kind} {flaw.place}\n" for flaw in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
