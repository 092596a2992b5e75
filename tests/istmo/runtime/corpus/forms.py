"""Multipart forms that are none, or more than one, or not what they say."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from ._calls import Call, Case, Tools, takes_form

BOUNDARY = "istmo-form"
PDF = b"%PDF-1.7\n%canary\n"
TYPE = f"multipart/form-data; boundary={BOUNDARY}".encode()


@dataclass
class Part:
    name: str
    data: bytes
    filename: str | None = None
    media_type: str | None = None
    headers: list[bytes] = field(default_factory=list)

    @property
    def wire(self) -> bytes:
        said = f'content-disposition: form-data; name="{self.name}"'
        if self.filename is not None:
            said += f'; filename="{self.filename}"'
        lines = [said.encode("utf-8", "surrogatepass")]
        if self.media_type is not None:
            lines.append(f"content-type: {self.media_type}".encode("latin-1"))
        return b"\r\n".join([*lines, *self.headers, b"", self.data])


def form(parts: list[Part], boundary: str = BOUNDARY) -> bytes:
    line = b"--" + boundary.encode()
    return b"".join(line + b"\r\n" + part.wire + b"\r\n" for part in parts) + line + b"--\r\n"


def example(fields: dict[str, Any], data: bytes = PDF) -> bytes:
    """The example of a form as bytes; its digest is that of the bytes."""
    told = {name: text for name, text in fields.items() if name not in {"file", "sha256"}}
    digest = {"sha256": hashlib.sha256(data).hexdigest()} if "sha256" in fields else {}
    texts = [Part(name, str(text).encode()) for name, text in {**told, **digest}.items()]
    return form([*texts, Part("file", data, "card.pdf", "application/pdf")])


def _parts(*parts: Part) -> bytes:
    return form([Part("type", b"identity-card"), *parts])


def _file(data: bytes, media_type: str | None, filename: str = "canary.bin") -> bytes:
    return _parts(Part("file", data, filename, media_type))


def _case(name: str, body: bytes, media_type: bytes = TYPE, *, refused: bool = True) -> Case:
    def change(call: Call, _: Tools) -> Call:
        return call.with_body(body, media_type)

    return Case("multipart", name, change, refused, takes_form)


GOOD = _file(PDF, "application/pdf")
DEEP_XML = b"<a>" * 100_000 + b"</a>" * 100_000
DEEP_JSON = b"[" * 50_000 + b"]" * 50_000

BOUNDARIES = (
    _case("no-boundary", GOOD, b"multipart/form-data"),
    _case("empty-boundary", GOOD, b"multipart/form-data; boundary="),
    _case("other-boundary", GOOD, b"multipart/form-data; boundary=other"),
    _case("long-boundary", GOOD, b"multipart/form-data; boundary=" + b"x" * 5000),
    _case("two-boundaries", GOOD, b"multipart/form-data; boundary=other; boundary=" + BOUNDARY.encode()),
    _case("boundary-with-lines", GOOD, b'multipart/form-data; boundary="a\\r\\nb"'),
    _case("latin-1-boundary", GOOD, b"multipart/form-data; boundary=\xf1"),
    _case("mixed", GOOD, b"multipart/mixed; boundary=" + BOUNDARY.encode()),
    _case("urlencoded", b"type=identity-card&file=canary", b"application/x-www-form-urlencoded"),
    _case("as-json", json.dumps({"type": "identity-card", "file": "canary"}).encode(), b"application/json"),
    _case("charset", GOOD, TYPE + b"; charset=utf-16"),
)
SHAPES = (
    _case("empty", b""),
    _case("only-end", b"--istmo-form--\r\n"),
    _case("no-end", GOOD[: -len(b"--\r\n")]),
    _case("bare-line-feeds", GOOD.replace(b"\r\n", b"\n")),
    _case("garbage", b"canary" * 100),
    _case("preamble", b"canary\r\n" + GOOD),
    _case("no-file", form([Part("type", b"identity-card")])),
    _case("no-type", form([Part("file", PDF, "a.pdf", "application/pdf")])),
    _case("two-files", _parts(*[Part("file", PDF, "a.pdf", "application/pdf")] * 2)),
    _case("two-types", _parts(Part("type", b"other"), Part("file", PDF, "a.pdf", "application/pdf"))),
    _case("seventeen-parts", form([Part(f"p{n}", b"x") for n in range(17)])),
    _case("ten-thousand-parts", form([Part(f"p{n}", b"x") for n in range(10_000)])),
    _case("nested", _file(form([Part("file", PDF)], "inner"), "multipart/mixed; boundary=inner")),
    _case("unknown-field", _parts(Part("status", b"clean"), Part("file", PDF, "a.pdf", "application/pdf"))),
    _case("owner-field", _parts(Part("owner", b"someone"), Part("file", PDF, "a.pdf", "application/pdf"))),
    _case("scan-field", _parts(Part("scanStatus", b"clean"), Part("file", PDF, "a.pdf", "application/pdf"))),
    _case("long-field", _parts(Part("title", b"c" * 5000), Part("file", PDF, "a.pdf", "application/pdf"))),
    _case("bad-utf8-field", _parts(Part("title", b"canary\xff"), Part("file", PDF, "a.pdf", "application/pdf"))),
    _case("nul-field", _parts(Part("title", b"canary\x00"), Part("file", PDF, "a.pdf", "application/pdf"))),
    _case("bidi-field", _parts(Part("title", "\u202ecanary".encode()), Part("file", PDF, "a.pdf", "application/pdf"))),
    _case("line-field", _parts(Part("title", b"canary\r\nline"), Part("file", PDF, "a.pdf", "application/pdf"))),
    _case("wrong-digest", _parts(Part("sha256", b"0" * 64), Part("file", PDF, "a.pdf", "application/pdf"))),
    _case("json-type", form([Part("type", b'{"$gt":""}'), Part("file", PDF, "a.pdf", "application/pdf")])),
    _case("no-name", form([Part("", b"x"), Part("file", PDF)])),
    _case("nul-name", form([Part("ty\x00pe", b"x"), Part("file", PDF)])),
    _case("bidi-name", form([Part("\u202etype", b"x"), Part("file", PDF)])),
    _case("long-name", form([Part("n" * 3000, b"x"), Part("file", PDF)])),
    _case("no-disposition", b"--istmo-form\r\ncontent-type: text/plain\r\n\r\nx\r\n--istmo-form--\r\n"),
    _case("no-headers", b"--istmo-form\r\n\r\nx\r\n--istmo-form--\r\n"),
    _case("huge-header", _parts(Part("file", PDF, "a.pdf", "application/pdf", [b"x-c: " + b"c" * 100_000]))),
    _case("many-headers", _parts(Part("file", PDF, "a.pdf", "application/pdf", [b"x-%d: 1" % n for n in range(5000)]))),
    _case("folded-header", _parts(Part("file", PDF, "a.pdf", "application/pdf", [b" folded"]))),
    _case("bad-header", _parts(Part("file", PDF, "a.pdf", "application/pdf", [b"no colon at all"]))),
    _case("transfer-encoding", _parts(Part("file", PDF, "a", None, [b"content-transfer-encoding: base64"]))),
)
KINDS = (
    _case("pdf-that-is-html", _file(b"<html>canary</html>", "application/pdf")),
    _case("png-that-is-pdf", _file(PDF, "image/png")),
    _case("jpeg-that-is-png", _file(b"\x89PNG\r\n\x1a\ncanary", "image/jpeg")),
    _case("no-media-type", _file(PDF, None)),
    _case("html", _file(b"<script>canary</script>", "text/html")),
    _case("svg", _file(b"<svg onload='canary()'/>", "image/svg+xml")),
    _case("program", _file(b"MZcanary", "application/x-msdownload")),
    _case("latin-1-media-type", _file(PDF, "application/p\xf1f")),
    _case("empty-file", _file(b"", "application/pdf")),
    _case("json-doubled", _file(b'{"a":1,"a":2}', "application/json")),
    _case("json-nan", _file(b"NaN", "application/json")),
    _case("json-deep", _file(DEEP_JSON, "application/json")),
    _case("json-bom", _file(b"\xef\xbb\xbf{}", "application/json")),
    _case("xml-entity", _file(b'<!DOCTYPE a [<!ENTITY e "canary">]><a>&e;</a>', "application/xml")),
    _case("xml-external", _file(b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "text/xml")),
    _case("xml-open", _file(b"<a><b></a>", "application/xml")),
    _case("xml-no-such-encoding", _file(b'<?xml version="1.0" encoding="canary"?><a/>', "application/xml")),
    _case("xml-hex-encoding", _file(b'<?xml version="1.0" encoding="hex"?><a/>', "application/xml")),
    _case("xml-idna-encoding", _file(b'<?xml version="1.0" encoding="idna"?><a/>', "application/xml")),
    _case("xml-utf7-encoding", _file(b'<?xml version="1.0" encoding="utf-7"?><a/>', "application/xml")),
    _case("xml-nul", _file(b"<a>\x00</a>", "application/xml")),
    _case("xml-empty", _file(b"", "application/xml")),
    _case("xml-deep", _file(DEEP_XML, "application/xml"), refused=False),
    _case("name-path", _file(PDF, "application/pdf", "../../../etc/canary"), refused=False),
    _case("name-windows", _file(PDF, "application/pdf", "C:\\\\canary.exe"), refused=False),
    _case("name-nul", _file(PDF, "application/pdf", "canary.pdf\x00.exe"), refused=False),
    _case("name-shell", _file(PDF, "application/pdf", "$(canary).pdf"), refused=False),
    _case("name-long", _file(PDF, "application/pdf", "c" * 900), refused=False),
    _case("name-lines", _file(PDF, "application/pdf", "canary%0d%0aset-cookie: a"), refused=False),
    _case("name-bidi", _file(PDF, "application/pdf", "canary\u202efdp.exe"), refused=False),
    _case("name-surrogate", _file(PDF, "application/pdf", "canary\ud800")),
)

FORMS: tuple[Case, ...] = (*BOUNDARIES, *SHAPES, *KINDS)
