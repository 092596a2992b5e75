"""Functions and files stay short enough to be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).parents[1]
LONGEST_FUNCTION, LONGEST_FILE = 60, 600
USUAL_FUNCTION, USUAL_FILE = 30, 400  # of 95 in 100


def sources() -> Iterator[Path]:
    """Code that people wrote; generated models are as long as the standard is."""
    for place in ("services", "conformance/istmo_conformance"):
        for path in sorted((ROOT / place).rglob("*.py")):
            if "models" not in path.relative_to(ROOT).parts:
                yield path


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The functions of a file with the number of lines of their bodies, docstrings not counted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", length


def test_no_function_is_longer_than_a_screen() -> None:
    found = [pair for path in sources() for pair in functions(path)]

    assert [f"{name}: {length}" for name, length in found if length > LONGEST_FUNCTION] == []
    assert quantiles([length for _, length in found], n=20)[-1] <= USUAL_FUNCTION


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}

    assert [f"{path.relative_to(ROOT)}: {length}" for path, length in lengths.items() if length > LONGEST_FILE] == []
    assert quantiles(lengths.values(), n=20)[-1] <= USUAL_FILE
