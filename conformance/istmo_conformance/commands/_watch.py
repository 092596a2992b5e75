"""`istmo check --watch`: judge again whenever a file changes, each time in a fresh process, and tell what changed."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final, TypeAlias

from istmo import paths
from istmo.cli.output import safe, say
from istmo.errors import KitError
from istmo.texts import language, text
from istmo_conformance.commands import _again, _summary
from istmo_conformance.target import Target

JSON: TypeAlias = Any
# What a service is made of. A database or a log that it writes while it is judged must not start the next round.
ENDINGS: Final = (".yaml", ".yml", ".toml", ".csv", ".feature", ".j2", ".html")
PATIENCE: Final = 10  # seconds for a round to end after Ctrl-C
SHOWN: Final = 5


def run(target: Target, output: str, failed: Sequence[str] = ()) -> int:
    """Judge, if asked only what failed before, until somebody presses Ctrl-C."""
    try:
        import watchfiles
    except ImportError:
        message, hint = text("cli.watch.not-installed"), text("cli.watch.not-installed-hint")
        raise KitError("wrong-use", message, hint) from None

    watched, report = places(target), Path(output) / "report.json"
    say(text("cli.watch.watching", places=", ".join(map(str, watched))))
    last: JSON = None
    wanted = watchfiles.PythonFilter(ignore_paths=[Path(output).resolve()], extra_extensions=ENDINGS)
    try:
        # The first turn comes after the first pause, when changes are already being noticed: none is missed.
        for turn, changes in enumerate(
            watchfiles.watch(*watched, watch_filter=wanted, yield_on_timeout=True, rust_timeout=200, debounce=400)
        ):
            if turn and not changes:
                continue
            if changes:
                files = sorted({Path(path).name for _, path in changes})
                say(text("cli.watch.changed", files=", ".join(files[:SHOWN]) + (", …" if len(files) > SHOWN else "")))
            found = judged(report, failed)
            tell(last, found, Path(output))
            last = found or last
            sys.stdout.flush()
    except KeyboardInterrupt:
        say()
        say(text("cli.watch.ended"))
    return 0


def places(target: Target) -> list[Path]:
    """The folders whose files make up the service, and those of the specifications and the features."""
    if target.kind == "url":
        raise KitError("wrong-use", text("cli.watch.needs-files"), text("cli.watch.needs-files-hint"))
    modules = [target.address.partition(":")[0]]
    if target.kind == "reference":
        modules += [entry.value for entry in entry_points(group="istmo.rooms")]
    elif str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    found = [folder for module in modules for folder in _folders(module.partition(".")[0])]
    found += [paths.data("specs"), paths.data("conformance") / "features"]
    return sorted(set(found))


def _folders(package: str) -> Iterator[Path]:
    """The folder of a package, or the one in which a module lies: editors replace files, which ends a watch on one."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise KitError("app-import", text("cli.watch.no-module", module=package), text("cli.watch.no-module-hint"))
    inner = [Path(place).resolve() for place in spec.submodule_search_locations or ()]
    yield from inner or ([Path(spec.origin).resolve().parent] if spec.origin else [])


def judged(report: Path, failed: Sequence[str]) -> JSON:
    """The report of one round in a process of its own, or None when it gave none."""
    report.unlink(missing_ok=True)
    # What failed before is named here: each round writes over the report that told it.
    chosen = [word for scenario in failed for word in ("--select", scenario)]
    command = [sys.executable, "-m", "istmo", "check", *_again.typed({"watch", "form", "rerun"}), *chosen]
    child = subprocess.Popen(  # noqa: S603 - our own command with the words that were typed
        command, stdout=subprocess.DEVNULL, env={**os.environ, "ISTMO_LANG": language()}
    )
    try:
        child.wait()
    except KeyboardInterrupt:
        child.terminate()
        try:
            child.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        raise
    try:
        return json.loads(report.read_bytes())
    except (OSError, ValueError):
        return None


def tell(before: JSON, now: JSON, folder: Path) -> None:
    """Print a whole summary the first time, and only what changed from then on."""
    if now is None:
        say(text("cli.watch.broken"))
    elif before is None:
        _summary.show(now, [folder / "report.html"], again=_again.command())
    else:
        lines = changed(before, now)
        for line in lines or [text("cli.watch.same")]:
            say(f"  {line}")


def changed(before: JSON, now: JSON) -> list[str]:
    """The scenarios, requirements and the verdict that are not what they were, one line each."""
    lines: list[str] = []
    for kind in ("scenarios", "requirements"):
        old = {one["id"]: one["verdict"] for one in before[kind]}
        for one in now[kind]:
            word = old.get(one["id"])
            if word != one["verdict"]:
                first = text(f"word.{word}") if word else "-"
                why = f"  {safe(one['reason'])[:100]}" if kind == "scenarios" and one["verdict"] != "pass" else ""
                lines.append(f"{one['id']}: {first} → {text('word.' + one['verdict'])}{why}".replace("\n", " "))
    if before["verdict"] != now["verdict"]:
        words = [text(f"verdict.{one['verdict']}") for one in (before, now)]
        lines.append(f"{text('summary.verdict')}: {' → '.join(words)}")
    return lines
