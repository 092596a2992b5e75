"""`istmo profile`: what is national, with its sources, and what is wrong with it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from istmo.cli import words
from istmo.cli.command import Command, Group, argument, option
from istmo.cli.output import coloured, emit, safe, say, table
from istmo.errors import KitError
from istmo.texts import language, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from istmo.spec import ProfileFault

_VALUE, _SOURCE = 60, 44  # columns that a value and a source may take
_COUNTED: Final = (
    "verified", "seen", "general-knowledge", "low", "unknown", "sandbox-placeholder", "fictitious",
)  # fmt: skip


def command() -> click.Command:
    """Make the command and the two below it."""
    as_json = option("--json as_json", "cli.json-option", is_flag=True)
    counts = option("--counts", "cli.profile.counts-option", is_flag=True)
    group = Group("profile")
    code = argument("codes", "CODE [NAME]", nargs=-1, required=True)
    group.add_command(Command("profile.show", show, [code, counts, as_json]))
    group.add_command(
        Command("profile.check", check, [argument("file", "FILE", type=click.Path(path_type=Path)), as_json])
    )
    return group


def show(*, codes: tuple[str, ...], counts: bool, as_json: bool) -> int:
    """Show a country, or a part of it; or count what is known of countries."""
    if counts:
        return _counted([words.country(code) for code in codes], as_json=as_json)
    if len(codes) > 2:
        raise click.UsageError("")
    from istmo.spec import profile  # reads documents: only when the command runs

    country, name = words.country(codes[0]), "".join(codes[1:])
    document = profile(country).document
    rows = [(path, fact) for path, fact in _facts(document) if _below(path, name)]
    if not rows:
        heads = {".".join(path.split(".")[:n]) for path, _ in _facts(document) for n in (1, 2)}
        raise KitError(
            "unknown-value", text("cli.profile.no-value", country=country, word=name), words.suggestion(name, heads)
        )
    if as_json:
        emit(dict(rows))
    else:
        _shown(country, rows, whole=bool(name))
    return 0


def _facts(node: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every fact below a node, by its dotted name; facts in a list are named by their scheme."""
    if isinstance(node, dict) and node.keys() >= {"value", "source", "confidence"}:
        yield path, node
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _facts(value, f"{path}.{name}".lstrip("."))
    elif isinstance(node, list) and path.count(".") == 0:
        for value in node:
            yield from _facts(value, f"{path}.{value['value']['scheme']}")


def _below(path: str, name: str) -> bool:
    """Whether a fact is the one that was named, or lies below it or above it."""
    return not name or path == name or path.startswith(f"{name}.") or name.startswith(f"{path}.")


def _shown(country: str, rows: Sequence[tuple[str, Mapping[str, Any]]], *, whole: bool) -> None:
    heads = [text(f"cli.profile.{word}") for word in ("name", "value", "source", "as-of", "confidence")]
    cells = [
        (path, _cut(_told(fact["value"]), _VALUE), _cut(fact["source"] or "", _SOURCE), fact["asOf"] or "",
         fact["confidence"])
        for path, fact in rows
    ]  # fmt: skip
    table(heads, cells)
    if whole:
        for path, fact in rows:
            if fact["value"] is not None:
                _in_full(path, fact)
        return
    unknown = sum(fact["confidence"] == "unknown" for _, fact in rows)
    say()
    say(f"{country}: " + text("cli.profile.unknown", count=unknown, total=len(rows)))


def _in_full(path: str, fact: Mapping[str, Any]) -> None:
    """Show a value as it stands, where it was asked for by name."""
    say()
    say(coloured(safe(path), "bold"))
    value = fact["value"]
    for row in value if isinstance(value, list) else [value]:
        say("  " + safe(_told(row)))
    if fact.get("note"):
        note = fact["note"]
        say(text("cli.profile.note", note=safe(note if isinstance(note, str) else note[language()])))


def _told(value: Any) -> str:
    """A value in one line; nothing for what is unknown."""
    if value is None:
        return ""
    if isinstance(value, dict) and value.keys() == {"en", "es"}:
        return str(value[language()])
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(told: str, width: int) -> str:
    return told if len(told) <= width else told[: width - 3] + "..."


def _counted(countries: Sequence[str], *, as_json: bool) -> int:
    from istmo.spec import profile

    found = {code: Counter(str(fact["confidence"]) for _, fact in _facts(profile(code).document)) for code in countries}
    if as_json:
        emit(found)
    else:
        heads = [text("cli.profile.country"), *_COUNTED]
        rows = [(code, *(counts[word] for word in _COUNTED)) for code, counts in found.items()]
        table(heads, rows, right=range(1, len(heads)))
    return 0


def check(*, file: Path, as_json: bool) -> int:
    """Check a file; the exit code is 0 when nothing is wrong and 1 when something is."""
    from istmo.spec import check_profile, completed_profile

    found = check_profile(file)
    if as_json:
        emit({"file": str(file), "findings": [vars(one) for one in found]})
    elif found:
        _findings(file, found)
    else:
        facts = [fact for _, fact in _facts(completed_profile(file))]
        unknown = sum(fact["confidence"] == "unknown" for fact in facts)
        say(text("cli.profile.right", file=safe(file), count=unknown, total=len(facts)))
    return 1 if found else 0


def _findings(file: Path, found: Sequence[ProfileFault]) -> None:
    for one in found:
        say(f"{safe(file)}:{one.line}: {coloured(one.code, 'red')} {safe(one.pointer)}")
        say(f"  {safe(one.message)}")
        if one.hint:
            say(f"  {text('cli.hint')}: {safe(one.hint)}")
    say()
    key = "cli.profile.wrong-one" if len(found) == 1 else "cli.profile.wrong"
    say(text(key, file=safe(file), count=len(found)))
