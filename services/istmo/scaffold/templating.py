"""What a template of the kit sees besides its answers, also when plain `cookiecutter` renders it.

An answer is data. Cookiecutter itself would render an answer that is written like a template, so of every text that
does not come from a file of ours only the expressions that our own files use are let through.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment
from jinja2.ext import Extension

from istmo.errors import KitError
from istmo.scaffold.answers import Answers
from istmo.scaffold.templates import find
from istmo.texts import text

__all__ = ["KitExtension", "finish"]

EXPRESSION: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
OPENING: Final = re.compile(r"\{\{|\{%|\{#")
YES: Final = {"yes": True, "no": False, True: True, False: False}


class KitExtension(Extension):
    """Adds `checked` and `facts` to the templates; a template folder makes a subclass that says where it is."""

    template: str  # its name
    folder: Path  # where it lies

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["checked"] = self.checked  # type: ignore[index,unused-ignore] # any mapping
        environment.globals["facts"] = self.facts  # type: ignore[index,unused-ignore] # any mapping

    def checked(self, given: Mapping[str, Any]) -> str:
        """Return the folder that is made, once every answer was judged: nothing has been written by then."""
        return self._answers(given).folder

    def facts(self, given: Mapping[str, Any]) -> object:
        """Return what the files ask about the answers."""
        return find(self.template).facts(self._answers(given))

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

    def _answers(self, given: Mapping[str, Any]) -> Answers:
        try:
            return of_cookiecutter(self.template, given)
        except KitError as error:
            raise _refusal(error) from None


def of_cookiecutter(name: str, given: Mapping[str, Any]) -> Answers:
    """Return the answers as cookiecutter holds them: all texts, and names of its own beside them."""
    template = find(name)
    chosen = {one: given[one] for one in template.names if given.get(one) not in {None, ""}}
    chosen |= {one: YES.get(chosen[one], chosen[one]) for one in template.switches & chosen.keys()}
    answers: Answers = template.answered(chosen)
    return answers


def finish(name: str, given: Mapping[str, Any], made: Path) -> None:
    """Do what a command of the kit would do with a folder that `cookiecutter` has just rendered; its last hook."""
    template, answers = find(name), of_cookiecutter(name, given)
    template.fill(answers, made)
    if template.lay is not None:
        template.lay(answers, made, made.parent)
        shutil.rmtree(made)


def _refusal(error: KitError) -> Exception:
    """Return the error in the form that the command of cookiecutter tells without a traceback."""
    from cookiecutter.exceptions import FailedHookException  # noqa: PLC0415 - loaded by whoever renders

    refusal: Exception = FailedHookException(f"{error.code}: {error.message}. {error.hint}")
    refusal.__cause__ = error
    return refusal
