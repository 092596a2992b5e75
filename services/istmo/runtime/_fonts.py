"""The fonts of PDF documents: read once, and cut once for all documents that use the same letters.

Reading a font and cutting it down to the letters of a document takes the PDF library most of the time that a document
takes. Importing this module loads that library.
"""

from __future__ import annotations

import copy
import io
import string
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from fontTools import subset  # type: ignore[import-untyped] # the library ships no types
from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # see above
from fpdf import FPDF
from fpdf.fonts import SubsetMap, TTFFont
from fpdf.output import OutputProducer

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Producer", "cut", "put", "read"]

# Numbers, codes and names differ from one document to the next: with all of their letters in it, a cut serves all.
COMMON = f"{string.ascii_letters}{string.digits}-_ÁÉÍÓÚÜÑáéíóúüñ"
MOST_CUTS = 64  # of some ten kilobytes each: a document in a rare script has a cut that nobody asks for again


def put(pdf: FPDF, family: str, style: str, path: Path) -> None:
    """Let a document use a font, as `FPDF.add_font` does."""
    font = copy.copy(read(family, style, path))
    font.i = len(pdf.fonts) + 1
    font.desc = copy.copy(font.desc)
    font.missing_glyphs = []
    font.subset = SubsetMap(font)
    pdf.fonts[font.fontkey] = font


@cache
def read(family: str, style: str, path: Path) -> TTFFont:
    """Return what a document knows of a font: its letters and their widths."""
    pdf = FPDF()
    pdf.add_font(family, style, path)
    (font,) = pdf.fonts.values()
    assert isinstance(font, TTFFont), "a font from a file"
    font.close()  # of the file, the producer reads what it needs
    return font


class Producer(OutputProducer):
    """Writes a finished document with fonts that have been cut already."""

    def __init__(self, fpdf: FPDF) -> None:
        super().__init__(fpdf)
        for font in fpdf.fonts.values():
            if isinstance(font, TTFFont):
                # Headings are in bold, and say the same in every document of a kind.
                more = () if font.emphasis else [font.cmap[ord(letter)] for letter in COMMON]
                font.ttfont = _Cut(*cut(font.ttffile, frozenset((*font.subset.get_all_glyph_names(), *more))))


class _Cut(TTFont):  # type: ignore[misc] # the library ships no types
    """A font without tables, in which the library finds nothing to cut; its file is the one that was cut before."""

    def __init__(self, data: bytes, order: tuple[str, ...]) -> None:
        super().__init__()
        super().setGlyphOrder(list(order))
        self._data = data

    def setGlyphOrder(self, glyphOrder: list[str]) -> None:  # noqa: N802, N803 - names of the library
        """Keep the order that the cut has."""

    def save(self, file: io.BytesIO, **_: object) -> None:
        """Write the cut."""
        file.write(self._data)


@lru_cache(maxsize=MOST_CUTS)
def cut(path: Path, names: frozenset[str]) -> tuple[bytes, tuple[str, ...]]:
    """Return a font with these glyphs only, as a file and as their names in its order."""
    options: Any = subset.Options(notdef_outline=True, recommended_glyphs=True)
    options.drop_tables += ["GDEF", "GPOS", "GSUB"]  # nothing is shaped here
    cutter: Any = subset.Subsetter(options)
    cutter.populate(glyphs=sorted(names))
    with TTFont(path, recalcBBoxes=False, recalcTimestamp=False, lazy=True) as font:
        cutter.subset(font)
        file = io.BytesIO()
        font.save(file)
        return file.getvalue(), tuple(font.getGlyphOrder())
