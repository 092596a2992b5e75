"""PDF documents: what is written can be read back, by people, machines and screen readers."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen  # type: ignore[import-untyped] # it ships no types
from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # the library ships no types

from istmo.runtime import _fonts, pdf

pypdf = pytest.importorskip("pypdf")

MADE = datetime(2027, 3, 15, 15, 0, tzinfo=UTC)
CODE = "Zm9vYmFyYmF6cXV4MDEyMw"
WORDS = "Ixʼchel Ñandú Güell Núñez O'Neill Łukasz Æther — ₡ 25"


def certificate(**changes: object) -> bytes:
    sections = [
        pdf.Section("Datos", "es", [("Nombres", WORDS), ("Sexo", "Femenino")], ["Emitido conforme a la inscripción."]),
        pdf.Section("Facts", "en", [("Given names", WORDS), ("Sex", "Female")]),
    ]
    values: dict[str, object] = {
        "sections": sections,
        "language": "es",
        "author": "Registro Civil",
        "number": "XX-CIV-CERT-2027-00000001",
        "code": CODE,
        "made_at": MADE,
        "footer": ["Verifique este documento"],
    }
    return pdf.document("Certificado de nacimiento", **(values | changes))  # type: ignore[arg-type]  # a test table


def read(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def test_text_survives_extraction_in_every_language() -> None:
    text = read(certificate())
    assert text.count(WORDS) == 2
    for word in (
        "Certificado de nacimiento",
        "Nombres",
        "Given names",
        "Registro Civil",
        "Verifique este documento",
    ):
        assert word in text


def test_every_page_shows_number_and_code() -> None:
    many = [pdf.Section("Hechos", "es", [(f"Dato {n}", "valor " * 30) for n in range(60)])]
    data = pdf.document("Título", many, language="es", author="A", number="N-1", code=CODE, made_at=MADE)
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    assert len(pages) > 2
    assert all("N-1" in page.extract_text() and CODE in page.extract_text() for page in pages)
    assert "Dato 59" in pages[-1].extract_text()


def test_decomposed_letters_are_composed() -> None:
    assert "Ñandú" in read(certificate(author="N\u0303andu\u0301"))


def test_same_input_same_bytes_and_other_input_other_bytes() -> None:
    assert certificate() == certificate()
    assert certificate() != certificate(number="XX-CIV-CERT-2027-00000002")
    assert certificate() != certificate(made_at=MADE.replace(minute=1))


def test_metadata_states_title_language_and_date() -> None:
    reader = pypdf.PdfReader(io.BytesIO(certificate()))
    assert reader.root_object["/Lang"] == "es"
    assert str(reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"]).lower() == "true"
    assert reader.xmp_metadata.dc_title == {"x-default": "Certificado de nacimiento"}
    assert reader.xmp_metadata.dc_creator == ["Registro Civil"]
    assert reader.xmp_metadata.xmp_create_date == MADE.replace(tzinfo=None)


def test_metadata_of_markup_is_escaped() -> None:
    reader = pypdf.PdfReader(io.BytesIO(certificate(author='Registro <A> & "B"')))
    assert reader.xmp_metadata.dc_creator == ['Registro <A> & "B"']


def test_structure_is_tagged_in_reading_order() -> None:
    reader = pypdf.PdfReader(io.BytesIO(certificate()))
    assert reader.root_object["/MarkInfo"]["/Marked"]
    (body,) = reader.root_object["/StructTreeRoot"]["/K"]
    tags = [kid.get_object()["/S"] for kid in body.get_object()["/K"]]
    assert tags == ["/P", "/H1", "/H2", "/P", "/P", "/P", "/H2", "/P", "/P"]
    spanish, english = (page.get_contents().get_data() for page in reader.pages)
    assert (spanish.count(b"/Lang (es)"), spanish.count(b"/Lang (en)")) == (6, 0)
    assert (english.count(b"/Lang (es)"), english.count(b"/Lang (en)")) == (0, 3)
    for drawn in (spanish, english):
        assert drawn.count(b"BDC") + drawn.count(b"BMC") == drawn.count(b"EMC")


def test_fonts_are_embedded_and_small() -> None:
    data = certificate()
    reader = pypdf.PdfReader(io.BytesIO(data))
    for font in reader.pages[0]["/Resources"]["/Font"].values():
        descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile2" in descriptor.get_object()
    assert len(data) < 60_000
    assert all(path.stat().st_size < 400_000 for path in pdf.FONTS.glob("*.ttf"))
    assert (pdf.FONTS / "LICENSE").is_file()


def outline(font: TTFont, name: str) -> Any:
    glyphs = font.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    return pen.value, glyphs[name].width


@pytest.mark.parametrize("author", ["Registro Civil", "Ελένη Παπαδοπούλου"])  # the small fonts, and the large ones
def test_what_is_drawn_is_what_is_said(author: str) -> None:
    kind = "" if author > "Z" else "-Western"
    reader = pypdf.PdfReader(io.BytesIO(certificate(author=author)))
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    drawn = set()
    for font in fonts:
        (inner,) = (one.get_object() for one in font["/DescendantFonts"])
        weight = "-Bold" if "Bold" in font["/BaseFont"] else ""
        places = inner["/CIDToGIDMap"].get_object().get_data()
        with (
            TTFont(pdf.FONTS / f"DejaVuSans{kind}{weight}.ttf") as source,
            TTFont(io.BytesIO(inner["/FontDescriptor"].get_object()["/FontFile2"].get_object().get_data())) as cut,
        ):
            names = source.getBestCmap()
            for code, letter in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]{4})>", font["/ToUnicode"].get_data()):
                if letter == b"FFFF" or int(letter, 16) not in names:
                    continue  # the range of all codes, and the sign for what is missing
                place = int.from_bytes(places[2 * int(code, 16) :][:2], "big")
                assert outline(cut, cut.getGlyphName(place)) == outline(source, names[int(letter, 16)])
                drawn.add(chr(int(letter, 16)))
    assert drawn >= set(author + CODE + "Certificado de nacimiento")


def test_fonts_are_cut_once_for_documents_that_differ_in_numbers_and_names() -> None:
    certificate()
    before = _fonts.cut.cache_info().misses
    for n, name in enumerate(("Ana Núñez", "Bruno Güell", "Wendy Quirós Jäger")):
        certificate(
            number=f"XX-CIV-CERT-2027-{n:08d}", code=f"{n}kWq-_Zx9", sections=[pdf.Section("Datos", "es", [], [name])]
        )
    assert _fonts.cut.cache_info().misses - before == 2  # one for the other heading, one for the letter ä


def test_a_document_does_not_depend_on_those_before_it() -> None:
    authors = ("Registro Civil", "Ελένη", "Registro Ⅻ", "Jäger")
    after_others = [certificate(author=author) for author in authors]
    for author, made in zip(authors, after_others, strict=True):
        _fonts.cut.cache_clear()
        _fonts.read.cache_clear()
        assert certificate(author=author) == made


@pytest.mark.parametrize("weight", ["", "-Bold"])
def test_the_small_fonts_hold_what_they_are_said_to_hold(weight: str) -> None:
    with TTFont(pdf.FONTS / f"DejaVuSans-Western{weight}.ttf") as font:
        assert {chr(code) for code in font.getBestCmap()} == pdf.WESTERN


@pytest.mark.parametrize("name", ["María Ñandú Küchʼ", "Ελένη Παπαδοπούλου", "Ирина Łukaszewicz", "Wángkí Ẃ"])
def test_names_in_any_of_the_scripts_survive(name: str) -> None:
    assert name in read(certificate(author=name))


def test_form_asks_every_field_and_marks_the_required() -> None:
    asked = [
        pdf.Field("Nombre", "Como en el registro", required=True),
        pdf.Field("Tipo", choices=("birth", "death")),
    ]
    text = read(pdf.form("Solicitud de certificado", asked, "es", author="Registro Civil"))
    for word in (
        "Solicitud de certificado",
        "Nombre *",
        "Como en el registro",
        "☐ birth",
        "☐ death",
        "obligatorio",
    ):
        assert word in text
    assert "Tipo *" not in text
    assert pdf.form("S", asked, "en") == pdf.form("S", asked, "en")
    assert "required" in read(pdf.form("S", asked, "en"))


def test_fields_of_a_schema_are_flattened_through_references() -> None:
    root: dict[str, Any] = {
        "components": {
            "schemas": {
                "Name": {
                    "type": "object",
                    "required": ["given"],
                    "properties": {"given": {"type": "string"}},
                },
                "Base": {
                    "type": "object",
                    "required": ["kind"],
                    "properties": {
                        "kind": {"enum": ["a", "b"], "description": "Which"},
                        "national": {"type": "object"},
                    },
                },
                "Whole": {
                    "allOf": [{"$ref": "#/components/schemas/Base"}],
                    "required": ["name"],
                    "properties": {
                        "name": {"$ref": "#/components/schemas/Name"},
                        "tags": {"type": "array", "items": {"type": "string", "enum": ["x"]}},
                        "people": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
                    },
                },
            }
        }
    }
    found = pdf.fields(root["components"]["schemas"]["Whole"], root)
    assert [(one.label, one.required, tuple(one.choices)) for one in found] == [
        ("kind", True, ("a", "b")),
        ("name / given", True, ()),
        ("tags", False, ("x",)),
        ("people / given", True, ()),
    ]
    assert found[0].hint == "Which"


def test_a_schema_that_contains_itself_ends() -> None:
    root: dict[str, Any] = {"components": {"schemas": {}}}
    node = {
        "type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/Node"}, "value": {"type": "string"}},
    }
    root["components"]["schemas"]["Node"] = node
    assert 0 < len(pdf.fields(node, root)) < 20


def test_what_is_not_measured_is_laid_out_as_if_it_were(monkeypatch: pytest.MonkeyPatch) -> None:
    def many(words: int) -> bytes:
        facts = [("label " * (n % 9), "value " * (n * 7 % words)) for n in range(60)]
        sections = [pdf.Section("T" * (n * 11), "en", facts[n::4], ["long " * n * 60]) for n in range(4)]
        return certificate(sections=sections)

    quickly = [many(words) for words in (3, 30, 90)]
    monkeypatch.setattr(pdf, "WIDEST", 1e9)  # so nothing seems to fit before it was measured
    monkeypatch.setattr("fpdf.FPDF.get_string_width", lambda *_, **__: 1e9)  # nor into a single line

    assert [many(words) for words in (3, 30, 90)] == quickly


@pytest.mark.parametrize("path", sorted(pdf.FONTS.glob("*.ttf")), ids=lambda path: path.stem)
def test_no_letter_is_wider_than_the_layout_believes(path: Path) -> None:
    with TTFont(path) as font:
        assert max(width for width, _ in font["hmtx"].metrics.values()) < pdf.WIDEST * font["head"].unitsPerEm
