"""What must be true of documents: what they say, their digests, their signatures."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import Any, TypeAlias

from istmo.errors import Finding, KitError
from istmo_conformance.client import Answer, Request
from istmo_conformance.naming import operation_named
from istmo_conformance.steps.then import member
from istmo_conformance.values import find_member, items_at
from istmo_conformance.vocabulary import in_words, sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any


@sentence("then", en="the {medium} {says} {value}", es="{medium} {says} {value}")
def medium_says(world: World, medium: str, says: str, value: str) -> None:
    """The text of the PDF, or the last answer as it stands with its headers, contains a value, or does not."""
    wanted = str(world.value(value))
    found = _in_pdf(world.answer, wanted) if medium == "PDF" else _in_answer(world.answer, wanted)
    words = in_words("medium", medium)
    if says == "says" and not found:
        raise Finding(say("the {medium} does not say it", "{medium} no lo dice", medium=words), expected=wanted[:120])
    if says != "says" and found:
        raise Finding(
            say("the {medium} repeats what it must not say", "{medium} repite lo que no debe decir", medium=words)
        )


def _in_answer(answer: Answer, text: str) -> bool:
    return text.encode() in answer.body or any(text in value for _, value in answer.fields)


def _in_pdf(answer: Answer, text: str) -> bool:
    return "".join(text.split()) in "".join(pdf_text(answer).split())


def pdf_text(answer: Answer) -> str:
    """The text of a PDF."""
    import io

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.body)).pages[:20])
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Finding(say("the answer is not a readable PDF", "la respuesta no es un PDF legible")) from error


@sentence("then", en="{value} is the digest of the answer", es="{value} es el resumen de la respuesta")
def digest_of_answer(world: World, value: str) -> None:
    """A SHA-256 in hexadecimal is that of the bytes of the last answer."""
    if str(world.value(value)).lower() != hashlib.sha256(world.answer.body).hexdigest():
        raise Finding(say("the digest is another", "el resumen es otro"))


@sentence("then", en="{member_} is the digest of what was sent to {operation}",
          es="{member_} es el resumen de lo enviado a {operation}")  # fmt: skip
def digest_of_sent(world: World, member_: str, operation: str) -> None:
    """A SHA-256 in hexadecimal is that of the canonical form (RFC 8785) of the last body sent to an operation."""
    import rfc8785

    named = operation_named(world.spec, operation)
    sent = [one.answer.request.body for one in world.history if one.operation is named]
    if not sent:
        raise KitError("not-sent", f"{operation} was not called", "call it first")
    expected = hashlib.sha256(rfc8785.dumps(json.loads(sent[-1]))).hexdigest()
    if str(member(world, member_)).lower() != expected:
        raise Finding(say("the digest is another", "el resumen es otro"), expected=expected)


def _usable(document: JSON) -> Any:
    """The keys of a set that can be understood; the others are passed over (RFC 7517, 5)."""
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet, import_key

    found = []
    for one in items_at(document, "/keys"):
        with contextlib.suppress(JoseError, ValueError, KeyError, TypeError):
            found.append(import_key(one))
    return KeySet(found)


@sentence("then", en="{member_} verifies with the served keys", es="{member_} se verifica con las llaves publicadas")
def signature_verifies(world: World, member_: str) -> None:
    """A compact JWS of the last answer verifies with the keys that the service publishes."""
    from joserfc import jws
    from joserfc.errors import JoseError

    served = world.run.client.send(Request("GET", "/.well-known/jwks.json", (("Accept", "application/json"),)))
    token = find_member(world.answer.json(), member_) if not member_.startswith("/") else member(world, member_)
    try:
        jws.deserialize_compact(str(token), _usable(served.json()), algorithms=["Ed25519", "EdDSA", "ES256"])
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Finding(
            say(
                "the signature does not verify ({why})",
                "la firma no se verifica ({why})",
                why=type(error).__name__,
            )
        ) from None
