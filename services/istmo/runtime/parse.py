"""From bytes to values, strictly: UTF-8, JSON without ambiguity, bounded, normalised, then the normative schema."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from istmo.errors import Problem

from . import problems

if TYPE_CHECKING:
    from starlette.requests import Request as StarletteRequest
    from starlette.types import Receive

    from .settings import Limits

SAFE_INTEGER = 2**53 - 1
DIGITS = 1000  # more digits than any number that means something: the text is refused before it is converted
BOM = b"\xef\xbb\xbf"
# C0 and C1 controls but tab and line ends, lone surrogates, bidirectional and invisible controls, non-characters.
BAD_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff]"
)


SMALL = 15  # digits and a sign of a whole number that every reader keeps exactly


class _Ambiguous(ValueError):
    """The text is JSON to some readers and something else to others."""


@dataclass(slots=True)
class Upload:
    """A form with one file."""

    fields: dict[str, str] = field(default_factory=dict)
    filename: str = ""
    media_type: str = ""
    data: bytes = b""


def malformed() -> Problem:
    """Return the refusal of a body that is not JSON; it does not say where, for the text may be anything."""
    return Problem("malformed-json")


async def body(receive: Receive) -> bytes:
    """Return the whole body; the edge guard bounds it while it comes."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return bytes(message.get("body", b""))
    parts: list[bytes] = []
    while message["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()
    raise malformed()  # the client went away: nobody reads this


async def read_json(request: StarletteRequest, limits: Limits | None = None) -> Any:  # noqa: ANN401 - any JSON
    """Return the strictly parsed body of a request outside the specification, such as a sandbox call."""
    return decode(await request.body(), limits)


def decode(data: bytes, limits: Limits | None = None) -> Any:  # noqa: ANN401 - any JSON
    """Return the value of a JSON text; what two readers could understand differently is refused."""
    members = limits.members if limits else 20_000
    depth = limits.depth if limits else 32
    if data.startswith(BOM):
        raise malformed()
    try:
        text = data.decode("utf-8")
        decoder = _Decoder(members)
        value = decoder.decode(text)
    except (ValueError, RecursionError):
        raise malformed() from None
    plain = not decoder.odd and _is_plain(text, depth, members)
    return value if plain else _normal(value, depth, members)


def _is_plain(text: str, depth: int, members: int) -> bool:
    """Tell whether nothing but its numbers could make a text be refused or normalised; in doubt something could."""
    opened = text.count("{") + text.count("[")
    return (
        opened <= depth
        and opened + text.count(",") < members
        and "\\" not in text
        and (text.isprintable() or not BAD_TEXT.search(text))
        and (text.isascii() or unicodedata.is_normalized("NFC", text))
    )


class _Decoder:
    """The standard decoder with hooks for what it would let pass."""

    def __init__(self, members: int) -> None:
        self._left = members
        self.odd = False  # whether a number came that has to be looked at
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._integer,
            parse_float=self._number,
            parse_constant=self._constant,
        )

    def decode(self, text: str) -> Any:  # noqa: ANN401 - any JSON
        return self._decoder.decode(text)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self._left -= len(pairs)
        found = dict(pairs)
        if self._left < 0 or len(found) != len(pairs):
            raise _Ambiguous
        return found

    def _integer(self, text: str) -> int:
        if len(text) > SMALL:
            self.odd = True
            if len(text) > DIGITS:
                raise _Ambiguous
        return int(text)

    def _number(self, text: str) -> float:
        self.odd = True
        number = float(text)
        if len(text) > DIGITS or number in {float("inf"), float("-inf")}:
            raise _Ambiguous
        return number

    @staticmethod
    def _constant(_: str) -> NoReturn:
        raise _Ambiguous


def _normal(value: Any, depth: int, members: int) -> Any:  # noqa: ANN401 - any JSON
    """Bring texts into NFC and whole numbers into integers; refuse depth, controls and unsafe numbers."""
    items: list[dict[str, Any]] = []
    top = [value]
    waiting: list[tuple[Any, tuple[str | int, ...]]] = [(top, ())]
    left = members
    while waiting:
        holder, path = waiting.pop()
        if len(path) > depth:
            raise malformed()
        names = list(holder) if isinstance(holder, dict) else range(len(holder))
        left -= len(names)
        if left < 0:
            raise malformed()
        for name in names:
            if isinstance(name, str) and BAD_TEXT.search(name):
                items.append(problems.body_item(path[1:], "unknown-property"))
                continue
            here = (*path, name)
            held = holder[name]
            if isinstance(held, dict | list):
                waiting.append((held, here))
            else:
                holder[name] = _scalar(held, here[1:], items)
    if items:
        raise problems.validation_failed(items)
    return top[0]


def _scalar(value: Any, path: tuple[str | int, ...], items: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value
        if BAD_TEXT.search(value):
            items.append(problems.body_item(path, "wrong-format"))
            return value
        return unicodedata.normalize("NFC", value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 8.0 is the integer 8 in JSON Schema and must be one for everybody after it
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > SAFE_INTEGER:
        items.append(problems.body_item(path, "too-large" if value > 0 else "too-small"))
    return value


def upload(data: bytes, content_type: str, limits: Limits) -> Upload:
    """Return the fields and the one file of a multipart form."""
    from ._multipart import read  # noqa: PLC0415 - only services that take files need the parser

    found = read(data, content_type, limits)
    items: list[dict[str, Any]] = []
    for name, text in found.fields.items():
        if BAD_TEXT.search(text) or BAD_TEXT.search(name):
            items.append(problems.body_item([name], "wrong-format"))
        found.fields[name] = unicodedata.normalize("NFC", text)
    if items:
        raise problems.validation_failed(items)
    return found


def media_type(header: bytes | None) -> tuple[str, str]:
    """Return the media type of a Content-Type header and its charset, both in lower case."""
    if header is None:
        return "", ""
    first, *parameters = header.decode("latin-1").split(";")
    charset = ""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
    return first.strip().lower(), charset


def accepts(header: str, offered: list[str]) -> str | None:
    """Return the offered media type that an Accept header likes best, the first one when it is indifferent."""
    wishes = []
    for part in header.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            wishes.append((kind, float(quality)))
        except ValueError:
            continue
    liked = [(_quality(candidate, wishes), candidate) for candidate in offered]
    best = max((quality for quality, _ in liked), default=0.0)
    return next((candidate for quality, candidate in liked if quality == best), None) if best > 0.0 else None


def _quality(candidate: str, wishes: list[tuple[str, float]]) -> float:
    """Return how much a media type is wanted: the most exact wish about it decides."""
    for pattern in (candidate, candidate.partition("/")[0] + "/*", "*/*"):
        for kind, quality in wishes:
            if kind == pattern:
                return quality
    return 0.0


def language(header: str, offered: tuple[str, ...], default: str) -> str:
    """Return the offered language that an Accept-Language header likes best."""
    best, best_quality = default, 0.0
    for part in header[:1000].split(","):
        tag, _, parameter = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        quality = 1.0
        if parameter.strip().startswith("q="):
            try:
                quality = float(parameter.strip()[2:])
            except ValueError:
                continue
        if primary in offered and quality > best_quality:
            best, best_quality = primary, quality
    return best
