"""What the running kit would change in a project that an older one has made.

Three versions of each file are compared: as it was made (the base in the record), as it is now, and as this kit would
make it. What only the kit changed is taken, what only the nation changed stays, what both changed is merged by lines;
where the same lines were changed the nation's stay, and the kit's version is laid beside them.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from istmo.errors import KitError
from istmo.scaffold import projects, record
from istmo.scaffold.kit import running
from istmo.scaffold.service import TEMPLATE
from istmo.texts import text

__all__ = ["Change", "Plan", "apply", "plan"]

BESIDE: Final = ".istmo-new"  # ends the name of the kit's version of a file that could not be merged
TIMEOUT: Final = 60


@dataclass(frozen=True)
class Change:
    """One file that this kit would make otherwise: what it is now, what it would be, and how that comes about.

    `kind` is added, changed, merged, removed; or conflict and kept, which leave the file as it is.
    """

    path: str
    kind: str
    now: bytes | None
    then: bytes | None


@dataclass(frozen=True)
class Plan:
    """Everything that would change, and the requirements that the standard has changed since."""

    before: record.Record
    kit: str
    changes: tuple[Change, ...]
    requirements: Mapping[str, tuple[str, ...]]  # ids by added, changed, retired
    diff: str

    @property
    def conflicts(self) -> tuple[Change, ...]:
        """The files in which the nation and the kit changed the same lines."""
        return tuple(one for one in self.changes if one.kind == "conflict")


def plan(project: Path) -> Plan:
    """Return what the running kit would change in a project; nothing is written there."""
    before = record.read(project)
    with tempfile.TemporaryDirectory(prefix="istmo-upgrade-") as folder:
        made = projects.render(TEMPLATE, before.answers, Path(folder))
        after = record.read(made)
    changes = tuple(_changes(project, before.files, after.files))
    return Plan(before, running().version, changes, _touched(before.requirements, after.requirements), _diff(changes))


def _changes(project: Path, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[Change]:
    for path in sorted({*old, *new}):
        before, after = old.get(path), new.get(path)
        if before == after:
            continue
        file = project / path
        now = file.read_bytes() if file.is_file() else None
        if now == after:
            continue
        if now == before:
            kind = "removed" if after is None else "added" if before is None else "changed"
            yield Change(path, kind, now, after)
        elif now is None or after is None:
            yield Change(path, "kept", now, now)  # the nation removed it, or changed what the kit gave up
        else:
            merged = _merged(now, before or b"", after)
            yield Change(path, "conflict", now, after) if merged is None else Change(path, "merged", now, merged)


def _merged(now: bytes, before: bytes, after: bytes) -> bytes | None:
    """Return a file with the changes of both sides, or none when they touch the same lines."""
    with tempfile.TemporaryDirectory(prefix="istmo-merge-") as folder:
        names = []
        for name, content in (("now", now), ("before", before), ("after", after)):
            (Path(folder) / name).write_bytes(content)
            names.append(name)
        done = _git("merge-file", "--stdout", "--quiet", *names, folder=folder)
    return done.stdout if done.returncode == 0 else None


def _diff(changes: tuple[Change, ...]) -> str:
    """Return the changes as git writes them, to be read, or applied with `git apply`."""
    with tempfile.TemporaryDirectory(prefix="istmo-diff-") as folder:
        for side in ("a", "b"):
            (Path(folder) / side).mkdir()
        for one in changes:
            if one.kind not in {"conflict", "kept"}:
                for side, content in (("a", one.now), ("b", one.then)):
                    if content is not None:
                        place = Path(folder) / side / one.path
                        place.parent.mkdir(parents=True, exist_ok=True)
                        place.write_bytes(content)
        done = _git(
            "diff", "--no-index", "--no-prefix", "--no-color", "--no-ext-diff", "--binary", "a", "b", folder=folder
        )
    return done.stdout.decode("utf-8", "replace")


def _git(*words: str, folder: str) -> subprocess.CompletedProcess[bytes]:
    git = shutil.which("git")
    if git is None:
        raise KitError("not-installed", text("scaffold.no-git"), text("scaffold.no-git-hint"))
    return subprocess.run([git, *words], cwd=folder, capture_output=True, check=False, timeout=TIMEOUT)  # noqa: S603 - fixed words


def _touched(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {
        "added": tuple(sorted(new.keys() - old.keys())),
        "changed": tuple(sorted(one for one in new.keys() & old.keys() if new[one] != old[one])),
        "retired": tuple(sorted(old.keys() - new.keys())),
    }


def apply(project: Path, planned: Plan) -> None:
    """Write the changes: everything is laid ready first, so that a full disk is noticed before a file changes.

    An upgrade that was interrupted is simply run again: what has been changed already is no change any more.
    """
    answers = planned.before.answers
    try:
        with tempfile.TemporaryDirectory(prefix="upgrade-", dir=project / record.FOLDER) as folder:
            made = projects.render(TEMPLATE, answers, Path(folder) / "made")
            ready = Path(folder) / "ready"
            for one in planned.changes:
                _stage(one, ready)
            for one in planned.changes:
                _take(one, ready, project, made)
            _kit(made, project)
            for path in sorted((made / record.FOLDER).iterdir(), reverse=True):  # the record last
                path.replace(project / record.FOLDER / path.name)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise KitError("unwritable", text("scaffold.unwritable", folder=project, reason=reason),
                       text("scaffold.half-hint")) from None  # fmt: skip


def _stage(change: Change, ready: Path) -> None:
    if change.then is not None and change.kind != "kept":
        place = ready / change.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(change.then)


def _take(change: Change, ready: Path, project: Path, made: Path) -> None:
    """Move one file to its place; its mode is that of the kit's file."""
    target = project / change.path
    if change.kind == "kept":
        return
    if change.kind == "removed":
        target.unlink(missing_ok=True)
        return
    if change.kind == "conflict":
        target = target.with_name(target.name + BESIDE)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copymode(made / change.path, ready / change.path)
    (ready / change.path).replace(target)


def _kit(made: Path, project: Path) -> None:
    """Replace the wheel of the older kit by that of this one."""
    new = {path.name: path for path in (made / "vendor").glob("istmo-*.whl")}
    for path in new.values():
        path.replace(project / "vendor" / path.name)
    for path in (project / "vendor").glob("istmo-*+kit.*.whl"):
        if path.name not in new:
            path.unlink()
