"""PDF documents: certificates in one or more languages and blank forms; knows no service.

The files are PDF/A-2U with tagged headings and paragraphs, an embedded font whose text survives extraction,
and the same bytes for the same input.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from fpdf import FPDF

__all__ = ["Field", "Section", "document", "fields", "form"]

FONTS = Path(__file__).with_name("fonts")
FAMILY = "DejaVu Sans"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # the date of documents that have none, such as blank forms
LABEL_WIDTH = 62
LINE = 6.0
BOX = 8.0
WIDEST = 2.0  # more than the width of any letter of the fonts, in sizes of the font
GREY = (90, 90, 90)
# What the small fonts hold; they are read and cut several times faster, and serve nearly every document.
_RANGES = ((0x20, 0x7E), (0xA0, 0xFF), (0x2BC, 0x2BC), (0x2010, 0x2015), (0x2018, 0x201E), (0x2022, 0x2022))
_SIGNS = "…€☐☑☒"
WESTERN = frozenset({*_SIGNS, *(chr(code) for first, last in _RANGES for code in range(first, last + 1))})
BLANK = {"en": "Write in block capitals. * required", "es": "Escriba en letra de imprenta. * obligatorio"}
PAGE = {"en": "Page", "es": "Página"}


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of a document in one language: facts by label, then paragraphs."""

    title: str
    language: str
    facts: Sequence[tuple[str, str]] = ()
    paragraphs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a blank form asks for; with choices it is ticked, without it is written."""

    label: str
    hint: str = ""
    required: bool = False
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Heading:
    title: str
    language: str
    author: str
    subject: str
    made_at: datetime
    footer: Sequence[str] = field(default=())
    western: bool = False


def document(
    title: str,
    sections: Iterable[Section],
    *,
    language: str,
    author: str,
    number: str,
    code: str,
    made_at: datetime,
    footer: Sequence[str] = (),
) -> bytes:
    """Return a document whose every page shows its number and its verification code."""
    sections, foot = tuple(sections), (*footer, f"{number}  ·  {code}")
    texts = [title, author, *foot]
    for section in sections:
        texts += [section.title, *section.paragraphs, *(text for fact in section.facts for text in fact)]
    paper = _Paper(_Heading(title, language, author, number, made_at, foot, _western(texts)))
    paper.text(author, "P", style="B", size=10, language=language)
    paper.text(title, "H1", style="B", size=18, language=language)
    spoken = language
    for section in sections:
        if section.language != spoken:
            paper.turn()  # each language has pages of its own
        spoken = section.language
        paper.section(section)
    return paper.bytes()


def form(title: str, fields: Iterable[Field], language: str, *, author: str = "", made_at: datetime = EPOCH) -> bytes:
    """Return a blank form to print and fill in."""
    fields = tuple(fields)
    texts = [title, author, *(text for asked in fields for text in (asked.label, asked.hint, *asked.choices))]
    paper = _Paper(_Heading(title, language, author, title, made_at, western=_western(texts)))
    if author:
        paper.text(author, "P", style="B", size=10, language=language)
    paper.text(title, "H1", style="B", size=18, language=language)
    paper.text(BLANK.get(language, BLANK["en"]), "P", size=9, language=language)
    for asked in fields:
        paper.field(asked, language)
    return paper.bytes()


def fields(schema: Mapping[str, Any], root: Mapping[str, Any]) -> list[Field]:
    """Return what a JSON Schema asks for, flattened; references are looked up in the document `root`."""
    return list(_fields(schema, root, "", required=False, depth=0))


def _fields(
    schema: Mapping[str, Any], root: Mapping[str, Any], label: str, *, required: bool, depth: int
) -> Iterator[Field]:
    if depth > 8:  # noqa: PLR2004 - deeper than any form that a person fills in
        return
    whole = _merged(schema, root)
    members = whole.get("properties")
    if members:
        needed = set(whole.get("required", ()))
        for name, member in members.items():
            if isinstance(member, Mapping) and name != "national":
                inner = f"{label} / {name}" if label else name
                yield from _fields(member, root, inner, required=name in needed, depth=depth + 1)
        return
    if whole.get("type") == "array" and isinstance(whole.get("items"), Mapping):
        whole = {**_merged(whole["items"], root), "description": whole.get("description", "")}
        if whole.get("properties"):
            yield from _fields(whole, root, label, required=required, depth=depth + 1)
            return
    choices = tuple(str(choice) for choice in whole.get("enum", ()))
    yield Field(label, str(whole.get("description", "")), required, choices)


def _merged(schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema with its reference and its `allOf` parts laid over each other."""
    merged: dict[str, Any] = {}
    parts = [*schema.get("allOf", ()), *schema.get("oneOf", ())[:1]]
    if reference := schema.get("$ref"):
        parts.append(_lookup(root, reference))
    for part in parts:
        whole = _merged(part, root)
        merged = {
            **merged,
            **whole,
            "properties": {**merged.get("properties", {}), **whole.get("properties", {})},
            "required": [*merged.get("required", ()), *whole.get("required", ())],
        }
    own = {key: value for key, value in schema.items() if key not in {"$ref", "allOf", "oneOf"}}
    own["properties"] = {**merged.get("properties", {}), **own.get("properties", {})}
    own["required"] = [*merged.get("required", ()), *own.get("required", ())]
    return {**merged, **own}


def _lookup(root: Mapping[str, Any], reference: str) -> Mapping[str, Any]:
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found if isinstance(found, Mapping) else {}


def _western(texts: Iterable[str]) -> bool:
    """Tell whether the small fonts hold every letter of some texts."""
    return all(WESTERN.issuperset(_nfc(text)) for text in texts)


class _Paper:
    """A PDF that is written from top to bottom."""

    def __init__(self, heading: _Heading) -> None:
        self._pdf = _new(heading)
        self._heading = heading
        self._pdf.add_page()

    def bytes(self) -> bytes:
        """Return the finished file."""
        from ._fonts import Producer  # noqa: PLC0415 - see _class

        return bytes(self._pdf.output(output_producer_class=Producer))

    def turn(self) -> None:
        """Begin a new page."""
        self._pdf.add_page()

    def section(self, section: Section) -> None:
        """Write a headed part; its heading never stands alone at the end of a page."""
        self._room(5 * LINE)
        self._pdf.ln(3)
        self.text(section.title, "H2", style="B", size=13, language=section.language)
        for label, value in section.facts:
            self.fact(label, value, section.language)
        for paragraph in section.paragraphs:
            self.text(paragraph, "P", size=10, language=section.language)

    def text(self, text: str, tag: str, *, language: str, style: str = "", size: int = 11) -> None:
        """Write a heading or a paragraph over the whole width."""
        pdf = self._pdf
        pdf.set_font(FAMILY, style, size)
        self._fit([(text, pdf.epw)], max(LINE, size * 0.5))
        if tag != "P":
            pdf.start_section(text, level=0 if tag == "H1" else 1)
        with self._tagged(tag, language):
            self._put(pdf.epw, size * 0.5, text)
        pdf.ln(1.5)

    def fact(self, label: str, value: str, language: str) -> None:
        """Write a label and its value beside it."""
        pdf = self._pdf
        pdf.set_font(FAMILY, "", 11)
        width = pdf.epw - LABEL_WIDTH
        self._fit([(label, LABEL_WIDTH), (value, width)], LINE)
        top = pdf.y
        with self._tagged("P", language):
            pdf.set_text_color(*GREY)
            self._put(LABEL_WIDTH, LINE, label)
            pdf.set_text_color(0)
            pdf.set_xy(pdf.l_margin + LABEL_WIDTH, top)
            self._put(width, LINE, value)

    def field(self, asked: Field, language: str) -> None:
        """Write one question of a form and the room for its answer."""
        pdf = self._pdf
        self._room(3 * LINE + BOX)
        label = f"{asked.label} *" if asked.required else asked.label
        self.text(label, "P", style="B", size=10, language=language)
        if asked.hint:
            self.text(asked.hint, "P", size=8, language=language)
        for choice in asked.choices:
            self.text(f"☐ {choice}", "P", size=10, language=language)
        if not asked.choices:
            with self._artifact():
                pdf.rect(pdf.l_margin, pdf.y, pdf.epw, BOX)
            pdf.ln(BOX)
        pdf.ln(2)

    def _put(self, width: float, line: float, text: str) -> None:
        """Write a text into a column, in as many lines as it needs."""
        pdf, text = self._pdf, _nfc(text)
        # The library tries each letter for a place to break at: most texts need none.
        single = text.isprintable() and pdf.get_string_width(text) <= width - 2 * pdf.c_margin
        put = pdf.cell if single else pdf.multi_cell
        put(width, line, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def _fit(self, columns: Sequence[tuple[str, float]], line: float) -> None:
        """Begin a new page when texts in columns, each with its width, do not fit beside each other."""
        # Breaking texts into lines is dear: where there is room for more than they can need, nobody measures.
        if self._pdf.will_page_break(line * max(self._most_lines(*column) for column in columns)):
            self._room(max(self._height(*column, line) for column in columns))

    def _most_lines(self, text: str, width: float) -> float:
        """Return a number of lines that a text does not exceed: two lines that follow each other fill one at least."""
        pdf = self._pdf
        full = len(text) * WIDEST * pdf.font_size / (width - 2 * pdf.c_margin)
        return 2 * (full + text.count("\n") + 1)

    def _height(self, text: str, width: float, line: float) -> float:
        measured = self._pdf.multi_cell(width, line, _nfc(text), align="L", dry_run=True, output="HEIGHT")
        return float(str(measured))  # the library declares every kind of output at once

    def _room(self, height: float) -> None:
        """Begin a new page when a block does not fit: a tagged block never crosses pages."""
        if self._pdf.will_page_break(height):
            self._pdf.add_page()

    @contextmanager
    def _tagged(self, tag: str, language: str) -> Iterator[None]:
        """Mark what is written as one element of the document's structure, in its language."""
        pdf = self._pdf
        mcid = pdf.struct_builder.next_mcid_for_page(pdf.page)
        _, parents = pdf.struct_builder.add_marked_content(pdf.page, f"/{tag}", mcid=mcid)
        pdf.pages[pdf.page].struct_parents = parents
        self._raw(f"/{tag} <</MCID {mcid}>> BDC /Span <</Lang ({language})>> BDC")
        yield
        self._raw("EMC EMC")

    @contextmanager
    def _artifact(self) -> Iterator[None]:
        self._raw("/Artifact BMC")
        yield
        self._raw("EMC")

    def _raw(self, operators: str) -> None:
        self._pdf._out(operators)  # noqa: SLF001 - the library marks content itself this way, only with fixed tags


def _new(heading: _Heading) -> FPDF:
    """Return an empty document with its fonts, metadata and the footer of every page."""
    from . import _fonts  # noqa: PLC0415 - see _class

    pdf = _class()(heading)
    kind = "-Western" if heading.western else ""
    for style, weight in (("", ""), ("B", "-Bold")):
        _fonts.put(pdf, FAMILY, style, FONTS / f"DejaVuSans{kind}{weight}.ttf")
    pdf.set_margins(20, 18)
    pdf.set_auto_page_break(auto=True, margin=26)
    pdf.set_title(heading.title)
    pdf.set_author(heading.author)
    pdf.set_subject(heading.subject)
    pdf.set_lang(heading.language)
    pdf.set_producer("Istmo")
    pdf.set_creation_date(heading.made_at)
    pdf.set_xmp_metadata(_xmp(heading))
    return pdf


@cache
def _class() -> Callable[[_Heading], FPDF]:
    """Return the document class; the library takes most of a second to load, so only writers load it."""
    from fpdf import FPDF, ViewerPreferences  # noqa: PLC0415 - loaded when the first document is written

    class Footed(FPDF):
        """A document with the number, the code and the page number at the foot of every page."""

        def __init__(self, heading: _Heading) -> None:
            super().__init__(format="letter", enforce_compliance="PDF/A-2U")
            self.heading = heading
            self.viewer_preferences = ViewerPreferences(display_doc_title=True)

        def footer(self) -> None:
            lines = (*self.heading.footer, f"{PAGE.get(self.heading.language, PAGE['en'])} {self.page_no()}")
            self._out("/Artifact BMC")
            self.set_font(FAMILY, "", 8)
            self.set_text_color(*GREY)
            self.set_y(-8 - 4 * len(lines))
            for line in lines:
                self.cell(0, 4, _nfc(line), align="C", new_x="LMARGIN", new_y="NEXT")
            self.set_text_color(0)
            self._out("EMC")

    return Footed


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _xmp(heading: _Heading) -> str:
    """Return the metadata of the file; the library would write the present time into it."""
    stamp = heading.made_at.astimezone(UTC).isoformat(timespec="seconds")
    title, author, subject = (escape(text) for text in (heading.title, heading.author, heading.subject))
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
  xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<rdf:Description rdf:about="" xmp:CreateDate="{stamp}" xmp:ModifyDate="{stamp}" xmp:MetadataDate="{stamp}"
  pdf:Producer="Istmo">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>{heading.language}</rdf:li></rdf:Bag></dc:language>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>"""
