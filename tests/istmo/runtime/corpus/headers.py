"""Headers that are odd, repeated, too many or too long."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ._calls import Case, anywhere, takes_header

if TYPE_CHECKING:
    from istmo.spec import Operation


def _negotiates(operation: Operation) -> bool:
    found = operation.response(operation.success)
    return found is not None and bool(found.media)


def _header(family: str, name: str, header: bytes, *values: bytes, refused: bool = True) -> Case:
    applies = takes_header(header.decode()) if family in OWN else _negotiates if family == "accept" else anywhere
    return Case(family, name, lambda call, _: call.with_header(header, *values), refused, applies)


OWN = frozenset({"idempotency-key", "if-match", "on-behalf-of"})
UUID = b"11111111-1111-4111-8111-111111111111"

KEYS = tuple(
    _header("idempotency-key", name, b"idempotency-key", *values)
    for name, values in {
        "none": (),
        "empty": (b"",),
        "short": (b"a",),
        "long": (b"k" * 256,),
        "huge": (b"k" * 9000,),
        "blank": (b"   ",),
        "inner-blank": (b"canary key 1",),
        "nul": (b"canary\x00key",),
        "latin-1": (b"canary-\xf1\xf1",),
        "line": (b"canary\r\nset-cookie: a=b",),
        "two": (b"canary-key-1", b"canary-key-2"),
        "utf-8": ("canary-ñandú".encode(),),
    }.items()
)
TAGS = tuple(
    _header("if-match", name, b"if-match", *values)
    for name, values in {
        "empty": (b"",),
        "bare": (b"1",),
        "weak": (b'W/"1"',),
        "open": (b'"1',),
        "nul": (b'"\x00"',),
        "stale": (b'"999999"',),
        "sql": (b'"1\' OR 1=1"',),
        "huge": (b'"' + b"9" * 5000 + b'"',),
        "two": (b'"1"', b'"2"'),
        "latin-1": (b'"\xff"',),
        "words": (b"canary canary",),
        "line": (b'"1"\r\nx: y',),
    }.items()
)
MANDATES = tuple(
    _header("on-behalf-of", name, b"istmo-on-behalf-of", *values)
    for name, values in {
        "empty": (b"",),
        "name": (b"canary",),
        "unknown": (UUID,),
        "nul": (b"\x00",),
        "two": (UUID, UUID),
        "braces": (b"{" + UUID + b"}",),
        "sql": (b"' OR 1=1 --",),
        "latin-1": (b"\xff" * 36,),
        "list": (UUID + b"," + UUID,),
    }.items()
)
ACCEPT = tuple(
    _header("accept", name, b"accept", value, refused=refused)
    for name, value, refused in (
        ("unknown", b"application/x-canary", True),
        ("refused-json", b"application/json;q=0", True),
        ("star-zero", b"*/*;q=0", True),
        ("nan-quality", b"application/x-canary;q=nan", True),
        ("infinite-quality", b"*/*;q=inf", False),
        ("negative-quality", b"*/*;q=-1", True),
        ("no-quality", b"*/*;q=", False),
        ("words", b"canary", True),
        ("empty", b"", True),
        ("commas", b"," * 2000, True),
        ("many", b"a/b, " * 1500 + b"*/*", False),
        ("nul", b"\x00", True),
        ("latin-1", b"\xff/\xff", True),
        ("half", b"application/", True),
        ("star-half", b"*/json", True),
    )
)
# What only chooses a language, a name in a log or a condition of a read never makes a call fail.
HARMLESS = (
    *(
        _header("accept-language", name, b"accept-language", value, refused=False)
        for name, value in {
            "empty": b"",
            "words": b"canary canary",
            "nan": b"en;q=nan, es;q=0.1",
            "infinite": b"en;q=inf",
            "many": b"xx," * 3000,
            "nul": b"\x00",
            "latin-1": b"\xff\xfe",
            "path": b"../../../etc/passwd",
            "long": b"e" * 8000,
            "star": b"*",
            "line": b"en\r\nset-cookie: a",
            "html": b"<script>canary</script>",
            "case": b"EN-us",
            "underscore": b"es_HN",
        }.items()
    ),
    *(
        _header("correlation-id", name, b"correlation-id", *values, refused=False)
        for name, values in {
            "empty": (b"",),
            "canary": (b"canary-correlation",),
            "line": (b"canary\r\nset-cookie: a=b",),
            "long": (b"c" * 10_000,),
            "nul": (b"\x00",),
            "latin-1": (b"\xff" * 36,),
            "two": (UUID, UUID),
            "log": (b'{"status":200}',),
            "ansi": (b"\x1b[2J",),
            "jndi": (b"${jndi:ldap://canary}",),
        }.items()
    ),
    *(
        _header("traceparent", name, b"traceparent", *values, refused=False)
        for name, values in {
            "empty": (b"",),
            "zero": (b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-00",),
            "version-ff": (b"ff-" + b"1" * 32 + b"-" + b"1" * 16 + b"-01",),
            "upper": (b"00-" + b"A" * 32 + b"-" + b"B" * 16 + b"-01",),
            "long": (b"0" * 10_000,),
            "line": (b"00\r\nset-cookie: a",),
            "nul": (b"\x00",),
            "two": (b"00-" + b"1" * 32 + b"-" + b"1" * 16 + b"-01",) * 2,
            "short": (b"00-1-1-1",),
            "words": (b"canary",),
        }.items()
    ),
    *(
        _header("condition", name, b"if-none-match", value, refused=False)
        for name, value in {
            "empty": b"",
            "star": b"*",
            "bare": b"1",
            "many": b'"a",' * 2000,
            "nul": b"\x00",
            "latin-1": b"\xff",
        }.items()
    ),
    *(
        _header("proxy", name.decode(), name, value, refused=False)
        for name, value in {
            b"x-forwarded-for": b"8.8.8.8",
            b"x-forwarded-host": b"canary.invalid",
            b"x-forwarded-proto": b"https",
            b"forwarded": b"for=canary",
            b"x-real-ip": b"127.0.0.1",
            b"x-original-url": b"/_sandbox/reset",
            b"x-rewrite-url": b"/canary",
            b"x-http-method-override": b"DELETE",
            b"x-user-id": b"canary",
            b"x-role": b"officer",
            b"via": b"1.1 canary",
            b"true-client-ip": b"127.0.0.1",
        }.items()
    ),
    *(
        _header("other-header", name.decode("latin-1"), name, value, refused=False)
        for name, value in {
            b"range": b"bytes=0-0,0-0,0-0",
            b"cookie": b"a=" + b"c" * 4000,
            b"origin": b"https://canary.invalid",
            b"referer": b"canary",
            b"user-agent": b"() { :;}; canary",
            b"upgrade": b"canary",
            b"prefer": b"respond-async",
            b"if-modified-since": b"canary",
            b"expect": b"canary",
            b"te": b"trailers",
            b"trailer": b"authorization",
            b"content-language": b"\xff",
            b"digest": b"canary",
            b"x-\xf1": b"1",
            b"content-md5": b"canary",
            b"want-digest": b"sha-256",
        }.items()
    ),
)
BOUNDS = (
    Case("header-size", "one-long", lambda call, _: call.with_header(b"x-long", b"c" * 100_000)),
    Case(
        "header-size",
        "many",
        lambda call, _: replace(call, headers=(*call.headers, *((b"x-%d" % n, b"1") for n in range(200)))),
    ),
    Case("header-size", "repeated", lambda call, _: call.with_header(b"x-again", *(b"1",) * 500)),
    Case("header-size", "long-name", lambda call, _: call.with_header(b"x-" + b"c" * 20_000, b"1")),
    Case("host", "two", lambda call, _: call.with_header(b"host", b"istmo.test", b"canary.invalid")),
)

HEADERS: tuple[Case, ...] = (*KEYS, *TAGS, *MANDATES, *ACCEPT, *HARMLESS, *BOUNDS)
