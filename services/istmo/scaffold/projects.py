"""Makes a project: rendered in a folder of its own, filled, and moved to its place whole, or nothing at all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from istmo.errors import KitError
from istmo.paths import data
from istmo.scaffold.answers import Answers
from istmo.texts import text

__all__ = ["fill", "make", "render"]

TEMPLATE: Final = "service"
MODULE: Final = "istmo_service_template"
README: Final = "README"


def make(answers: Answers, output: Path) -> Path:
    """Make the project below a folder, and return where it lies."""
    target = _free(output, answers.project)
    with _scratch(output) as scratch, _told(target):
        made = render(answers, scratch)
        made.rename(target)
    return target


def render(answers: Answers, folder: Path) -> Path:
    """Render and fill a project below a folder; the return value is its place."""
    from cookiecutter.generate import generate_context, generate_files  # noqa: PLC0415 - costly: only when rendering

    with tempfile.TemporaryDirectory(prefix="istmo-template-") as copied:
        source = Path(copied) / TEMPLATE
        # Installers compile the template's modules: what they leave must not get into a project.
        shutil.copytree(data("templates") / TEMPLATE, source, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        given: dict[str, Any] = {**answers.document(), "bare": "yes" if answers.bare else "no"}
        context = generate_context(context_file=str(source / "cookiecutter.json"), extra_context=given)
        context["cookiecutter"] |= given  # a choice would be a list of which the first is meant
        with _importable(source):
            made = Path(generate_files(str(source), context, str(folder), accept_hooks=False))
    fill(answers, made)
    return made


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let the template's own module be found while it is rendered, as the command of cookiecutter does."""
    kept = list(sys.path)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = kept
        sys.modules.pop(MODULE, None)


def fill(answers: Answers, project: Path) -> None:
    """Add to a rendered project what is not in the template: room, contract, fixtures, deployment, kit, record."""
    from istmo.scaffold import deployment, record, room  # noqa: PLC0415 - a refused answer needs none of them
    from istmo.scaffold.facts import Facts  # noqa: PLC0415 - as above
    from istmo.spec import vendor  # noqa: PLC0415 - as above

    it = Facts(answers)
    room.lay(answers, project)
    folder = project / "src" / answers.package / answers.service / "national"
    vendor(answers.service, folder)
    fixtures = data("specs") / answers.service / "fixtures.yaml"
    if fixtures.is_file():
        shutil.copyfile(fixtures, folder / "fixtures.yaml")
    deployment.lay(answers, project, it.kit)
    if it.kit.wheel is not None:
        shutil.copyfile(it.kit.wheel, project / "vendor" / it.kit.wheel.name)
    (project / f"{README}.{it.language}.md").rename(project / f"{README}.md")
    record.write(answers, it.kit, project)


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
