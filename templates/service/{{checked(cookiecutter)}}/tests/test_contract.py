{% set it = facts(cookiecutter) -%}
"""What this country adds to the contract breaks nobody who knows the regional one."""

from __future__ import annotations

from pathlib import Path

import {{ it.answers.package }}
from istmo.spec import compat, load_json, national_document

FOLDER = Path({{ it.answers.package }}.__file__).parent / {{ it.answers.service|tojson }} / "national"


def test_the_national_contract_is_a_legal_widening_of_the_regional_one() -> None:
    regional = load_json((FOLDER / "regional.en.json").read_bytes())

    assert compat(regional, national_document(FOLDER, "en")) == []
