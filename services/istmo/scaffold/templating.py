"""What a template of the kit sees besides its answers, also when plain `cookiecutter` renders it.

An answer is data. Cookiecutter itself would render an answer that is written like a template, so of every text that
does not come from a file of ours only the expressions that our own files use are let through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment
from jinja2.ext import Extension

from istmo.errors import KitError
from istmo.scaffold.answers import Answers, answered, names
from istmo.scaffold.facts import Facts
from istmo.texts import text

__all__ = ["KitExtension"]

EXPRESSION: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
OPENING: Final = re.compile(r"\{\{|\{%|\{#")
YES: Final = {"yes": True, "no": False, True: True, False: False}


class KitExtension(Extension):
    """Adds `checked` and `facts` to the templates; a template folder makes a subclass that says where it is."""

    folder: Path  # of the template

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["checked"] = self.checked  # type: ignore[index,unused-ignore] # any mapping
        environment.globals["facts"] = self.facts  # type: ignore[index,unused-ignore] # any mapping

    def checked(self, given: Mapping[str, Any]) -> str:
        """Return the folder of the project, once every answer was judged: nothing has been written by then."""
        return self._answers(given).project

    def facts(self, given: Mapping[str, Any]) -> Facts:
        """Return what the templates ask about the answers."""
        return Facts(self._answers(given))

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Refuse a text that no file of the template holds and that is written like a template."""
        if filename is None and name is None:
            told = "".join(EXPRESSION.findall(source))
            if len(OPENING.findall(source)) != len(EXPRESSION.findall(source)) or not self._own(told):
                raise _refusal(
                    KitError(
                        "answer-unusable",
                        text("scaffold.answer-unusable", name="?"),
                        text("scaffold.signs-hint", most=0),
                    )
                )
        return source

    def _own(self, told: str) -> bool:
        known = self._expressions()
        return all(one in known for one in EXPRESSION.findall(told))

    def _expressions(self) -> frozenset[str]:
        texts = [(self.folder / "cookiecutter.json").read_text(encoding="utf-8")]
        texts += [path.read_text(encoding="utf-8") for path in (self.folder / "hooks").glob("*.py")]
        texts += [path.name for path in self.folder.rglob("*{{*")]
        return frozenset(found for one in texts for found in EXPRESSION.findall(one))

    @staticmethod
    def _answers(given: Mapping[str, Any]) -> Answers:
        try:
            return of_cookiecutter(given)
        except KitError as error:
            raise _refusal(error) from None


def of_cookiecutter(given: Mapping[str, Any]) -> Answers:
    """Return the answers as cookiecutter holds them: all texts, and names of its own beside them."""
    chosen = {name: given[name] for name in names() if given.get(name) not in {None, ""}}
    if "bare" in chosen:
        chosen["bare"] = YES.get(chosen["bare"], chosen["bare"])
    return answered(chosen)


def _refusal(error: KitError) -> Exception:
    """Return the error in the form that the command of cookiecutter tells without a traceback."""
    from cookiecutter.exceptions import FailedHookException  # noqa: PLC0415 - loaded by whoever renders

    refusal: Exception = FailedHookException(f"{error.code}: {error.message}. {error.hint}")
    refusal.__cause__ = error
    return refusal
