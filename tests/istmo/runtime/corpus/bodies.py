"""Whole bodies: encodings, ambiguity, depth, size, members that nobody may set, and other media types."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable

from ._calls import Call, Case, Tools, takes_json

JSON = b"application/json"


def _bytes(make: Callable[[bytes], bytes], media_type: bytes | None = None) -> Callable[[Call, Tools], Call]:
    def change(call: Call, _: Tools) -> Call:
        return call.with_body(make(call.body or b"{}"), media_type or call.header(b"content-type") or JSON)

    return change


def _case(
    family: str, name: str, make: Callable[[bytes], bytes], media_type: bytes | None = None, *, refused: bool = True
) -> Case:
    return Case(family, name, _bytes(make, media_type), refused, takes_json)


def _member(name: str, text: str) -> Callable[[bytes], bytes]:
    """A further member at the end of the object; the text is not JSON for every case."""

    def make(body: bytes) -> bytes:
        head = body.rstrip()[:-1]
        comma = b"" if head.strip() == b"{" else b","
        return head + comma + json.dumps(name).encode() + b":" + text.encode("utf-8", "surrogatepass") + b"}"

    return make


def _encoded(name: str) -> Callable[[bytes], bytes]:
    def make(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "ñ": "canary"}, ensure_ascii=False).encode(name)

    return make


def _after(tail: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body + tail


def _only(body: bytes) -> Callable[[bytes], bytes]:
    return lambda _: body


def _deep(opening: str, closing: str, depth: int) -> Callable[[bytes], bytes]:
    return _member("deep", opening * depth + "null" + closing * depth)


BAD_UTF8 = {
    "lone-continuation": b"\x80",
    "truncated": b"\xe2\x82",
    "overlong-slash": b"\xc0\xaf",
    "overlong-nul": b"\xc0\x80",
    "overlong-three": b"\xe0\x80\xaf",
    "surrogate": b"\xed\xa0\x80",
    "cesu": b"\xed\xa0\xbd\xed\xb8\x80",
    "above-range": b"\xf4\x90\x80\x80",
    "five-bytes": b"\xf8\x88\x80\x80\x80",
    "ff": b"\xff",
    "latin-1": "ñandú".encode("latin-1"),
}
ENCODINGS = (
    *(_case("encoding", name, _encoded(name)) for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1")),
    _case("encoding", "utf-7", lambda body: body.replace(b'"', b"+ACI-"), refused=False),
    _case("encoding", "bom", lambda body: b"\xef\xbb\xbf" + body),
    _case("encoding", "bom-twice", lambda body: b"\xef\xbb\xbf" * 2 + body),
    _case("encoding", "bom-utf16", lambda body: b"\xff\xfe" + body),
    *(
        _case("encoding", f"utf8-{name}", lambda body, bad=bad: body[:-1] + b',"c":"' + bad + b'"}')  # type: ignore[misc] # the default binds it
        for name, bad in BAD_UTF8.items()
    ),
    _case("encoding", "nul-first", lambda body: b"\x00" + body),
    _case("encoding", "nul-last", _after(b"\x00")),
    _case("encoding", "nul-inside", lambda body: body[:1] + b"\x00" + body[1:]),
)
COMPRESSED = (
    Case(
        "compression",
        "gzip",
        lambda call, _: call.with_body(gzip.compress(call.body), JSON).with_header(b"content-encoding", b"gzip"),
        applies=takes_json,
    ),
    Case(
        "compression",
        "bomb",
        lambda call, _: call.with_body(gzip.compress(b"0" * 10_000_000), JSON).with_header(
            b"content-encoding", b"gzip"
        ),
        applies=takes_json,
    ),
    Case(
        "compression",
        "identity-said",
        lambda call, _: call.with_header(b"content-encoding", b"identity"),
        applies=takes_json,
    ),
    _case("compression", "deflate-unsaid", zlib.compress),
    _case("compression", "gzip-unsaid", gzip.compress),
)
SYNTAX = (
    _case(
        "json",
        "doubled-member",
        lambda body: body[:-1] + b"," + body.strip()[1:] if len(body) > 2 else b'{"a":1,"a":1}',
    ),
    _case("json", "two-values", lambda body: body + body),
    _case("json", "comma-last", lambda body: body[:-1] + b",}"),
    _case("json", "open", lambda body: body[:-1]),
    _case("json", "comment", lambda body: b"// canary\n" + body),
    _case("json", "single-quotes", lambda _: b"{'canary':1}"),
    _case("json", "trailing-garbage", _after(b"canary")),
    _case("json", "json-lines", lambda body: body + b"\n" + body),
    _case("json", "jsonp", lambda body: b"canary(" + body + b")"),
    _case("json", "prefix-guard", lambda body: b")]}',\n" + body),
    _case("json", "blanks-only", _only(b"   \n ")),
    _case("json", "form-feed", lambda body: b"\x0c" + body),
    _case("json", "nbsp-first", lambda body: b"\xc2\xa0" + body),
    _case("json", "xml", _only(b"<canary/>")),
    _case("json", "yaml", _only(b"canary: 1\n")),
    _case("json", "python", _only(b"{'canary': None}")),
)
TOP = tuple(
    _case("top-level", name, _only(text.encode()))
    for name, text in {
        "null": "null", "true": "true", "number": "1", "text": '"canary"', "list": "[]", "list-of-objects": "[{}]",
        "nan": "NaN", "infinity": "-Infinity", "e400": "1e400", "digits-5000": "9" * 5000,
    }.items()
)  # fmt: skip
DEPTH = (
    *(_case("depth", f"lists-{depth}", _deep("[", "]", depth)) for depth in (33, 100, 1000, 10_000, 100_000)),
    *(_case("depth", f"objects-{depth}", _deep('{"a":', "}", depth)) for depth in (33, 500, 50_000)),
    _case("depth", "only-opening-lists", _only(b"[" * 100_000)),
    _case("depth", "only-opening-objects", _only(b'{"a":' * 100_000)),
    _case("depth", "mixed", _deep('[{"a":', "}]", 5000)),
)
SIZE = (
    _case("size", "members-90000", lambda _: json.dumps({f"{n:x}": 0 for n in range(90_000)}).encode()),
    _case("size", "items-400000", _member("many", "[" + "0," * 400_000 + "0]")),
    _case("size", "items-30000", _member("many", "[" + "0," * 30_000 + "0]")),
    _case("size", "small-objects", _member("many", "[" + "{}," * 50_000 + "{}]")),
    _case("size", "over-the-cap", _member("long", json.dumps("c" * 1_100_000))),
    _case("size", "blanks-over-the-cap", lambda body: b" " * 1_100_000 + body),
    _case("size", "long-name", _member("c" * 200_000, "1")),
    _case("size", "two-hundred-thousand-keys", lambda _: json.dumps({str(n): 0 for n in range(200_000)}).encode()),
)
MEMBERS = {
    "status": '"approved"',
    "owner": '"a0000000-0000-4000-8000-000000000002"',
    "decision": '{"outcome": "approved"}',
    "fees": "[]",
    "holds": "[]",
    "id": '"11111111-1111-4111-8111-111111111111"',
    "version": "7",
    "availableActions": '["approve"]',
    "createdAt": '"2020-01-01T00:00:00Z"',
    "reference": '"XX-CIV-2020-00000001-00"',
    "subject": '"a0000000-0000-4000-8000-000000000002"',
    "actingFor": '"a0000000-0000-4000-8000-000000000002"',
    "scopes": '["officer"]',
    "role": '"supervisor"',
    "isAdmin": "true",
    "hidden": "{}",
    "history": "[]",
    "outputs": "[]",
    "_links": "{}",
    "__proto__": '{"status": "approved"}',
    "constructor": '{"prototype": {}}',
    "$ref": '"#/components/schemas/Money"',
    "$schema": '"http://canary.invalid/"',
    "": "1",
    "a/b~c": "1",
    "canary\u202e": "1",
    "canary\u0000": "1",
    "<script>": "1",
    "ñ": "1",
}
# Whether a member may be set is the schema's to say: the judge of accepted calls asks it.
MASS = tuple(
    _case(
        "mass-assignment",
        name.encode("ascii", "backslashreplace").decode() or "empty",
        _member(name, text),
        refused=False,
    )
    for name, text in MEMBERS.items()
)
NAMES = (
    _case("bad-name", "surrogate", lambda body: body[:-1] + (b"," if len(body) > 2 else b"") + rb'"canary\ud800":1}'),
    _case("bad-name", "nul", lambda body: body[:-1] + (b"," if len(body) > 2 else b"") + rb'"canary\u0000":1}'),
    _case("bad-name", "no-quotes", lambda body: body[:-1] + (b"," if len(body) > 2 else b"") + b"canary:1}"),
    _case("bad-name", "number", lambda body: body[:-1] + (b"," if len(body) > 2 else b"") + b"1:1}"),
)
TYPES = (
    b"", b"text/plain", b"application/xml", b"text/json", b"application/jsonx", b"application/json+x", b"json", b"*/*",
    b"application/*", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b"\x00",
    b"application/octet-stream", b"application/json; charset=utf-16", b"application/json; charset=latin-1",
    b"application/json;charset=\xff", b"application/json; charset=utf-8; charset=utf-16", b"application/json\x00",
    b"application/json, text/plain", b"application/merge-patch+json",
)  # fmt: skip


def _typed(media_type: bytes) -> Case:
    name = media_type.decode("latin-1") or "empty"
    return Case("media-type", name, lambda call, _: call.with_header(b"content-type", media_type), applies=takes_json)


MEDIA = tuple(_typed(media_type) for media_type in TYPES)
TWICE = Case(
    "media-type",
    "two-headers",
    lambda call, _: call.with_header(b"content-type", JSON, b"text/plain"),
    applies=takes_json,
)
NONE = Case(
    "media-type",
    "none-with-a-body",
    lambda call, _: (
        call.with_body(call.body or b"{}").with_header(b"content-type").with_header(b"content-length", b"9")
    ),
    applies=takes_json,
)

BODIES: tuple[Case, ...] = (
    *ENCODINGS, *COMPRESSED, *SYNTAX, *TOP, *DEPTH, *SIZE, *MASS, *NAMES, *MEDIA, TWICE, NONE,
)  # fmt: skip
