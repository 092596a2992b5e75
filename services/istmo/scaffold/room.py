"""The room of a service in a national project: the reference's own, with what is national added to it.

No service is named here. The room's `__init__` declares `service = Service(...)`; the copy gets one more argument of
that call, and the imports that it needs, at the places where the parser finds them.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from istmo import rooms
from istmo.errors import KitError
from istmo.scaffold.service import Project
from istmo.texts import text

__all__ = ["lay", "national"]

RUNTIME: Final = "istmo.runtime"
IGNORED: Final = ("__pycache__", "*.pyc")
ADDED: Final = '    national=National(Path(__file__).parent / "national", refused=additions.refused),\n'
BEHIND: Final = """
# Records that another system holds are read from there when the environment names it: see ../legacy.
service = legacy.behind(service)
"""


@dataclass(frozen=True, order=True)
class Edit:
    """One place of a text, in characters, and what stands there instead."""

    start: int
    end: int
    text: str


def lay(answers: Project, project: Path) -> None:
    """Write the room into a project."""
    source = rooms.folder(answers.service)
    target = project / "src" / answers.package / answers.service
    if answers.bare:
        from istmo.scaffold import stubs  # noqa: PLC0415 - stubs know this module

        stubs.lay(answers, source, target)
    else:
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*IGNORED))
    init = target / "__init__.py"
    init.write_text(national(init.read_text(encoding="utf-8"), answers.package), encoding="utf-8")


def national(source: str, package: str) -> str:
    """Return the text of a room's `__init__` with what is national in the call that declares the service."""
    tree = ast.parse(source)
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
    call = next((one for one in calls if isinstance(one.func, ast.Name) and one.func.id == "Service"), None)
    imports = [one for one in tree.body if isinstance(one, ast.ImportFrom)]
    runtime = next((one for one in imports if one.module == RUNTIME), None)
    own = next((one for one in imports if one.level == 1 and not one.module), None)
    if call is None or runtime is None or own is None:
        raise KitError("room", text("scaffold.room"), text("scaffold.room-hint"))
    at = _offsets(source)
    edits = [
        _replaced(at, runtime, f"from pathlib import Path\n\n{_import(runtime, 'National')}"),
        _replaced(at, own, f"from {package} import legacy\n\n{_import(own, 'additions')}"),
        _added(source, at, call),
    ]
    for edit in sorted(edits, reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return source.rstrip() + "\n" + BEHIND


def _added(source: str, at: Callable[[int, int], int], call: ast.Call) -> Edit:
    """Return the edit that gives a call one more argument: in a line of its own, as are those before it."""
    close = at(call.end_lineno or 0, call.end_col_offset or 0) - 1
    if source[:close].rstrip().endswith(","):
        return Edit(close, close, ADDED)
    given = [ast.get_source_segment(source, one) or "" for one in (*call.args, *call.keywords)]
    start = at(call.func.end_lineno or 0, call.func.end_col_offset or 0)
    return Edit(start, close, "(\n" + "".join(f"    {one},\n" for one in given) + ADDED)


def _replaced(at: Callable[[int, int], int], node: ast.stmt, new: str) -> Edit:
    return Edit(at(node.lineno, node.col_offset), at(node.end_lineno or 0, node.end_col_offset or 0), new)


def _offsets(source: str) -> Callable[[int, int], int]:
    """Return the function from a line and a column, which the parser counts in bytes, to a place in the text."""
    lines = source.splitlines(keepends=True)

    def at(line: int, column: int) -> int:
        before = sum(map(len, lines[: line - 1]))
        return before + len(lines[line - 1].encode("utf-8")[:column].decode("utf-8"))

    return at


def _import(node: ast.ImportFrom, more: str) -> str:
    """Return an import with one more name, in order."""
    names = sorted({*(one.name for one in node.names), more}, key=lambda name: (not name[0].isupper(), name.lower()))
    return f"from {'.' * node.level}{node.module or ''} import {', '.join(names)}"
