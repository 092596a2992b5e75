"""A bare room: every handler of the reference as a typed stub that answers 501, and a list of what is to be done."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from istmo.names import snake
from istmo.scaffold.room import IGNORED
from istmo.scaffold.service import Project
from istmo.spec import Operation, Requirement, catalogue, requirements, spec
from istmo.texts import text

__all__ = ["CHECKLIST", "checklist", "lay"]

CHECKLIST: Final = "CHECKLIST.md"
BASIC: Final = 1  # the stage that the kernel alone reaches, but for the room's own operations
BODY: Final = "Body"
ASSIGNED: Final = re.compile(r"(?<=\S)=(?=\S)")
TYPES: Final = ("Answer", "Page", "Record", "Work")  # of the runtime, in signatures

INIT: Final = '''"""{description}"""

from istmo.runtime import {runtime}

from . import {modules}

__all__ = ["service"]

service = Service(
    "{slug}",
    handlers,
{cases}    stage={stage},  # raise it as the checklist gets done
)
'''
HOOKS: Final = '''"""What a case of this service adds to the case machine: all hooks are optional, see CHECKLIST.md."""

COLLECTION = "{collection}"
'''
HANDLERS: Final = '''"""What the service does beyond the case machine: one function an operation. Nothing is done."""

from __future__ import annotations

from typing import {typing}

from istmo.errors import Problem

if TYPE_CHECKING:
    from istmo.runtime import {runtime}
'''


def lay(answers: Project, source: Path, target: Path) -> None:
    """Write a bare room: its declaration, stubs, the generated models, and the checklist beside the project's files."""
    target.mkdir(parents=True, exist_ok=True)
    entry = next(one for one in catalogue() if one.slug == answers.service)
    collection = entry.case.get("collection")
    cases = "    cases=[Case(hooks.COLLECTION, hooks)],\n" if collection else ""
    init = INIT.format(
        description=entry.titles["en"] + ".", slug=entry.slug, stage=BASIC, cases=cases,
        runtime="Case, Service" if collection else "Service", modules="handlers, hooks" if collection else "handlers",
    )  # fmt: skip
    (target / "__init__.py").write_text(init, encoding="utf-8")
    (target / "handlers.py").write_text(stubs((source / "handlers.py").read_text(encoding="utf-8")), encoding="utf-8")
    if collection:
        (target / "hooks.py").write_text(HOOKS.format(collection=collection), encoding="utf-8")
    shutil.copytree(source / "models", target / "models", ignore=shutil.ignore_patterns(*IGNORED))
    (target.parents[2] / CHECKLIST).write_text(checklist(answers, source), encoding="utf-8")


def stubs(source: str) -> str:
    """Return the text of a module with the public coroutines of another one, each refusing as not implemented."""
    written = "".join(_stub(node) for node in _public(source))
    words = set(re.findall(r"\w+", written))
    used = [name for name in TYPES if name in words]
    alias = f"\n{BODY} = dict[str, Any]\n" if BODY in words else ""
    head = HANDLERS.format(typing="TYPE_CHECKING, Any" if alias else "TYPE_CHECKING", runtime=", ".join(used))
    return head + alias + written


def _public(source: str) -> list[ast.AsyncFunctionDef]:
    found = [node for node in ast.parse(source).body if isinstance(node, ast.AsyncFunctionDef)]
    return [node for node in found if not node.name.startswith("_")]


def _stub(node: ast.AsyncFunctionDef) -> str:
    told = ast.get_docstring(node) or ""
    noqa = "  # noqa: A002 - the parameter's name" if any(one.arg == "id" for one in node.args.args) else ""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    arguments = ASSIGNED.sub(" = ", ast.unparse(node.args))  # the parser's own spelling has no blanks there
    head = f"async def {node.name}({arguments}){returns}:{noqa}"
    return f'\n\n{head}\n    """{told}"""\n    raise Problem("not-implemented")\n'


# The checklist


def checklist(answers: Project, source: Path) -> str:
    """Return what is left to do: by stage, the room's own operations, and every requirement of the service."""
    own = {node.name for node in _public((source / "handlers.py").read_text(encoding="utf-8"))}
    operations = list(spec(answers.service).operations.values())
    rules = [one for one in requirements(answers.service) if not one.retired]
    language = _language(answers)
    lines = [f"# {text('scaffold.checklist', lang=language)}", "", text("scaffold.checklist-how", lang=language)]
    for stage in sorted({one.stage for one in operations} | {one.stage for one in rules}):
        lines += ["", f"## {text('scaffold.checklist-stage', lang=language, stage=stage)}", ""]
        lines += [_operation(one) for one in operations if one.stage == stage and snake(one.id) in own]
        lines += _requirements([one for one in rules if one.stage == stage], language)
    return "\n".join(lines) + "\n"


def _operation(one: Operation) -> str:
    return f"- [ ] `{snake(one.id)}`: {one.method.upper()} `{one.path}`"


def _requirements(rules: list[Requirement], language: str) -> Iterator[str]:
    for one in rules:
        yield f"- [ ] `{one.id}` ({one.level}): {' '.join((one.text.get(language) or one.text['en']).split())}"


def _language(answers: Project) -> str:
    from istmo.spec import profile  # noqa: PLC0415 - a checklist alone asks for it

    return profile(answers.country).language
