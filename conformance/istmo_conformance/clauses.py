"""What may follow "ana calls createRequest": the clauses that say how a call differs from a plain one.

A call without clauses is lawful: its operation's first example as body, a fresh idempotency key where the
specification asks for one, the tag of the resource at hand where it asks for a condition, the caller's token.
Each clause departs from that in one respect.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from istmo.errors import KitError
from istmo_conformance.calls import Call
from istmo_conformance.cast import MADE
from istmo_conformance.modes import Mode
from istmo_conformance.signing import MESSAGES
from istmo_conformance.values import check_value
from istmo_conformance.vocabulary import expression, nearest


@dataclass(frozen=True)
class Clause:
    """One clause: its two wordings and what it does to a call."""

    en: str
    es: str
    act: Callable[..., None]
    expressions: tuple[re.Pattern[str], re.Pattern[str]]
    needs: Mode = Mode.READ


CLAUSES: list[Clause] = []
# What may stand between the quotes of "in the encoding": how a UTF-8 body is turned into another one.
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "utf-16": lambda body: body.decode().encode("utf-16"),
    "utf-8-sig": lambda body: b"\xef\xbb\xbf" + body,
    "latin-1": lambda body: body.decode().encode("latin-1"),
    "gzip": lambda body: gzip.compress(body, mtime=0),  # the same bytes in every run
}


def clause(en: str, es: str, needs: Mode = Mode.READ) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add a clause under its two wordings, with what it needs of a run beside what its operation does."""

    def enter(act: Callable[..., None]) -> Callable[..., None]:
        patterns = (_open(expression(en)), _open(expression(es)))
        CLAUSES.append(Clause(en, es, act, patterns, needs))
        return act

    return enter


def _open(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """A pattern that ends where the tail ends or the next clause begins."""
    return re.compile(
        pattern.pattern + r"(?=$|,| and | y | with | without | con | sin | where | donde | for | para | [0-9]+ )"
    )


@clause("for it", "para ese recurso")
def _for_it(call: Call) -> None:
    """Aim at the resource at hand (also the default)."""
    call.aim = "it"


@clause("for {name}", "para {name}")
def _for_known(call: Call, name: str) -> None:
    """Aim at a remembered resource."""
    call.aim, call.target = "known", name


@clause("for an unknown one", "para uno desconocido")
def _for_unknown(call: Call) -> None:
    """Aim at an identifier that nothing has."""
    call.aim = "unknown"


@clause("for {name} as its identifier", "con {name} como identificador")
def _for_text(call: Call, name: str) -> None:
    """Aim at this very text in the path."""
    call.aim, call.target = "text", name


@clause("with example {name}", "con el ejemplo {name}")
def _example(call: Call, name: str) -> None:
    """Send a named example of the operation."""
    call.example = name


@clause("where {pointer} is {value}", "donde {pointer} es {value}")
def _where(call: Call, pointer: str, value: str) -> None:
    """Put a value into the body."""
    check_value(value)
    call.changes.append((pointer, value))


@clause("without {pointer}", "sin {pointer}")
def _without(call: Call, pointer: str) -> None:
    """Leave a member out of the body."""
    call.changes.append((pointer, None))


@clause("with its {noun_words}", "con su {noun_words}")
def _with_its(call: Call, noun_words: str) -> None:
    """Send a body of one member, taken from the resource at hand."""
    call.given = noun_words


@clause("with the body {raw}", "con el cuerpo {raw}")
def _raw(call: Call, raw: str) -> None:
    """Send this text as it stands; single quotes stand for double ones."""
    call.body = raw.replace("'", '"')


@clause("with a body of {number} levels", "con un cuerpo de {number} niveles")
def _levels(call: Call, number: str) -> None:
    """Send lists in lists, so many of them."""
    call.body = "[" * int(number) + "]" * int(number)


@clause("in the encoding {name}", "en la codificación {name}")
def _encoding(call: Call, name: str) -> None:
    """Send the body in another encoding: utf-16, utf-8-sig (with a byte order mark), latin-1 or gzip."""
    if name not in ENCODINGS:
        raise KitError("unknown-encoding", f"{name} is no encoding of ours", nearest(name, dict.fromkeys(ENCODINGS)))
    call.encoding = name


@clause("with no body", "sin cuerpo")
def _no_body(call: Call) -> None:
    """Send nothing."""
    call.body = ""


@clause("with the media type {media}", "con el tipo de medio {media}")
def _media(call: Call, media: str) -> None:
    """Declare another Content-Type."""
    call.media = media


@clause("with a file {name} of {number} bytes", "con un archivo {name} de {number} bytes")
def _file(call: Call, name: str, number: str) -> None:
    """Attach a synthetic file of the kind that its ending says."""
    call.attached = (name, int(number))


@clause("with header {name} as {content}", "con la cabecera {name} igual a {content}")
def _header(call: Call, name: str, content: str) -> None:
    """Send a header."""
    call.headers[name] = content


@clause("without header {name}", "sin la cabecera {name}")
def _drop_header(call: Call, name: str) -> None:
    """Leave a header out that a lawful call has."""
    call.dropped.add(name.lower())


@clause("with query {query}", "con la consulta {query}")
def _query(call: Call, query: str) -> None:
    """Add a query string."""
    call.query = query


@clause("from the page {name}", "desde la página {name}")
def _page(call: Call, name: str) -> None:
    """Go on in a list where a remembered cursor says."""
    call.page = name


@clause("if it has changed", "si ha cambiado")
def _if_changed(call: Call) -> None:
    """Ask only for what differs from the tag that was seen."""
    call.tag = "seen"


@clause("with a stale tag", "con una etiqueta vencida")
def _stale(call: Call) -> None:
    """Send a condition that the resource no longer meets."""
    call.tag = "stale"


@clause("with its tag", "con su etiqueta")
def _tag(call: Call) -> None:
    """Send the current tag also where it is optional."""
    call.tag = "sent"


@clause("with an expired token", "con un token vencido", Mode.FULL)
def _expired(call: Call) -> None:
    """Use a token whose time is over."""
    call.token = "expired"  # noqa: S105  # the kind of token, not one


@clause("with a token for another service", "con un token de otro servicio", Mode.FULL)
def _foreign(call: Call) -> None:
    """Use a token that was issued for another audience."""
    call.token = "foreign"  # noqa: S105  # the kind of token, not one


@clause("with an altered token", "con un token alterado", Mode.FULL)
def _altered(call: Call) -> None:
    """Use a token whose signature no longer fits."""
    call.token = "altered"  # noqa: S105  # the kind of token, not one


@clause("with an unsigned token", "con un token sin firma", Mode.FULL)
def _unsigned(call: Call) -> None:
    """Use a token that claims to need no signature."""
    call.token = "unsigned"  # noqa: S105  # the kind of token, not one


@clause("with a token that lacks the scope", "con un token sin el permiso", Mode.FULL)
def _unscoped(call: Call) -> None:
    """Use a token without the scopes that the operation asks for."""
    call.token = "unscoped"  # noqa: S105  # the kind of token, not one


@clause("with a token of low assurance", "con un token de nivel bajo", Mode.FULL)
def _low(call: Call) -> None:
    """Use a token below every level above low."""
    call.token = "low"  # noqa: S105  # the kind of token, not one


@clause("with a token made as {name}", "con un token hecho como {name}", Mode.FULL)
def _made(call: Call, name: str) -> None:
    """Use a token of a kind that no service takes, or a borderline one: alg-none, key-inside, id-token and others."""
    if name not in MADE:
        raise KitError("unknown-token", f'no token is made as "{name}"', nearest(name, dict.fromkeys(MADE)))
    call.token = name


@clause("with a message made as {name}", "con un mensaje hecho como {name}")
def _message(call: Call, name: str) -> None:
    """Sign a message as no peer may, or as only some may: strange-key, weak-digest, 6-minutes-old and others."""
    if name not in MESSAGES:
        raise KitError("unknown-message", f'no message is made as "{name}"', nearest(name, dict.fromkeys(MESSAGES)))
    call.message = name


@clause("with the token in the address", "con el token en la dirección")
def _addressed(call: Call) -> None:
    """Send the token as a query parameter and not as a header."""
    call.token_in_address = True


@clause("on behalf of {name}", "en nombre de {name}")
def _behalf(call: Call, name: str) -> None:
    """Act under a remembered mandate."""
    call.headers["Istmo-On-Behalf-Of"] = f"known:{name}"


@clause("once more", "una vez más")
def _again(call: Call) -> None:
    """Repeat the last call with its key and its body."""
    call.repeated = True


@clause("once again", "otra vez más")
def _twice(call: Call) -> None:
    """Make the call, and the very same one after it."""
    call.twice = True


@clause("with a key of every kind of character", "con una clave de toda clase de caracteres")
def _odd_key(call: Call) -> None:
    """Send a fresh idempotency key that holds each kind of character that one may hold."""
    call.odd_key = True


@clause("with the same key", "con la misma clave")
def _same_key(call: Call) -> None:
    """Send another body under the last idempotency key."""
    call.same_key = True


@clause("{number} times", "{number} veces")
def _times(call: Call, number: str) -> None:
    """Send the same kind of call so many times, one after the other."""
    call.times = int(number)


@clause("{number} times at once", "{number} veces a la vez")
def _parallel(call: Call, number: str) -> None:
    """Send the very same call so many times at the same moment."""
    call.times, call.parallel = int(number), True


@clause("by each method that it lacks", "con cada método que no tiene", Mode.WRITE)
def _methods(call: Call) -> None:
    """Use every method that the path does not declare, one after the other and without a body."""
    call.each_method = True


@clause("by a method that it lacks", "con un método que no tiene", Mode.WRITE)
def _method(call: Call) -> None:
    """Use a method that the path does not declare."""
    call.undeclared_method = True


_GLUE = re.compile(r"(?:,? and |,? y |, | )")


def read_clauses(tail: str) -> Iterator[tuple[Clause, dict[str, str]]]:
    """The clauses of a tail, longest reading first."""
    rest = tail
    while rest:
        glue = _GLUE.match(rest)
        start = glue.end() if glue else 0
        best: tuple[int, Clause, dict[str, str]] | None = None
        for entry in CLAUSES:
            for pattern in entry.expressions:
                match = pattern.match(rest, start)
                # Of two readings of the same length the one with fewer blanks is meant: "with its tag".
                if match and (best is None or (match.end(), -len(match.groups())) > (best[0], -len(best[2]))):
                    best = (match.end(), entry, match.groupdict())
        if glue is None or best is None:
            raise KitError("unknown-clause", f'no clause reads "{rest.strip()}"', "see docs/reference/steps.md")
        yield best[1], best[2]
        rest = rest[best[0] :]


def describe(who: str, tail: str) -> Call:
    """A call from its caller and its clauses."""
    call = Call(who)
    for entry, values in clauses_of(tail):
        entry.act(call, **values)
    return call


@lru_cache(maxsize=4096)
def clauses_of(tail: str) -> tuple[tuple[Clause, dict[str, str]], ...]:
    """The clauses of a tail, read once: many calls end alike."""
    return tuple(read_clauses(tail))
