"""The table of sentences that scenarios may use, each worded in English and in Spanish.

A wording is plain text with `{names}` for what varies and `[brackets]` around what may be left out. What a
name may hold is fixed here once, by its name, so that two sentences can never read the same word differently.
Some hold one of a few wordings: `CHOICES` lists them, and a step is given the English one, whatever was written.
Before a run starts, every sentence of every feature is looked up in this table and held against the
specification: an unknown operation stops the run before the first call.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from istmo.errors import KitError
from istmo_conformance.modes import Mode
from istmo_conformance.words import say

# The mode that a sentence needs of a run, or how it follows from what its names hold (see `needs.py`).
Need: TypeAlias = "Mode | Callable[[Any, dict[str, str]], Mode]"
Kind: TypeAlias = Literal["given", "when", "then"]
KINDS: tuple[Kind, ...] = ("given", "when", "then")

# The wordings among which a name chooses, in English and in Spanish.
CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "every": (("the", "la"), ("the", "el"), ("each", "cada")),
    "negated": (("not", "no"), ("no", "no")),
    "presence": (("present", "presente"), ("absent", "ausente")),
    "only": (("only", "solo"),),
    "side": (("before", "antes"), ("after", "después")),
    "host": (("of the host", "del servidor"),),
    "linked": (
        ("listed form", "formulario publicado"),
        ("output of the case", "resultado del caso"),
        ("link of the description", "enlace de la descripción"),
    ),
    "which": (("on offer", "ofrecida"), ("that is not on offer", "que no se ofrece")),
    "offered": (("by the actions on offer", "por las acciones ofrecidas"),),
    "unpaid": (("without paying", "sin pagar"),),
    "sort": (
        ("a date", "una fecha"),
        ("a moment", "un instante"),
        ("a text", "un texto"),
        ("an amount", "un monto"),
    ),
    "grouped": (("in groups", "en grupos"),),
    "instant": (("the moment", "el instante"),),
    "includes": (("has it", "lo incluye"), ("does not have it", "no lo incluye")),
    "medium": (("answer", "la respuesta"), ("PDF", "el PDF")),
    "says": (("says", "dice"), ("does not say", "no dice")),
    "quality": (
        ("is as the specification says", "es como dice la especificación"),
        ("is in the language of the country", "está en el idioma del país"),
        ("is a readable PDF", "es un PDF legible"),
        ("is a JSON Schema", "es un JSON Schema"),
        ("has its moments in UTC", "tiene sus instantes en UTC"),
        ("holds the identifier in its normal form", "contiene el identificador en su forma normal"),
        ("names what is wrong", "nombra lo que está mal"),
        ("is the same the second time", "es igual la segunda vez"),
        ("is of one effect", "es de un solo efecto"),
    ),
    "agreement": (
        ("is valid OpenAPI 3.1", "es OpenAPI 3.1 válido"),
        ("is a legal widening of the regional one", "es una ampliación legal del regional"),
        ("names no parameter after an identifier", "no da a ningún parámetro el nombre de un identificador"),
    ),
    "breaks": (
        ("breaks each rule of the body", "rompe cada regla del cuerpo"),
        ("breaks each rule of the parameters", "rompe cada regla de los parámetros"),
        ("doubles each parameter", "duplica cada parámetro"),
    ),
    "due": (("when it is due", "cuando le toca"),),
    "judge": (("the contract", "el contrato"), ("its operation", "su operación")),
    "quoted": (
        ("is about what was asked", "trata de lo preguntado"),
        ("is at the published price", "es al precio publicado"),
        ("repeats the earlier one", "repite la anterior"),
    ),
}
_ENGLISH = {name: {word: pair[0] for pair in pairs for word in pair} for name, pairs in CHOICES.items()}
WORKDAYS = (
    r'(?:a|[0-9]+) working days?|the working days of "[^"]*"'
    r'|(?:un|[0-9]+) días? hábil(?:es)?|los días hábiles de "[^"]*"'
)
# What each other name may hold. `tail` is read by the clauses of `calls.py`.
HOLDS = {
    "who": r"[a-z]+|someone entitled|alguien con derecho|everybody without the scope|cada persona sin el permiso",
    "operation": r"the case's [a-z-]+|[a-z-]+ del caso|(?!each |cada )[a-z][A-Za-z0-9]*",
    "set": r"(?:(?:protected|public reading|public|writing|listing|reading|creating|conditional|path|assured|case) )?"
           r"operation(?: that declares [1-5][0-9][0-9])?"
           r"|operación(?: (?:protegida|pública de lectura|pública|de escritura|de lista|de lectura|de creación"
           r"|condicional|con ruta|con nivel de garantía|del caso))?(?: que declara [1-5][0-9][0-9])?",
    "tail": r".*?",
    "noun": r"[a-z-]+",
    "noun_words": r"\"[^\"]+\"|[a-z][a-z0-9]*(?: [a-z0-9]+){0,2}?",
    "status": r"[1-5][0-9][0-9]",
    "statuses": r"[1-5][0-9][0-9](?:(?:, | or | o )[1-5][0-9][0-9])*",
    "number": r"[0-9]+",
    "time": r"[0-9]{2}:[0-9]{2}",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "span": r"(?:an?|un|una|[0-9]+) (?:seconds?|minutes?|hours?|days?|weeks?|months?|years?"
            r"|segundos?|minutos?|horas?|días?|semanas?|mes|meses|años?)"
            r'|(?:the|los) (?:minutes|hours|days|months|minutos|horas|días|meses) (?:of|de) "[^"]*"|' + WORKDAYS,
    "workdays": WORKDAYS,
    "thing": r'(?:(?:each |cada )?(?:header|cabecera) )?"[^"]*"',
    "fee": r'fee of this country|tasa de este país|"[^"]*" (?:of|de) "[^"]*"',
    "value": r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|\[.*?\]|\{.*?\}'
             r'|(?:its|su) (?:"[^"]+"|[a-z][a-z0-9]*(?: [a-z0-9]+){0,2}?)'
             r'|(?:the remembered|lo recordado como) "[^"]+"|today|hoy|a fee of this country|una tarifa de este país'
             r"|[0-9]+ (?:days?|días?) (?:before|after|antes de|después de) (?:today|hoy)"
             r"|(?:a text of|un texto de) [0-9]+ (?:characters|caracteres)"
             r"|(?:a list of|una lista de) [0-9]+ (?:levels|niveles)"
             r"|(?:an object of|un objeto de) [0-9]+ (?:members|miembros)",
    "names": r'"[^"]*"(?:(?:, | and | y )"[^"]*")*',
    **{name: "|".join(map(re.escape, words)) for name, words in _ENGLISH.items()},
}  # fmt: skip
QUOTED = r'"(?P<{}>[^"]*)"'
_PART = re.compile(r"\{([a-z_0-9]+)\}|(\[)|(\])")


@dataclass(frozen=True)
class Sentence:
    """One sentence of the vocabulary."""

    kinds: tuple[Kind, ...]
    en: str
    es: str
    act: Callable[..., None]
    expressions: tuple[re.Pattern[str], re.Pattern[str]]
    needs: Need = Mode.READ
    counts: bool = False  # it holds a whole list against what the scenario alone has made
    sets_ground: bool = False  # it is left out, and hinders nothing, where the sandbox may not be used

    @property
    def meaning(self) -> str:
        """The first sentence of its docstring."""
        return inspect.getdoc(self.act).splitlines()[0] if self.act.__doc__ else ""  # type: ignore[union-attr] # checked


@dataclass(frozen=True)
class Match:
    """A sentence found for a text, with what its names hold."""

    sentence: Sentence
    values: dict[str, str | None]

    @property
    def meant(self) -> dict[str, str]:
        """What its names hold, each choice in its English wording."""
        return {name: _meant(name, value) for name, value in self.values.items() if value is not None}


TABLE: list[Sentence] = []


def expression(wording: str) -> re.Pattern[str]:
    """The expression that recognises a wording."""
    parts: list[str] = []
    end = 0
    for found in _PART.finditer(wording):
        parts.append(re.escape(wording[end : found.start()]))
        end = found.end()
        if found[2]:
            parts.append("(?:")
        elif found[3]:
            parts.append(")?")
        else:
            name = found[1]
            held = HOLDS.get(_kind(name))
            parts.append(f"(?P<{name}>{held})" if held else QUOTED.format(name))
    parts.append(re.escape(wording[end:]))
    return re.compile("".join(parts))


def sentence(
    *kinds: Kind, en: str, es: str, needs: Need | None = None, counts: bool = False, sets_ground: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add a function to the vocabulary under its two wordings, with what it needs of a run.

    One that only looks at answers needs reading; one that does more and does not say how much needs everything.
    """

    def enter(act: Callable[..., None]) -> Callable[..., None]:
        if inspect.iscoroutinefunction(act) or inspect.isasyncgenfunction(act):
            raise KitError(
                "async-step",
                f"{act.__name__} is a coroutine, which nobody would await",
                "write a plain function",
            )
        if not act.__doc__:
            raise KitError("undescribed-step", f"{act.__name__} has no docstring", "say in one sentence what it does")
        kind = kinds or KINDS
        need = needs if needs is not None else Mode.READ if kind == ("then",) else Mode.FULL
        TABLE.append(Sentence(kind, en, es, act, (expression(en), expression(es)), need, counts, sets_ground))
        recognise.cache_clear()
        return act

    return enter


@lru_cache(maxsize=4096)
def recognise(kind: str, text: str) -> Match | None:
    """The one sentence that a text is, or None; two are a fault of the vocabulary."""
    found: list[Match] = []
    for entry in TABLE:
        if kind not in entry.kinds:
            continue
        for pattern in entry.expressions:
            match = pattern.fullmatch(text)
            if match:
                found.append(Match(entry, match.groupdict()))
                break
    if len(found) > 1:
        wordings = " / ".join(match.sentence.en for match in found)
        raise KitError("ambiguous-step", f'"{text}" is more than one sentence: {wordings}', "make it one of them")
    return found[0] if found else None


def nearest(name: str, known: Mapping[str, Any]) -> str:
    """A hint for a name that nobody knows: the names that look most like it."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=3, cutoff=0.5)
    return "did you mean " + ", ".join(near) + "?" if near else "see the specification"


def suggestions(kind: str, text: str) -> list[str]:
    """The wordings nearest to a text that no sentence recognises."""
    from difflib import get_close_matches

    wordings = [wording for entry in TABLE if kind in entry.kinds for wording in (entry.en, entry.es)]
    return get_close_matches(text, wordings, n=2, cutoff=0.4)


def _kind(name: str) -> str:
    """What a name stands for, without what tells it from another one of its kind."""
    return name.rstrip("_0123456789")


def _meant(name: str, written: str) -> str:
    """The English wording of a choice; anything else as it was written."""
    return _ENGLISH.get(_kind(name), {}).get(written, written)


def in_words(name: str, english: str) -> str:
    """The wording of a choice in the language of the run."""
    return next(say(en, es) for en, es in CHOICES[name] if en == english)


def names_of(listed: str) -> list[str]:
    """The names of a list such as `"a", "b" and "c"`."""
    return re.findall(r'"([^"]*)"', listed)


def numbers_of(listed: str) -> list[int]:
    """The statuses of a list such as `200, 409 or 422`."""
    return [int(number) for number in re.findall(r"[0-9]+", listed)]


def wordings() -> Iterator[tuple[str, str, str, str]]:
    """Kind, English, Spanish and meaning of every sentence, in the order of the table."""
    for entry in TABLE:
        yield " ".join(entry.kinds), entry.en, entry.es, entry.meaning


def perform(kind: str, text: str, world: Any, *, docstring: str | None = None) -> None:
    """Do what a sentence says."""
    match = recognise(kind, text)
    if match is None:
        raise KitError("unknown-step", f'no sentence reads "{text}"', "; ".join(suggestions(kind, text)))
    values = match.meant
    if docstring is not None:
        values["text"] = docstring
    match.sentence.act(world, **values)
