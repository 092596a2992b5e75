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


def _signed(operation: Operation) -> bool:
    return operation.signed


BY_FAMILY = {"accept": _negotiates, "signature": _signed}


def _header(family: str, name: str, header: bytes, *values: bytes, refused: bool = True) -> Case:
    applies = takes_header(header.decode()) if family in OWN else BY_FAMILY.get(family, anywhere)
    return Case(family, name, lambda call, _: call.with_header(header, *values), refused, applies)


OWN = frozenset({"idempotency-key", "if-match", "on-behalf-of", "signature-input", "content-digest", "recipient"})
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
# The rest of the message is signed as it should be: what is spoilt is only what stands here.
SIGNED = b'("@method" "@target-uri" "content-type" "content-digest" "istmo-recipient")'
INPUTS = tuple(
    _header("signature-input", name, b"signature-input", *values)
    for name, values in {
        "empty": (b"",),
        "words": (b"canary",),
        "no-list": (b"istmo=1",),
        "empty-list": (b'istmo=();created=1;keyid="peer";tag="istmo-event"',),
        "unknown-key": (b"istmo=" + SIGNED + b';created=1;keyid="canary";tag="istmo-event"',),
        "key-as-path": (b"istmo=" + SIGNED + b';created=1;keyid="../../../dev/null";tag="istmo-event"',),
        "key-as-address": (b"istmo=" + SIGNED + b';created=1;keyid="https://canary.invalid/";tag="istmo-event"',),
        "huge-date": (b"istmo=" + SIGNED + b';created=999999999999999;keyid="peer";tag="istmo-event"',),
        "negative-date": (b"istmo=" + SIGNED + b';created=-1;keyid="peer";tag="istmo-event"',),
        "date-as-text": (b"istmo=" + SIGNED + b';created="1";keyid="peer";tag="istmo-event"',),
        "many": (b", ".join(b"s%d=" % n + SIGNED for n in range(100)),),
        "many-parts": (b"istmo=(" + b'"@method" ' * 1200 + b")",),
        "many-parameters": (b"istmo=()" + b";a=1" * 3000,),
        "brackets": (b"istmo=" + b"(" * 10_000,),
        "quotes": (b'istmo="' + b'\\"' * 5000 + b'"',),
        "latin-1": (b'istmo=("\xff")',),
        "nul": (b"istmo=\x00",),
        "line": (b"istmo=()\r\nset-cookie: a=b",),
        "two": (b"istmo=()", b"istmo=()"),
        "answer": (b'istmo=("@status");created=1;keyid="peer";tag="istmo-event"',),
    }.items()
)
PROOFS = tuple(
    _header("signature", name, b"signature", *values)
    for name, values in {
        "none": (),
        "empty": (b"",),
        "words": (b"canary",),
        "short": (b"istmo=:AAAA:",),
        "zeros": (b"istmo=:" + b"A" * 86 + b"==:",),
        "text": (b'istmo="canary"',),
        "list": (b"istmo=(:AAAA:)",),
        "other-label": (b"other=:" + b"A" * 86 + b"==:",),
        "long": (b"istmo=:" + b"A" * 9000 + b":",),
        "latin-1": (b"istmo=:\xff:",),
        "nul": (b"istmo=:\x00:",),
        "two": (b"istmo=:AAAA:", b"istmo=:AAAA:"),
    }.items()
)
DIGESTS = tuple(
    _header("content-digest", name, b"content-digest", *values)
    for name, values in {
        "empty": (b"",),
        "words": (b"canary",),
        "md5": (b"md5=:AAAAAAAAAAAAAAAAAAAAAA==:",),
        "short": (b"sha-256=:AAAA:",),
        "other": (b"sha-256=:" + b"A" * 43 + b"=:",),
        "text": (b'sha-256="canary"',),
        "long": (b"sha-256=:" + b"A" * 9000 + b":",),
        "many": (b"a=1, " * 2000 + b"b=1",),
        "latin-1": (b"sha-256=:\xff:",),
        "nul": (b"\x00",),
        "old": (b"SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",),
    }.items()
)
RECIPIENTS = tuple(
    _header("recipient", name, b"istmo-recipient", *values)
    for name, values in {
        "empty": (b"",),
        "words": (b"canary",),
        "other": (b"ZZ/canary",),
        "all": (b"*/*",),
        "two": (b"XX/canary", b"ZZ/canary"),
        "nul": (b"XX/\x00",),
        "latin-1": (b"\xff\xff/\xff",),
        "long": (b"XX/" + b"c" * 9000,),
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

HEADERS: tuple[Case, ...] = (
    *KEYS, *TAGS, *MANDATES, *INPUTS, *PROOFS, *DIGESTS, *RECIPIENTS, *ACCEPT, *HARMLESS, *BOUNDS,
)  # fmt: skip
