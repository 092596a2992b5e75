"""A national project as the guide shows it: what stands in the page is what is built."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from istmo import rooms
from istmo.runtime import National, Problem, Service, create_app
from istmo.runtime.app import Application
from istmo.runtime.binding import handlers_of
from istmo.runtime.service import ServiceContext
from istmo.runtime.settings import load
from istmo.spec import Profile, Spec, vendor

SLUG = "civil_certificates"
PAGE = Path(__file__).parents[1] / "docs/guides/national-additions.md"
BLOCK = re.compile(r"^`([a-z.]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


@cache
def blocks() -> dict[str, str]:
    """The files of the page by name."""
    return dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))


def program(name: str) -> dict[str, Any]:
    """What a program of the page defines."""
    found: dict[str, Any] = {"__name__": name}
    exec(compile(blocks()[name], str(PAGE), "exec"), found)
    return found


@cache
def _vendored() -> tuple[tuple[str, bytes], ...]:
    with tempfile.TemporaryDirectory() as folder:
        return tuple((path.name, path.read_bytes()) for path in vendor(SLUG, Path(folder)))


def folder(place: Path, **files: object) -> Path:
    """Write a national folder: the vendored part and the files given, such as `overlay_yaml`."""
    place.mkdir(parents=True, exist_ok=True)
    for name, content in _vendored():
        (place / name).write_bytes(content)
    for name, told in files.items():
        path = place / name.replace("_", ".")
        path.write_text(told if isinstance(told, str) else json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return place


def shown(place: Path) -> Path:
    """Write the national folder of the page."""
    names = ("overlay.yaml", "overlay.es.yaml", "profile.yaml", "schema.json")
    return folder(place, **{name.replace(".", "_"): blocks()[name] for name in names})


def service(national: National, *more: Any, **changes: Any) -> Service:
    """The reference room with a national folder, and handlers beside its own."""
    room = rooms.load(SLUG)
    own = handlers_of(room.handlers) | {handler.__name__: handler for handler in more}
    told = {"cases": room.cases, "collections": room.collections, "seed": room.seed, **changes}
    return Service(SLUG, SimpleNamespace(**own), national=national, **told)


def honduras(place: Path, **changes: Any) -> Service:
    """The service of the page."""
    refused = changes.pop("refused", program("additions.py")["refused"])
    handler = program("handlers.py")["list_consulates"]
    return service(National(shown(place), refused=refused), handler, **changes)


def demands(operation_id: str, body: dict[str, Any], _today: date, _country: Profile) -> Problem | None:
    """A rule that no country may have: everybody says where the certificate is collected."""
    if operation_id == "createRequest" and "consulate" not in body.get("national", {}):
        return Problem("rule-violated", rule="hn/consulate-needed")
    return None


def _app(**changes: Any) -> Application:
    with tempfile.TemporaryDirectory() as place:  # what is in it has been read when the application stands
        settings = load(database="sqlite:///:memory:", country="HN", log=False)
        return create_app(honduras(Path(place), **changes), settings=settings)


def kept() -> Application:
    """The service of the page, for `istmo check --app tests.nation:kept`."""
    return _app()


def demanding() -> Application:
    """The service of the page, which asks everybody for what the country added."""
    return _app(refused=demands)


def eight_days() -> Application:
    """A service that answers within eight days, where the kit's profile says another number."""
    with tempfile.TemporaryDirectory() as place:
        days = {"value": 8, "source": "a decree", "confidence": "seen"}
        national = National(folder(Path(place), profile_yaml={"services": {SLUG: {"processingDays": days}}}))
        return create_app(service(national), settings=load(database="sqlite:///:memory:", country="HN", log=False))


def unheld() -> Application:
    """The service of the page, which serves the schema of `national` and takes anything in its place."""

    def regional(context: ServiceContext) -> Spec:
        assert context.national_schema is not None  # read while its folder is there
        return context.spec

    with patch.object(ServiceContext, "held", property(regional)):
        return _app()
