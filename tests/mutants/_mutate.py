"""Every small change of a module: one comparison, one condition, one number, one answer at a time."""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from istmo.spec import slugs
from tests.wrong_services._gallery import HOST

SERVICES = Path(__file__).parents[2] / "services"
ROOMS = "istmo_services"
# The modules whose faults a person would pay for, and where the suite asks about them first.
TARGETS: dict[str, tuple[str, ...]] = {
    **{f"{ROOMS}.{slug}.rules": (f"{slug}/",) for slug in slugs() if (SERVICES / ROOMS / slug / "rules.py").is_file()},
    "istmo.runtime.cases._table": ("common/transitions", "common/actions", "common/history", "common/rights"),
    "istmo.runtime.cases._machine": (
        "common/transitions",
        "common/actions",
        "common/conditional",
        "common/decisions",
        "common/drafts",
        "common/history",
        "common/mandates",
        f"{HOST}/",
    ),
    "istmo.runtime.fees": ("common/fees", "common/quotes", "common/money", f"{HOST}/fees"),
    "istmo.runtime.identity": ("common/tokens", "common/challenges", "common/authentication", "common/rights"),
    "istmo.runtime.mandates": ("common/mandates", "common/privacy"),
}
SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One changed place of one module."""

    module: str
    function: str
    line: int
    change: str
    index: int

    @property
    def name(self) -> str:
        """How the mutant is called, also as an attribute of `tests.mutants.apps`."""
        return f"{self.module.replace('.', '__')}__at__{self.index}"

    @property
    def slug(self) -> str:
        """The service that is judged: the one whose rules were changed, or that on which the kernel is judged."""
        place, _, room = self.module.removesuffix(".rules").partition(".")
        return room if place == ROOMS else HOST

    @property
    def title(self) -> str:
        """What was changed, independent of where the line stands."""
        return f"{self.module.removeprefix('istmo.runtime.')}:{self.function}: {self.change}"


def path_of(module: str) -> Path:
    """The file of a module."""
    return SERVICES / Path(*module.split(".")).with_suffix(".py")


@lru_cache
def _tree(module: str) -> ast.Module:
    return ast.parse(path_of(module).read_text(encoding="utf-8"))


def mutants(module: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    found = []
    for index, (node, function) in enumerate(_places(_tree(module))):
        before, after = ast.unparse(node), ast.unparse(_changed(node))
        found.append(Mutant(module, function, node.lineno, f"{before[:70]} => {after[:70]}", index))
    return found


def source(module: str, index: int) -> ast.Module:
    """The module with one place changed."""
    tree = copy.deepcopy(_tree(module))
    wanted, _ = list(_places(tree))[index]
    replacement = _changed(wanted)

    class Replacing(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return replacement if node is wanted else self.generic_visit(node)

    Replacing().visit(tree)
    return ast.fix_missing_locations(tree)


def _places(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """The expressions inside functions that can be changed; annotations and texts are left alone."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in function.body:
                for node in ast.walk(statement):
                    if isinstance(node, ast.expr) and _changeable(node):
                        yield node, function.name


def _changeable(node: ast.expr) -> bool:
    if isinstance(node, ast.Compare):
        return len(node.ops) == 1 and type(node.ops[0]) in SWAPPED
    if isinstance(node, ast.BinOp):
        return type(node.op) in SWAPPED and not any(
            isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
            for side in (node.left, node.right)
        )
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bool | int)
    return isinstance(node, ast.BoolOp | ast.IfExp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def _changed(node: ast.expr) -> ast.expr:
    """The expression with its one change."""
    new = copy.deepcopy(node)
    if isinstance(new, ast.Compare):
        new.ops = [_swap(new.ops[0])]  # type: ignore[list-item] # the table keeps the kinds apart
    elif isinstance(new, ast.BoolOp | ast.BinOp):
        new.op = _swap(new.op)  # type: ignore[assignment] # the table keeps the kinds apart
    elif isinstance(new, ast.IfExp):
        new.body, new.orelse = new.orelse, new.body
    elif isinstance(new, ast.UnaryOp):
        return new.operand
    elif isinstance(new, ast.Constant):
        new.value = (not new.value) if isinstance(new.value, bool) else int(str(new.value)) + 1
    return new


def _swap(operator: ast.AST) -> ast.AST:
    return SWAPPED[type(operator)]()


def sample(size: int) -> list[Mutant]:
    """As many mutants of each module as its share of all, always the same ones; 0 for all of them."""
    known = {module: mutants(module) for module in TARGETS}
    total = sum(map(len, known.values()))
    chosen: list[Mutant] = []
    for found in known.values():
        share = len(found) if not size else max(1, round(size * len(found) / total))
        chosen += sorted(found, key=lambda one: hashlib.sha256(one.title.encode()).digest())[:share]
    return chosen
