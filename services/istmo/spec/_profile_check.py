"""Checking one country profile: its structure, and what no schema can say; each finding with its place and a hint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from istmo.spec import _profile_laws as laws
from istmo.spec._check import errors
from istmo.spec._inherit import completed
from istmo.spec._json import JSON
from istmo.spec._limits import MAX_BYTES, read_bytes
from istmo.spec._profile import Profile
from istmo.spec._refusal import plain, refusal
from istmo.spec._tree import join
from istmo.spec._yaml import lines, load_yaml
from istmo.texts import catalogue, text

if TYPE_CHECKING:
    from jsonschema import ValidationError

__all__ = ["ProfileFault", "check_profile", "completed_profile"]

# Keyword of a schema -> the word under which its text stands; the others share one.
_KEYWORDS: Final = {
    "additionalProperties": "unknown-key", "required": "missing", "type": "type", "enum": "enum", "pattern": "form",
    "format": "form", "minLength": "form", "const": "enum", "propertyNames": "form",
}  # fmt: skip


@dataclass(frozen=True, order=True)
class ProfileFault:
    """One thing that is wrong with a profile: where, what, and what to do about it; lines count from 1."""

    line: int
    pointer: str
    code: str
    message: str
    hint: str


def check_profile(path: Path) -> list[ProfileFault]:
    """Return everything that is wrong with the profile in a file; a file that is none raises `KitError`."""
    name, raw = read_bytes(path, MAX_BYTES)
    document = load_yaml(path)
    if not isinstance(document, dict):
        raise refusal("profile-not-an-object", file=name)
    places = lines(raw)
    wrong = list(_structural(document))
    found = [_fault(places, *one) for one in wrong]
    # What depends on a broken part is not judged: its findings would only repeat the first.
    broken = {place[0] if place else "" for _, place, _ in wrong}
    country = Profile(str(laws.bare(document, "country")), completed(document) if "country" not in broken else document)
    for law, parts in laws.LAWS:
        if "" not in broken and not broken & {"country", *parts}:
            found += [_fault(places, *one) for one in law(country, document, path.stem)]
    return sorted(set(found))


def completed_profile(path: Path) -> dict[str, JSON]:
    """Return the profile in a file with what it takes over."""
    return completed(load_yaml(path))


def _structural(document: Mapping[str, JSON]) -> Iterator[laws.Broken]:
    for error in errors("profile", document):
        for one in _innermost(error):
            place = tuple(one.absolute_path)
            word = _KEYWORDS.get(str(one.validator), "schema")
            if word == "unknown-key":
                yield from _unknown(one, place)
            elif word == "missing":
                needed: Any = one.validator_value
                known: Any = one.instance
                yield from (("missing", place, {"name": name}) for name in needed if name not in known)
            else:
                yield _told(word, one), place, {"limit": _limit(one)}


def _innermost(error: ValidationError) -> Iterator[ValidationError]:
    """Yield what is wrong inside the first alternative, which is the one that holds a value; null is the other."""
    first = [one for one in error.context or () if one.schema_path and one.schema_path[0] == 0]
    if error.validator != "anyOf" or not first or error.instance is None:
        yield error
        return
    for one in first:
        yield from _innermost(one)


def _told(word: str, error: ValidationError) -> str:
    """Return a clearer word where one mistake is usual: a code without quotes, a value without its source."""
    if word == "type" and isinstance(error.instance, int) and "string" in str(error.validator_value):
        return "unquoted"
    tail = list(error.absolute_path)[-1:]
    if tail in (["source"], ["asOf"]) and not error.instance:
        return "unsourced"
    return "empty" if error.validator == "not" and tail == ["value"] else word


def _unknown(error: ValidationError, place: tuple[str | int, ...]) -> Iterator[laws.Broken]:
    known: list[str] = sorted(error.schema.get("properties", {})) if isinstance(error.schema, dict) else []
    names: Any = error.instance
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            code = "unknown-key-near" if near else "unknown-key"
            yield code, (*place, name), {"near": near[0] if near else "", "known": ", ".join(known)}


def _limit(error: ValidationError) -> str:
    value: Any = error.validator_value
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _fault(
    places: Mapping[str, int], code: str, place: tuple[str | int, ...], values: Mapping[str, object]
) -> ProfileFault:
    """Return a finding with the texts of its code; what a file says is made harmless before it is shown."""
    harmless = {name: plain(str(value), 200) for name, value in values.items()}
    shown = {"name": "", "limit": "", "near": "", "known": "", **harmless}
    pointer = join(place)
    hint = f"profile.{code}.hint"
    return ProfileFault(
        line=next((places[join(place[:n])] for n in range(len(place), -1, -1) if join(place[:n]) in places), 1),
        pointer=plain(pointer, 200),
        code=code,
        message=text(f"profile.{code}", **shown),
        hint=text(hint, **shown) if hint in catalogue("en") else "",
    )
