"""Refusing a subject file: the first thing that is not in order, with its place and what to do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import jsonschema_rs

from istmo import spec as specs
from istmo.errors import KitError
from istmo.paths import data
from istmo.texts import text
from istmo_conformance.cast import NOBODY
from istmo_conformance.tokens import secret_url

JSON: TypeAlias = Any
Keys: TypeAlias = tuple[str | int, ...]
_SECRET_KEY: Final = re.compile(r"(^|_)(secret|password|passwd|pwd|token|key|credential)s?$", re.IGNORECASE)
_SECRET_VALUE: Final = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.|^Bearer |-----BEGIN|://[^/\s]*@", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NEEDS: Final = {"client-credentials": ("url",), "command": ("command",)}


@lru_cache
def schema() -> JSON:
    """The published schema of subject files."""
    return json.loads((data("specs") / "standard" / "schemas" / "subject.schema.json").read_bytes())


@dataclass(frozen=True)
class Places:
    """Where the keys of a file stand."""

    path: Path
    content: str

    def of(self, keys: Keys) -> str:
        """The place of a key, as the file, its line if it can be found, and its path."""
        line = self._line(keys)
        return f"{self.path}{f':{line}' if line else ''}: {dotted(keys)}"

    def _line(self, keys: Keys) -> int:
        """The line of the innermost part of a path that stands in the file, or 0."""
        for length in range(len(keys), 0, -1):
            found = next((number for number, at in self._keys() if at == keys[:length]), 0)
            if found:
                return found
        return 0

    def _keys(self) -> Iterator[tuple[int, Keys]]:
        table: Keys = ()
        seen: dict[str, int] = {}
        for number, line in enumerate(self.content.splitlines(), 1):
            header = re.match(r"\s*\[(\[)?\s*([^\]#]+?)\s*\]", line)
            if header:
                table = tuple(part.strip().strip("\"'") for part in header[2].split("."))
                if header[1]:
                    seen[header[2]] = seen.get(header[2], -1) + 1
                    table = (*table, seen[header[2]])
                yield number, table
                continue
            pair = re.match(r"\s*([A-Za-z0-9_.\"'-]+)\s*=", line)
            if pair:
                yield number, (*table, *(part.strip().strip("\"'") for part in pair[1].split(".")))


def dotted(keys: Keys) -> str:
    """A path as a person writes it: waivers[0].expires."""
    parts = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return parts.removeprefix(".") or "."


def hold(document: JSON, places: Places) -> None:
    """Refuse what is not in order: secrets first, so that no other message can repeat one."""
    _no_secrets(document, schema(), places, ())
    _known_keys(document, schema(), places, ())
    _values(document, places)
    _personas(document, places)
    _tokens(document, places)
    _waivers(document, places)


def _no_secrets(value: JSON, rule: JSON, places: Places, keys: Keys) -> None:
    if isinstance(value, Mapping):
        known = rule.get("properties", {})
        for name, item in value.items():
            here = (*keys, name)
            scalar = not isinstance(item, Mapping | list)
            if name not in known and scalar and _SECRET_KEY.search(name):
                hint = text("subject.secret-key-hint", name=f"{name}_env")
                raise KitError("subject-secret", text("subject.secret", place=places.of(here)), hint)
            if name.endswith("_env") and isinstance(item, str) and not _VARIABLE.fullmatch(item):
                raise KitError("subject-secret", text("subject.not-a-variable", place=places.of(here)),
                               text("subject.secret-hint"))  # fmt: skip
            _no_secrets(item, _below(rule, name), places, here)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            _no_secrets(item, rule.get("items", {}), places, (*keys, number))
    elif isinstance(value, str) and _SECRET_VALUE.search(value):
        raise KitError("subject-secret", text("subject.secret", place=places.of(keys)), text("subject.secret-hint"))


def _below(rule: JSON, name: str) -> JSON:
    more = rule.get("additionalProperties")
    return rule.get("properties", {}).get(name) or (more if isinstance(more, dict) else {})


def _known_keys(value: JSON, rule: JSON, places: Places, keys: Keys) -> None:
    if isinstance(value, Mapping):
        known = rule.get("properties", {})
        for name, item in value.items():
            if name not in known and rule.get("additionalProperties") is False:
                raise KitError("subject-unknown-key", text("subject.unknown-key", place=places.of((*keys, name))),
                               nearest(name, known))  # fmt: skip
            _known_keys(item, _below(rule, name), places, (*keys, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            _known_keys(item, rule.get("items", {}), places, (*keys, number))


def nearest(word: str, known: Mapping[str, Any]) -> str:
    """A hint that names the nearest known word, or all of them."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return text("words.nearest", word=near[0]) if near else text("words.known", words=", ".join(sorted(known)[:20]))


def _values(document: JSON, places: Places) -> None:
    validator = jsonschema_rs.Draft202012Validator(schema(), validate_formats=True)
    error = next(iter(validator.iter_errors(document)), None)
    if error is None:
        return
    keys: Keys = tuple(error.instance_path)
    if str(error.schema_path[-1]) == "required":
        name = re.findall(r'"([^"]+)" is a required property', error.message)
        here = (*keys, *name[:1])
        raise KitError("subject-missing", text("subject.missing", place=places.of(here)), described(here))
    raise KitError("subject-value", text("subject.value", place=places.of(keys)), described(keys))


def described(keys: Keys) -> str:
    """What belongs at a place: the sentence of the schema, and an example."""
    from istmo.texts import language

    rule = schema()
    for key in keys:
        rule = rule.get("items", {}) if isinstance(key, int) else _below(rule, key)
    sentence = rule.get("x-description-es" if language() == "es" else "description", "")
    examples = rule.get("examples")
    shown = text("subject.example", value=toml(examples[0])) if examples else ""
    return f"{sentence} {shown}".strip()


def toml(value: JSON) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _personas(document: JSON, places: Places) -> None:
    known = {alias: None for alias in specs.personas() if alias not in NOBODY}
    for alias in document.get("personas", {}):
        if alias not in known:
            raise KitError("subject-unknown-key", text("subject.no-persona", place=places.of(("personas", alias))),
                           nearest(alias, known))  # fmt: skip


def _tokens(document: JSON, places: Places) -> None:
    tokens = document.get("tokens", {})
    kind = tokens.get("kind")
    for name in _NEEDS.get(kind, ()):
        if name not in tokens:
            here = ("tokens", name)
            raise KitError("subject-missing", text("subject.missing", place=places.of(here)), described(here))
    if kind == "client-credentials":
        if not secret_url(tokens["url"]):
            raise KitError("subject-value", text("subject.plain-http", place=places.of(("tokens", "url"))),
                           text("subject.plain-http-hint"))  # fmt: skip
        for alias, own in document.get("personas", {}).items():
            for name in ("client_id", "client_secret_env"):
                if name not in own and name not in tokens:
                    at = ("personas", str(alias), name)
                    raise KitError("subject-missing", text("subject.missing", place=places.of(at)), described(at))


def _waivers(document: JSON, places: Places) -> None:
    slug = document["subject"]["service"].replace("-", "_")
    if slug not in {entry.slug for entry in specs.catalogue()}:
        raise KitError("unknown-service", text("words.no-service", word=slug),
                       nearest(slug, {entry.slug: entry for entry in specs.catalogue()}))  # fmt: skip
    known = {one.id: one for room in ("common", slug) for one in specs.requirements(room)}
    seen: set[str] = set()
    for number, waiver in enumerate(document.get("waivers", ())):
        here, name = ("waivers", number, "requirement"), waiver["requirement"]
        if name not in known:
            raise KitError("subject-waiver", text("subject.no-requirement", place=places.of(here), name=name),
                           nearest(name, known))  # fmt: skip
        if name in seen:
            raise KitError("subject-waiver", text("subject.waived-twice", place=places.of(here), name=name),
                           text("subject.waived-twice-hint"))  # fmt: skip
        seen.add(name)
