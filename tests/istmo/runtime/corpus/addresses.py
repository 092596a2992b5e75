"""Paths, queries and methods that are odd."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ._calls import Call, Case, Tools, anywhere

if TYPE_CHECKING:
    from istmo.spec import Operation


def _query(name: str, text: bytes, *, refused: bool = True, applies: Callable[[Operation], bool] = anywhere) -> Case:
    def change(call: Call, _: Tools) -> Call:
        return replace(call, query=text)

    return Case("query", name, change, refused, applies)


def _has_no_status(operation: Operation) -> bool:
    return operation.parameter("status", "query") is None


QUERIES = (
    *(
        _query(name, text)
        for name, text in {
            "unknown": b"canary=1",
            "unknown-html": b"%3Cscript%3E=canary",
            "unknown-nul": b"a%00b=1",
            "unknown-bidi": b"%E2%80%AEcanary=1",
            "unknown-long": b"c" * 3000 + b"=1",
            "unknown-surrogate": b"%ED%A0%80=1",
            "empty-name": b"=canary",
            "only-ampersands": b"&&&",
            "limit-0": b"limit=0",
            "limit-negative": b"limit=-1",
            "limit-101": b"limit=101",
            "limit-5000000": b"limit=5000000",
            "limit-huge": b"limit=" + b"9" * 3000,
            "limit-word": b"limit=canary",
            "limit-empty": b"limit=",
            "limit-half": b"limit=1.5",
            "limit-exponent": b"limit=1e1",
            "limit-hex": b"limit=0x10",
            "limit-plus": b"limit=+5",
            "limit-blank": b"limit=%205",
            "limit-zeros": b"limit=007",
            "limit-arabic": b"limit=%D9%A5",
            "limit-nan": b"limit=NaN",
            "limit-nul": b"limit=5%00",
            "limit-twice": b"limit=1&limit=2",
            "limit-twice-encoded": b"limit=1&l%69mit=2",
            "limit-list": b"limit[]=1",
            "limit-case": b"Limit=1",
            "cursor-word": b"cursor=canary",
            "cursor-forged": b"cursor=" + b"A" * 32,
            "cursor-long": b"cursor=" + b"A" * 3000,
            "cursor-empty": b"cursor=",
            "cursor-nul": b"cursor=%00",
            "cursor-bytes": b"cursor=%ff%fe",
            "cursor-padding": b"cursor=====",
            "cursor-sql": b"cursor=1%27%20OR%201=1",
            "cursor-unicode": b"cursor=%C3%B1" * 3,
            "cursor-negative": b"cursor=-1",
            "status-unknown": b"status=canary",
            "status-list": b"status=draft,submitted",
            "status-twice": b"status=draft&status=draft",
            "status-nul": b"status=%00",
            "status-operator": b"status[$ne]=x",
            "owner": b"owner=canary",
            "fields": b"fields=*",
            "sort": b"sort=-canary",
            "callback": b"callback=canary",
            "format": b"_format=xml",
            "method": b"_method=DELETE",
            "bad-escape": b"limit=%zz",
            "half-escape": b"limit=%4",
            "raw-latin-1": b"limit=\xff",
            "semicolon": b"limit=1;limit=2",
            "nothing-but-percent": b"%",
            "long": b"a" * 5000,
            "many": b"&".join(b"p%d=1" % n for n in range(400)),
        }.items()
    ),
    _query("status-elsewhere", b"status=draft", applies=_has_no_status),
)


def _path(name: str, change: Callable[[bytes], bytes]) -> Case:
    return Case("path", name, lambda call, _: replace(call, path=change(call.path)))


def _last(segment: bytes) -> Callable[[bytes], bytes]:
    return lambda path: path.rpartition(b"/")[0] + b"/" + segment


def _second(segment: bytes) -> Callable[[bytes], bytes]:
    def change(path: bytes) -> bytes:
        parts = path.split(b"/")
        return b"/".join([*parts[:3], segment, *parts[4:]])

    return change


PATHS = (
    _path("trailing-slash", lambda path: path.rstrip(b"/") + b"//"),
    _path("double-slash-first", lambda path: b"/" + path),
    _path("double-slash-inside", lambda path: path.replace(b"/v1", b"//v1")),
    _path("dot", lambda path: path.replace(b"/v1", b"/./v1")),
    _path("dot-dot", lambda path: b"/canary/.." + path),
    _path("encoded-dots", lambda path: b"/canary/%2e%2e" + path),
    _path("encoded-dots-upper", lambda path: b"/canary/%2E%2E" + path),
    _path("double-encoded-dots", lambda path: b"/canary/%252e%252e" + path),
    _path("overlong-dots", lambda path: b"/canary/%c0%ae%c0%ae" + path),
    _path("encoded-slash", lambda path: path.replace(b"/v1", b"%2fv1")),
    _path("backslash", lambda path: path.replace(b"/v1", b"\\v1")),
    _path("encoded-backslash", lambda path: path.replace(b"/v1", b"%5cv1")),
    _path("nul", lambda path: path + b"%00"),
    _path("nul-suffix", lambda path: path + b"%00.json"),
    _path("line", lambda path: path + b"%0d%0aset-cookie:a"),
    _path("raw-latin-1", lambda path: path + b"\xff"),
    _path("matrix", lambda path: path + b";jsessionid=canary"),
    _path("matrix-inside", lambda path: path.replace(b"/v1", b";a=b/v1")),
    _path("suffix-json", lambda path: path + b".json"),
    _path("upper-case", lambda path: path.upper()),
    _path("version-2", lambda path: path.replace(b"/v1", b"/v2")),
    _path("version-1-0", lambda path: path.replace(b"/v1", b"/v1.0")),
    _path("blank", lambda path: path + b"%20"),
    _path("tab", lambda path: path + b"%09"),
    _path("del", lambda path: path + b"%7f"),
    _path("bidi", lambda path: path + b"%E2%80%AE"),
    _path("percent", lambda path: path + b"%"),
    _path("bad-escape", lambda path: path + b"%zz"),
    _path("long", lambda path: path + b"/" + b"c" * 5000),
    _path("many-segments", lambda path: path + b"/a" * 1500),
    _path("last-nul", _last(b"%00")),
    _path("last-sql", _last(b"'%20OR%201=1--")),
    _path("last-html", _last(b"%3Cscript%3Ecanary")),
    _path("last-long", _last(b"c" * 3000)),
    _path("last-arabic", _last(b"%D9%A1%D9%A2")),
    _path("last-surrogate", _last(b"%ED%A0%80")),
    _path("id-upper", _second(b"AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA")),
    _path("id-word", _second(b"canary-canary-canary")),
    _path("id-me", _second(b"me")),
    _path("id-zero", _second(b"0")),
    _path("id-negative", _second(b"-1")),
    _path("id-nil", _second(b"00000000-0000-0000-0000-000000000000")),
    _path("id-braces", _second(b"%7B11111111-1111-4111-8111-111111111111%7D")),
    _path("id-long", _second(b"1" * 3000)),
    _path("id-arabic", _second(b"%D9%A1" * 36)),
    _path("id-template", _second(b"%7Bid%7D")),
    _path("id-stranger", _second(b"11111111-1111-4111-8111-111111111111")),
    _path("id-bidi", _second(b"%E2%80%AE1111111")),
    _path("id-star", _second(b"*")),
    Case("path", "star", lambda call, _: replace(call, path=b"*")),
    Case("path", "empty", lambda call, _: replace(call, path=b"")),
    Case("path", "absolute", lambda call, _: replace(call, path=b"http://canary.invalid" + call.path)),
)

METHODS = tuple(
    Case("method", method or "empty", lambda call, _, m=method: replace(call, method=m))  # type: ignore[misc] # the default binds it
    for method in (
        "TRACE",
        "OPTIONS",
        "CONNECT",
        "PATCH",
        "PROPFIND",
        "BREW",
        "get",
        "post",
        "GET ",
        "\u0130",
        "X" * 5000,
        "",
    )
)

ADDRESSES: tuple[Case, ...] = (*QUERIES, *PATHS, *METHODS)
