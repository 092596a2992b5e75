"""A mistyped case reference is detected."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from istmo.spec import references

REFERENCES = st.builds(
    references.make,
    st.from_regex("[A-Z]{2}", fullmatch=True),
    st.from_regex("[A-Z]{3}", fullmatch=True),
    st.integers(0, 9999),
    st.integers(0, 99_999_999),
)


def test_the_published_example_has_its_check_digits() -> None:
    assert references.make("HN", "VAT", 2026, 123) == "HN-VAT-2026-00000123-38"
    assert references.verify("HN-VAT-2026-00000123-38")


@given(REFERENCES)
def test_a_made_reference_verifies_here_and_in_another_library(reference: str) -> None:
    assert references.verify(reference)
    assert mod_97_10.is_valid(reference.replace("-", ""))
    assert str(references.parse(reference)) == reference


@given(REFERENCES, st.integers(0, 30), st.sampled_from("0123456789ABCXYZ"))
def test_one_wrong_character_is_always_detected(reference: str, at: int, character: str) -> None:
    at %= len(reference)
    assume(reference[at] not in {"-", character})
    wrong = reference[:at] + character + reference[at + 1 :]
    assert not references.verify(wrong)
    assert references.parse(wrong) is None


@given(REFERENCES, st.integers(12, 18))
def test_two_swapped_neighbours_are_always_detected(reference: str, at: int) -> None:
    assume(reference[at] != reference[at + 1] and "-" not in reference[at : at + 2])
    assert not references.verify(reference[:at] + reference[at + 1] + reference[at] + reference[at + 2 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "HN-VAT-2026-00000123-3",
        "hn-vat-2026-00000123-38",
        "HN-VAT-2026-00000123-38\n",
        "HN-VAT-2026-٠٠٠٠٠١٢٣-38",
    ],
)
def test_another_form_is_no_reference(text: str) -> None:
    assert not references.verify(text)


@pytest.mark.parametrize("parts", [("hn", "VAT", 2026, 1), ("HN", "VT", 2026, 1), ("HN", "VAT", 2026, 10**8)])
def test_parts_that_do_not_fit_make_no_reference(parts: tuple[str, str, int, int]) -> None:
    with pytest.raises(ValueError, match="-"):
        references.make(*parts)
