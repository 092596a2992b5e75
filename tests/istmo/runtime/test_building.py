"""What is missing, surplus or unsafe fails when the application is built, with a hint."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests import production
from tests.istmo.runtime import notes
from tests.istmo.runtime.host import Host

from istmo import rooms
from istmo.errors import KitError
from istmo.runtime.clock import Clock
from istmo.runtime.issuer import Issuer
from istmo.runtime.router import Router
from istmo.runtime.settings import Settings, load
from istmo.runtime.work import Work
from istmo.spec import Spec


def handlers(**changed: object) -> SimpleNamespace:
    found = {name: value for name, value in vars(notes.HANDLERS).items() if changed.get(name, value) is not None}
    return SimpleNamespace(**{**found, **{name: value for name, value in changed.items() if value is not None}})


def test_a_missing_handler_fails_the_build() -> None:
    with pytest.raises(KitError, match="getNote"):
        Host(notes.service(handlers(get_note=None)))


def test_a_surplus_handler_fails_the_build() -> None:
    async def get_notes(_: Work) -> None:
        """Serve nothing that the specification knows."""

    with pytest.raises(KitError, match="get_notes"):
        Host(notes.service(handlers(get_notes=get_notes)))


def test_arguments_that_the_spec_does_not_know_fail_the_build() -> None:
    async def get_note(_: Work, note_id: str) -> None:
        """Ask for a parameter by another name."""
        raise AssertionError(note_id)

    with pytest.raises(KitError, match="note_id"):
        Host(notes.service(handlers(get_note=get_note)))


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_COUNTRY", "HN")
    monkeypatch.setenv("ISTMO_HOSTS", "a.example, b.example")
    monkeypatch.setenv("ISTMO_LIMIT_DEPTH", "12")
    found = load()
    assert (found.country, found.hosts, found.limits.depth) == ("HN", ("a.example", "b.example"), 12)
    monkeypatch.setenv("ISTMO_COUNTRY", "honduras")
    with pytest.raises(KitError, match="ISTMO_COUNTRY"):
        load()


def test_no_development_issuer_in_production(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="development issuer"):
        Issuer(load(**production.safe(tmp_path)), Clock())


def test_only_a_sandbox_moves_its_clock() -> None:
    clock = Clock(movable=True)
    clock.move(datetime(2030, 1, 1, tzinfo=UTC))
    assert clock.now().year == 2030
    clock.move(None)
    assert not clock.moved
    with pytest.raises(RuntimeError):
        Clock().move(datetime(2030, 1, 1, tzinfo=UTC))


def test_a_database_that_does_not_exist_yet_in_this_version() -> None:
    with pytest.raises(KitError, match="SQLite"):
        Host(database="mysql://localhost/notes")


def test_a_room_that_nobody_has() -> None:
    for slug in ("no_such_room", "../etc", "istmo"):
        with pytest.raises(KitError):
            rooms.load(slug)


def test_literal_paths_come_before_templates() -> None:
    router: Router[str] = Router()
    router.add("/a/{id}", "GET", "one")
    router.add("/a/searches", "POST", "search")
    router.add("/a/{id}/submit", "POST", "submit")
    found = router.find("/a/searches")
    assert found is not None
    assert found[0].allow == "POST"
    other = router.find("/a/7/submit")
    assert other is not None
    assert (other[0].methods, other[1]) == ({"POST": "submit"}, {"id": "7"})
    assert router.find("/a/") is None


def test_defaults_are_a_sandbox() -> None:
    assert Settings(_env_file=None).sandbox  # type: ignore[call-arg] # a parameter of pydantic-settings


def test_documents_of_its_own_are_served_in_the_language_of_the_caller() -> None:
    english, spanish = notes.document(), notes.document()
    spanish["info"]["title"] = "Notas"
    documents = {"en": Spec(english, "notes"), "es": Spec(spanish, "notes")}
    host = Host(replace(notes.service(), spec=documents))

    # The notes serve their contract at their root.
    served = {one: host.call("GET", "/", headers={"Accept-Language": one}) for one in ("en", "es")}

    assert {one: answer.json()["info"]["title"] for one, answer in served.items()} == {"en": "Notes", "es": "Notas"}
    host.close()


def test_documents_of_its_own_without_the_english_one_fail_the_build() -> None:
    documents = {"es": Spec(notes.document(), "notes")}

    with pytest.raises(KitError) as caught:
        Host(replace(notes.service(), spec=documents))

    assert caught.value.code == "no-english"
