"""YAML and JSON are read as one meaning or refused."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istmo.errors import KitError
from istmo.spec import load_json, load_yaml

# What both languages spell alike: libyaml reads no surrogate escapes and takes C1 and line separators for breaks.
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn"], exclude_characters="\ufeff")
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXT.filter(lambda key: len(key) < 200), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON_VALUES, st.sampled_from([None, 2]))
@settings(max_examples=200)
def test_yaml_agrees_with_json_on_json(value: Any, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent).encode()
    assert load_yaml(text) == load_json(text) == value


@given(st.text(), st.sampled_from([load_yaml, load_json]))
def test_any_text_is_read_or_refused_with_one_error(text: str, load: Callable[[bytes], Any]) -> None:
    with contextlib.suppress(KitError):
        load(text.encode(errors="surrogatepass"))


@pytest.mark.parametrize(
    "word", ["NO", "on", "yes", "y", "22:30", "010", "2027-01-15", "1_000", "0x10", ".5", "Null", "=", "+1"]
)
def test_plain_words_stay_text(word: str) -> None:
    assert load_yaml(f"value: {word}".encode()) == {"value": word}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1e3", 1000.0), ("-0.5", -0.5), ("12", 12), ("null", None), ("~", None), ("", None), ("true", True)],
)
def test_json_scalars_are_read_as_json(written: str, meant: Any) -> None:
    assert load_yaml(f"value: {written}".encode()) == {"value": meant}


def test_keys_are_always_text() -> None:
    assert load_yaml(b"200: a\nnull: b\ntrue: c") == {"200": "a", "null": "b", "true": "c"}


BILLION_LAUGHS = b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"
REFUSED = {
    "alias": (BILLION_LAUGHS, "spec-alias"),
    "anchor alone": (b"a: &a 1", "spec-alias"),
    "merge": (b"<<: {a: 1}", "spec-merge"),
    "tag": (b"a: !!python/object/apply:os.system [id]", "spec-tag"),
    "local tag": (b"a: !x 1", "spec-tag"),
    "duplicate": (b"a: 1\nb: 2\na: 3", "spec-duplicate-key"),
    "brackets": (b"[" * 50_000, "spec-too-deep"),
    "dashes": (b"- " * 50_000, "spec-too-deep"),
    "complex key": (b"? [a]\n: 1", "spec-key"),
    "unclosed": (b"a: [1", "spec-syntax"),
    "two documents": (b"a: 1\n---\nb: 2", "spec-syntax"),
    "infinite": (b"a: 1e999", "spec-number"),
    "endless integer": (b"a: " + b"9" * 5000, "spec-number"),
    "not UTF-8": (b"a: \xff", "spec-encoding"),
    "hidden line break": ("a: 'x\u2028y'".encode(), "spec-syntax"),
    "control character": (b"a: \x1b[31m", "spec-encoding"),
    "too large": (b"#" * (2 * 1024 * 1024 + 1), "spec-too-large"),
    "too many nodes": (b"[" + b"1," * 200_001 + b"1]", "spec-too-large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_dangerous_yaml_is_refused_quickly(name: str) -> None:
    raw, code = REFUSED[name]
    started = time.monotonic()
    with pytest.raises(KitError) as refused:
        load_yaml(raw)
    assert refused.value.code == code
    assert refused.value.hint
    assert time.monotonic() - started < 3


REFUSED_JSON = {
    "duplicate": (b'{"a": 1, "a": 2}', "spec-duplicate-key"),
    "nan": (b"[NaN]", "spec-number"),
    "infinite": (b"[1e999]", "spec-number"),
    "endless integer": (b"[" + b"9" * 5000 + b"]", "spec-number"),
    "brackets": (b"[" * 50_000, "spec-too-deep"),
    "cut": (b'{"a": ', "spec-syntax"),
    "not UTF-8": (b'"\xff"', "spec-encoding"),
}


@pytest.mark.parametrize("name", REFUSED_JSON)
def test_dangerous_json_is_refused(name: str) -> None:
    raw, code = REFUSED_JSON[name]
    with pytest.raises(KitError) as refused:
        load_json(raw)
    assert refused.value.code == code


def test_brackets_inside_strings_are_not_depth() -> None:
    assert load_json(json.dumps("[" * 100 + '"' + "{").encode()) == "[" * 100 + '"' + "{"


def test_an_error_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("a: 1\nb: 2\na: 3\n")
    with pytest.raises(KitError, match=r"broken\.yaml:3:1"):
        load_yaml(path)


def test_a_missing_file_a_folder_and_a_pipe_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "none.yaml", tmp_path, tmp_path / "pipe.yaml"):
        with pytest.raises(KitError):
            load_yaml(path)


def test_messages_never_hold_the_content_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text("canary-token: 1\ncanary-token: 2\n")
    with pytest.raises(KitError) as refused:
        load_yaml(path)
    assert "canary" not in str(refused.value)
