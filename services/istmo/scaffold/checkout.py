"""Lays a new room into a checkout of the kit: new files, a few lines in files that list rooms, and what is generated.

All of it or nothing: what was written is taken away again when a later step fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from istmo.errors import KitError
from istmo.scaffold.spec import Room
from istmo.spec import JSON, load_yaml
from istmo.texts import text

__all__ = ["inserted", "lay"]

VALUES: Final = "values"  # of the rendered folder: what goes into profiles
PLACES: Final = (
    "specs/standard/standard.yaml", "services/istmo_services", "conformance/features", "tests/wrong_services/gallery",
    "docs/index.md", "README.md", "services/istmo/spec/models.py",
)  # fmt: skip
INDEX, README = "docs/index.md", "README.md"
LISTED: Final = "$ istmo services\n"
TIMEOUT: Final = 300


def lay(answers: Room, made: Path, output: Path) -> Path:
    """Lay a rendered room into a checkout and return the folder of its specification."""
    root = _checkout(output)
    _free(answers, made, root)
    new = [path for path in sorted(made.rglob("*")) if path.is_file() and path.relative_to(made).parts[0] != VALUES]
    targets = {path: root / path.relative_to(made) for path in new}
    edited = {root / "specs" / "profiles" / path.name: path for path in (made / VALUES).glob("*.yaml")}
    edited = {target: path for target, path in edited.items() if target.is_file()}
    models = root / "services" / "istmo_services" / answers.slug / "models"
    with _undone([*targets.values()], [*edited, root / INDEX, root / README], models, root):
        for path, target in targets.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        for target, path in edited.items():
            _write(target, inserted(target.read_text("utf-8"), path.read_text("utf-8"), target.name))
        _write(root / INDEX, _indexed((root / INDEX).read_text("utf-8"), answers))
        _generate(answers, root, models)
    return root / "specs" / answers.slug


def _checkout(output: Path) -> Path:
    root = output.resolve()
    if not all((root / place).exists() for place in PLACES):
        raise KitError("no-checkout", text("scaffold.no-checkout", folder=root), text("scaffold.no-checkout-hint"))
    return root


def _free(answers: Room, made: Path, root: Path) -> None:
    """Refuse a slug or a code that another room has, and a file that is there."""
    for path in sorted((root / "specs").glob("*/service.yaml")):
        entry = load_yaml(path, trusted=True)
        for name, value in (("slug", answers.slug), ("code", answers.code)):
            if entry.get(name) == value:
                taken = text("scaffold.taken", name=name, slug=entry["slug"])
                raise KitError("room-exists", taken, text("scaffold.taken-hint"))
    for path in sorted(made.rglob("*")):
        target = root / path.relative_to(made)
        if path.is_file() and os.path.lexists(target):
            raise KitError("room-exists", text("scaffold.exists", folder=target), text("scaffold.taken-hint"))


@contextmanager
def _undone(new: list[Path], edited: list[Path], models: Path, root: Path) -> Iterator[None]:
    """Put everything back as it was when the body fails."""
    before = {path: path.read_bytes() for path in edited}
    try:
        yield
    except BaseException as error:
        shutil.rmtree(models, ignore_errors=True)
        for path in new:
            path.unlink(missing_ok=True)
            _prune(path.parent, root)
        for path, content in before.items():
            if path.read_bytes() != content:
                path.write_bytes(content)
        if isinstance(error, OSError):
            reason = error.strerror or type(error).__name__
            told = text("scaffold.unwritable", folder=root, reason=reason)
            raise KitError("unwritable", told, text("scaffold.unwritable-hint")) from None
        raise


def _prune(folder: Path, root: Path) -> None:
    """Remove the folders that have become empty."""
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")


# ---------------------------------------------------------------------- lines in files that are there


def inserted(profile: str, values: str, name: str) -> str:
    """Return the text of a profile with more values at the ends of its parts; nothing that stands there is touched."""
    before, more = load_yaml(profile.encode(), trusted=True), load_yaml(values.encode(), trusted=True)
    lines = profile.splitlines()
    for part, block in _parts(values).items():
        told = {key: value for key, value in more[part].items() if key in before.get(part, {})}
        if told:  # such as the authority of a service that was foreseen
            continue
        at = _end(lines, part)
        if at is None:
            lines += [f"{part}:", *block]
        else:
            lines[at:at] = block
    made = "\n".join(lines) + "\n"
    expected = {**before, **{part: {**more[part], **before.get(part, {})} for part in more}}
    if _read(made) != expected:
        raise KitError("profile-text", text("scaffold.profile-text", file=name), text("scaffold.profile-text-hint"))
    return made


def _read(text: str) -> JSON:
    """Return what a text says; none when it is not in order."""
    try:
        return load_yaml(text.encode(), trusted=True)
    except KitError:
        return None


def _parts(values: str) -> dict[str, list[str]]:
    """Return the lines below each part of a document."""
    found: dict[str, list[str]] = {}
    for line in values.splitlines():
        if line[:1].strip():
            found[line.rstrip(":")] = block = []
        else:
            block.append(line)
    return found


def _end(lines: list[str], part: str) -> int | None:
    """Return where the lines of a part end; none when the document has no such part."""
    start = next((n for n, line in enumerate(lines) if line == f"{part}:"), None)
    if start is None:
        return None
    return next((n for n in range(start + 1, len(lines)) if lines[n][:1].strip()), len(lines))


def _indexed(index: str, answers: Room) -> str:
    """Return the first page of the documentation with one more service in its table."""
    row = (
        f"| {answers.title_en} | [{answers.slug}](../specs/{answers.slug}/README.md) "
        f"| [features](../conformance/features/{answers.slug}) |"
    )
    rows = index.splitlines()
    last = max((n for n, line in enumerate(rows) if "](../conformance/features/" in line), default=None)
    if last is None:
        raise KitError("checkout", text("scaffold.template", file=INDEX, what="services"), text("scaffold.index-hint"))
    return "\n".join([*rows[: last + 1], row, *rows[last + 1 :]]) + "\n"


# ---------------------------------------------------------------------- what is generated


def _generate(answers: Room, root: Path, models: Path) -> None:
    """Write the digests of the translation, the models, and the catalogue as the first page shows it."""
    models.mkdir()
    overlay = root / "specs" / answers.slug / "openapi.es.overlay.yaml"
    _run(root, "istmo.spec.overlay", "digest", str(overlay))
    _run(root, "istmo.spec.models")
    listed = _run(root, "istmo", "services", "--lang", "en")
    readme = (root / README).read_text("utf-8")
    head, found, rest = readme.partition(LISTED)
    if found:
        _write(root / README, head + found + listed.rstrip() + "\n```" + rest.partition("\n```")[2])


def _run(root: Path, *words: str) -> str:
    """Run a module of the checkout, not of the kit that runs here."""
    path = os.pathsep.join(str(root / place) for place in ("services", "conformance"))
    done = subprocess.run(  # noqa: S603 - modules of the kit with fixed words
        [sys.executable, "-m", *words], cwd=root, env={**os.environ, "PYTHONPATH": path}, capture_output=True,
        text=True, check=False, timeout=TIMEOUT,
    )  # fmt: skip
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise KitError("generate", text("scaffold.generate", command=" ".join(words[:2]), said="".join(said)[:300]),
                       text("scaffold.generate-hint"))  # fmt: skip
    return done.stdout
