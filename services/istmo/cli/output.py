"""Printing for people and for programs. Tables are plain text: importing a drawing library costs more than drawing."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_CODES: Final = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def safe(value: object) -> str:
    """A text without control characters, so that what a judged service says cannot drive a terminal."""
    return "".join(
        character if character == "\n" or unicodedata.category(character)[0] != "C" else "\N{REPLACEMENT CHARACTER}"
        for character in str(value)
    )


def coloured(word: str, colour: str) -> str:
    """A word in a colour when a person watches; `NO_COLOR` is respected."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return word
    return f"\x1b[{_CODES[colour]}m{word}\x1b[0m"


def say(line: str = "") -> None:
    """Print one line for a person."""
    sys.stdout.write(line + "\n")


def emit(document: object) -> None:
    """Print a document for a program."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> None:
    """Print rows below their heads in aligned columns; the columns in `right` hold numbers."""
    cells = [[safe(cell).replace("\n", " ") for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in [list(heads), *cells]) for column in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        pairs = zip(row, widths, strict=True)
        return "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width) for column, (cell, width) in enumerate(pairs)
        ).rstrip()

    say(coloured(line(heads), "bold"))
    say(line(["-" * width for width in widths]))
    for row in cells:
        say(line(row))
