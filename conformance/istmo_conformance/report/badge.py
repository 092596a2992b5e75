"""A verdict as a small picture."""

from __future__ import annotations

from html import escape
from typing import Any, Final, TypeAlias

from istmo.texts import text

JSON: TypeAlias = Any
# Each colour keeps a contrast of at least 4.5 to 1 with white letters.
COLOURS: Final = {
    "conformant": "#1a6b3c", "conformant-with-waivers": "#5b6300", "not-conformant": "#a3242b",
    "undecided": "#6b5200", "error": "#4a4a4a",
    "interrupted": "#4a4a4a",
}  # fmt: skip
_LETTER: Final = 6.8  # mean width in pixels at 11 px; textLength makes it exact


def render(document: JSON, lang: str) -> str:
    """The SVG of a report's verdict, with its stage and the version of the specification."""
    spec, verdict = document["spec"], document["verdict"]
    left = f"Istmo {spec['service']} {spec['version']}"
    right = text(f"verdict.{verdict}", lang=lang)
    if verdict.startswith("conformant"):
        right += " · " + text("page.stage-number", lang=lang, number=document["stage"]["observed"])
    if document["waivers"]:
        right += f" · {text('summary.waivers', lang=lang).lower()}: {len(document['waivers'])}"
    widths = [round(len(part) * _LETTER) for part in (left, right)]
    first, second = (width + 14 for width in widths)
    title = escape(f"{left}: {right}", quote=True)
    style = 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#fff"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{first + second}" height="20" role="img"'
        f' aria-label="{title}" lang="{lang}"><title>{title}</title>'
        f'<rect width="{first}" height="20" fill="#333"/>'
        f'<rect x="{first}" width="{second}" height="20" fill="{COLOURS[verdict]}"/>'
        f'<g {style}><text x="7" y="14" textLength="{widths[0]}">{escape(left)}</text>'
        f'<text x="{first + 7}" y="14" textLength="{widths[1]}">{escape(right)}</text></g></svg>\n'
    )
