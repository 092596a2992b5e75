"""Renders a template in a folder of its own, fills it, and moves it to its place whole, or nothing at all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from istmo.errors import KitError
from istmo.paths import data
from istmo.scaffold.answers import A, Template
from istmo.texts import text

__all__ = ["make", "render"]


def make(template: Template[A], answers: A, output: Path) -> Path:
    """Make what a template is for below a folder, or in it, and return where it lies."""
    if template.lay is not None:
        with tempfile.TemporaryDirectory(prefix="istmo-made-") as folder:
            return template.lay(answers, render(template, answers, Path(folder)), output)
    target = _free(output, answers.folder)
    with _scratch(output) as scratch, _told(target):
        made = render(template, answers, scratch)
        made.rename(target)
    return target


def render(template: Template[A], answers: A, folder: Path) -> Path:
    """Render and fill a template below a folder; the return value is its place."""
    from cookiecutter.generate import generate_context, generate_files  # noqa: PLC0415 - costly: only when rendering

    with tempfile.TemporaryDirectory(prefix="istmo-template-") as copied:
        source = Path(copied) / template.name
        # Installers compile the template's modules: what they leave must not get into a project.
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(data("templates") / template.name, source, ignore=ignored)
        given: dict[str, Any] = {
            name: ("yes" if value else "no") if name in template.switches else value
            for name, value in answers.document().items()
        }
        context = generate_context(context_file=str(source / "cookiecutter.json"), extra_context=given)
        context["cookiecutter"] |= given  # a choice would be a list of which the first is meant
        with _importable(source, f"istmo_{template.name}_template"):
            made = Path(generate_files(str(source), context, str(folder), accept_hooks=False))
    template.fill(answers, made)
    return made


@contextmanager
def _importable(folder: Path, module: str) -> Iterator[None]:
    """Let the template's own module be found while it is rendered, as the command of cookiecutter does."""
    kept = list(sys.path)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = kept
        sys.modules.pop(module, None)


def _free(output: Path, name: str) -> Path:
    """Return the place of a project, which must be free and really lie below the folder."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        real = output.resolve(strict=True)
    except OSError as error:
        raise _unwritable(output, error) from None
    target = real / name
    if target.parent != real or os.path.lexists(target):
        raise KitError("folder-exists", text("scaffold.exists", folder=target), text("scaffold.exists-hint"))
    return target


@contextmanager
def _scratch(output: Path) -> Iterator[Path]:
    """Yield a folder on the same file system, and take away whatever is left in it."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".istmo-", dir=output))
    except OSError as error:
        raise _unwritable(output, error) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(target, error) from None


def _unwritable(place: Path, error: OSError) -> KitError:
    reason = error.strerror or type(error).__name__
    return KitError(
        "unwritable", text("scaffold.unwritable", folder=place, reason=reason), text("scaffold.unwritable-hint")
    )
