"""A subject file to begin with, and the page that describes it: both are drawn from the published schema.

`python -m istmo_conformance.subject_init` prints the tables of docs/reference/subject-file.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from istmo.errors import KitError
from istmo.texts import language, text
from istmo_conformance._subject_check import schema, toml

JSON: TypeAlias = Any
WIDTH = 100


def write(path: Path, given: Mapping[str, str]) -> None:
    """Write a commented subject file; one that is already there is never touched."""
    content = drawn(given, language())
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        raise KitError("subject-exists", text("subject.exists", path=path), text("subject.exists-hint")) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise KitError("bad-output", text("cli.check.output-file", path=path, reason=reason),
                       text("subject.exists-hint")) from None  # fmt: skip


def drawn(given: Mapping[str, str], lang: str) -> str:
    """The content of a new subject file: what is required or given stands in it, the rest as comments."""
    lines = [f"# {line}" for line in text("subject.head", lang=lang).splitlines()]
    for header, table, live in tables():
        lines += ["", "", *_comment(table, lang), header if live else f"# {header}"]
        for name, rule in table["properties"].items():
            value = given.get(name) if header == "[subject]" else None
            required = header == "[subject]" and name in table.get("required", ())
            lines += ["", *_comment(rule, lang)]
            shown = f"{name} = {toml(value if value is not None else rule['examples'][0])}"
            lines.append(shown if required or value is not None else f"# {shown}")
    return "\n".join(lines) + "\n"


def tables() -> Iterator[tuple[str, JSON, bool]]:
    """Every table of a subject file with its header, and whether a new file needs it."""
    parts = schema()["properties"]
    yield "[subject]", parts["subject"], True
    yield "[tokens]", parts["tokens"], False
    people = parts["personas"]
    persona = people["additionalProperties"]
    yield "[personas.ana]", {**persona, **{key: people[key] for key in ("description", "x-description-es")}}, False
    waivers = parts["waivers"]
    item = waivers["items"]
    yield "[[waivers]]", {**item, **{key: waivers[key] for key in ("description", "x-description-es")}}, False


def _comment(rule: JSON, lang: str) -> list[str]:
    import textwrap

    sentence = rule["x-description-es" if lang == "es" else "description"]
    return [f"# {line}" for line in textwrap.wrap(sentence, WIDTH)]


def page() -> str:
    """The tables of the reference page."""
    lines: list[str] = []
    for header, table, _ in tables():
        lines += [f"### `{header}`", "", table["description"], "", "| Key | Needed | Meaning | Example |",
                  "| --- | --- | --- | --- |"]  # fmt: skip
        for name, rule in table["properties"].items():
            needed = "yes" if name in table.get("required", ()) else ""
            lines.append(f"| `{name}` | {needed} | {rule['description']} | `{toml(rule['examples'][0])}` |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
