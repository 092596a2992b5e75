"""Values as scenarios write them: JSON, or a few words that stand for what only the run knows."""

from __future__ import annotations

import copy
import itertools
import json
import re
from datetime import date, timedelta
from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo_conformance.words import say

JSON: TypeAlias = Any
MISSING = object()
FEE = frozenset({"a fee of this country", "una tarifa de este país"})

_ITS = re.compile(r'(?:its|su) (?:"(?P<pointer>[^"]+)"|(?P<words>[a-z][a-z0-9 ]*))')
_KNOWN = re.compile(r'(?:the remembered|lo recordado como) "(?P<name>[^"]+)"')
_DAY = re.compile(
    r"(?:today|hoy|(?P<number>[0-9]+) (?:days|día|días|day) (?P<way>before|after|antes de|después de) (?:today|hoy))"
)
_MADE = re.compile(
    r"(?:a text of|un texto de) (?P<length>[0-9]+) (?:characters|caracteres)"
    r"|(?:a list of|una lista de) (?P<levels>[0-9]+) (?:levels|niveles)"
    r"|(?:an object of|un objeto de) (?P<members>[0-9]+) (?:members|miembros)"
)


def camel(words: str) -> str:
    """The member that words name: "verification code" is verificationCode."""
    first, *rest = words.split()
    return first + "".join(word.capitalize() for word in rest)


def pointer_of(name: str) -> str:
    """A JSON pointer from a pointer or from the bare name of a member."""
    return name if name.startswith("/") or not name else f"/{name}"


def lookup(document: JSON, pointer: str) -> JSON:
    """What a pointer leads to, or MISSING; `-1` names the last item of a list."""
    found = document
    for part in pointer_of(pointer).split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and re.fullmatch(r"-1|[0-9]+", key) and -1 <= int(key) < len(found) and found:
            found = found[int(key)]
        else:
            return MISSING
    return found


def changed(document: JSON, pointer: str, value: JSON) -> JSON:
    """A copy in which the place that a pointer names holds a value, or nothing when it is MISSING."""
    result = copy.deepcopy(document)
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer_of(pointer).split("/")[1:]]
    if not parts:
        return value
    place = result
    for part, following in itertools.pairwise(parts):
        inner: JSON = [] if re.fullmatch(r"-|[0-9]+", following) else {}
        place = place[int(part)] if isinstance(place, list) else place.setdefault(part, inner)
    last = parts[-1]
    if isinstance(place, list):
        if value is MISSING:
            del place[int(last)]
        elif last == "-" or int(last) >= len(place):
            place.append(value)
        else:
            place[int(last)] = value
    elif value is MISSING:
        place.pop(last, None)
    else:
        place[last] = value
    return result


def find_member(document: JSON, name: str) -> JSON:
    """The first member of a name, anywhere in a document, nearest to its root first."""
    level = [document]
    while level:
        deeper: list[JSON] = []
        for item in level:
            if isinstance(item, dict):
                if name in item:
                    return item[name]
                deeper.extend(item.values())
            elif isinstance(item, list):
                deeper.extend(item)
        level = deeper
    return MISSING


def check_value(text: str) -> None:
    """Refuse a value that could never be read, before the run starts."""
    if text in FEE or any(pattern.fullmatch(text) for pattern in (_ITS, _KNOWN, _DAY, _MADE)):
        return
    try:
        json.loads(text)
    except ValueError:
        raise KitError(
            "unreadable-value", f"{text} is neither JSON nor a known phrase", 'quote texts: "like this"'
        ) from None


def is_made(text: str) -> bool:
    """Whether a text stands for a value that the suite makes, which is the same wherever it stands."""
    return _MADE.fullmatch(text) is not None


def resolve(text: str, *, it: JSON, known: dict[str, JSON], today: date) -> JSON:
    """The value that a text stands for."""
    if match := _ITS.fullmatch(text):
        return its(it, match["pointer"] or camel(match["words"]))
    if match := _KNOWN.fullmatch(text):
        if match["name"] not in known:
            raise KitError("not-remembered", f'nothing is remembered as "{match["name"]}"', "remember it first")
        return copy.deepcopy(known[match["name"]])
    if match := _DAY.fullmatch(text):
        days = int(match["number"] or 0)
        return (today + timedelta(-days if (match["way"] or "").startswith(("before", "antes")) else days)).isoformat()
    if match := _MADE.fullmatch(text):
        return _made(match)
    return json.loads(text)


def _made(match: re.Match[str]) -> JSON:
    """A value of a size, made for the occasion."""
    if match["length"]:
        return "x" * int(match["length"])
    if match["members"]:
        return dict.fromkeys(map(str, range(int(match["members"]))))
    found: JSON = []
    for _ in range(int(match["levels"]) - 1):
        found = [found]
    return found


def its(it: JSON, name: str) -> JSON:
    """A member of the resource at hand: by pointer, or by its name wherever it stands."""
    found = lookup(it, name)
    if found is MISSING and not name.startswith("/"):
        found = find_member(it, name)
    if found is MISSING:
        raise Finding(say('it has no "{name}"', 'no tiene "{name}"', name=name))
    return found


def text_at(document: JSON, pointer: str) -> str:
    """The text that a pointer leads to; nothing else counts."""
    found = lookup(document, pointer)
    return found if isinstance(found, str) else ""


def items_at(document: JSON, pointer: str) -> list[dict[str, JSON]]:
    """The objects of the list that a pointer leads to, whatever a hostile service put there."""
    found = lookup(document, pointer)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
