"""The quick way to the canonical form writes what the reference implementation writes, or leaves it to it."""

from __future__ import annotations

import math
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from istmo.runtime import canonical

ENGINES = ("sqlite",)

NUMBERS = (
    st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0.0, -0.0, 1.0, 1e16, 1e21, 1e-7, 5e-324, 10**15, 10**15 - 1])
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [":12.5", ",-1e9", "[1234567890123456", "𐀀", "\uffff"]
)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(DOCUMENTS)
def test_both_ways_write_the_same(document: Any) -> None:
    assert canonical.dumps(document) == rfc8785.dumps(document)


@pytest.mark.parametrize(
    "document", [[2**53], {"a": -(2**53)}, [math.nan], {"a": math.inf}, ["\ud800"], [{1, 2}], {"a": object()}]
)
def test_what_has_no_canonical_form_is_refused_as_by_the_reference(document: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical.dumps(document)


def test_members_beyond_the_basic_plane_are_sorted_by_their_units_of_sixteen_bits() -> None:
    assert canonical.dumps({"\uffff": 1, "𐀀": 2}) == '{"𐀀":2,"\uffff":1}'.encode()
