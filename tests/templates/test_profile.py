"""A profile from the template is in order as it is, asks for what is unknown, and serves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests import nation
from tests.istmo.runtime.host import Host
from tests.templates.checkout import copied, run

from istmo import texts
from istmo.cli import main
from istmo.errors import KitError
from istmo.paths import data
from istmo.runtime import National
from istmo.scaffold import find, make
from istmo.spec import load_yaml, over, profile

PROFILE = find("profile")
CUBA = {
    "country": "CU", "name_en": "Cuba", "name_es": "Cuba", "alpha3": "CUB", "numeric": "192", "language": "es",
    "time_zone": "America/Havana", "currency": "CUP", "currency_numeric": "192",
}  # fmt: skip
BAHAMAS = {
    "country": "BS", "name_en": "The Bahamas", "name_es": "Las Bahamas", "alpha3": "BHS", "numeric": "044",
    "language": "en", "time_zone": "America/Nassau", "currency": "BSD", "currency_numeric": "044",
}  # fmt: skip
CAPITAL = {"country": "HN", "municipality": "0801", "name_en": "Distrito Central", "subdivision": "HN-FM"}
# Taken over until the country says its own; the file asks for them in comments.
TAKEN_OVER = {"fees", "services", "everyService", "commonSchemes", "formerCurrencies"}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_LANG", "en")
    texts.use(None)


def made(given: dict[str, str], folder: Path) -> Path:
    return make(PROFILE, PROFILE.answered(given), folder)


@pytest.mark.parametrize("given", [CUBA, BAHAMAS], ids=["CU", "BS"])
def test_the_profile_of_a_country_is_in_order(
    given: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = made(given, tmp_path) / f"{given['country']}.yaml"

    assert main(["profile", "check", str(file)]) == 0
    assert "nothing is wrong" in capsys.readouterr().out
    found = load_yaml(file)
    assert found["country"]["value"] == given["country"]
    assert found["defaultLanguage"]["value"] == found["languages"]["value"][0] == given["language"]


def test_every_part_of_a_profile_is_said_or_asked_for(tmp_path: Path) -> None:
    schema = json.loads((data("specs") / "standard/schemas/profile.schema.json").read_text(encoding="utf-8"))
    text = (made(CUBA, tmp_path) / "CU.yaml").read_text(encoding="utf-8")
    found, known = yaml.safe_load(text), profile("XX").document

    assert set(schema["properties"]) - TAKEN_OVER == set(found)
    for part in ("flags", "taxes", "instruments", "personas"):
        assert set(schema["properties"][part]["properties"]) - {"gov-system"} == set(found[part]), part
    assert set(known["authorities"]) == set(found["authorities"])
    asked = re.findall(r"^# ([a-zA-Z]+):$", text, re.MULTILINE)
    assert asked == ["fees", "everyService"]


def test_what_nobody_has_said_is_asked_for(tmp_path: Path) -> None:
    text = (made(CUBA, tmp_path) / "CU.yaml").read_text(encoding="utf-8")
    lines = text.splitlines()
    flags = [n for n in range(lines.index("flags:"), len(lines)) if re.match(r" +\w+: \{value: null", lines[n])]

    assert len(flags) > 15
    assert [lines[n] for n in flags if "# QUESTION" not in lines[n - 1]] == []
    assert "see specs/standard" not in text, "each decision has a question of its own"
    known = ("confidence: verified", "confidence: seen,", "confidence: seen\n")
    assert not any(word in line for line in lines if not line.startswith("#") for word in known)


def test_the_reference_serves_a_country_that_has_just_joined(tmp_path: Path) -> None:
    kit = copied(tmp_path / "kit")
    file = made(CUBA, tmp_path) / "CU.yaml"
    (kit / "specs" / "profiles" / "CU.yaml").write_bytes(file.read_bytes())

    # All but the end of a case, which needs every value that a service has: a selection is never a whole verdict.
    words = ("--reference", "civil_certificates", "--country", "CU", "--output", str(tmp_path / "reports"))
    run(kit, "istmo", "check", *words, "--select", "common/description", "--select", "common/journey", code=3)

    found = json.loads((tmp_path / "reports" / "report.json").read_text(encoding="utf-8"))
    assert {row["verdict"] for row in found["scenarios"] if row["verdict"] != "not-run"} <= {"pass", "skip"}
    assert [row["id"] for row in found["scenarios"] if row["verdict"] == "pass"]


@pytest.mark.slow
@pytest.mark.parametrize("given", [CUBA, BAHAMAS], ids=["CU", "BS"])
def test_the_reference_conforms_in_a_country_that_has_just_joined(given: dict[str, str], tmp_path: Path) -> None:
    kit = copied(tmp_path / "kit")
    name = f"{given['country']}.yaml"
    (kit / "specs" / "profiles" / name).write_bytes((made(given, tmp_path) / name).read_bytes())

    said = run(kit, "istmo", "check", "--reference", "civil_certificates", "--country", given["country"],
               "--output", str(tmp_path / "reports"))  # fmt: skip

    assert "CONFORMANT" in said


def test_a_municipality_refines_its_country(tmp_path: Path) -> None:
    own = load_yaml(made(CAPITAL, tmp_path) / "profile.yaml")
    refined = over(profile("HN"), own)

    assert refined.authority("civil_certificates")["name"]["es"] == "Distrito Central"
    (office,) = refined.service("civil_certificates")["offices"]
    assert office["address"]["municipality"] == {"code": "0801", "name": "Distrito Central"}
    assert refined.fees("civil_certificates") == profile("HN").fees("civil_certificates")
    whole = tmp_path / "HN.yaml"
    whole.write_text(yaml.safe_dump(dict(refined.document), allow_unicode=True), encoding="utf-8")
    assert main(["profile", "check", str(whole)]) == 0


def test_a_service_is_served_in_the_name_of_a_municipality(tmp_path: Path) -> None:
    place = nation.folder(tmp_path / "national")
    (place / "profile.yaml").write_bytes((made(CAPITAL, tmp_path) / "profile.yaml").read_bytes())

    host = Host(nation.service(National(place)), country="HN")
    answer = host.do(host.client.get("/civil-certificates/v1/"))
    host.close()

    told: Any = answer.json()
    assert told["competentAuthority"] == {"identifier": "HN-0801", "name": "Distrito Central"}
    assert told["spatial"] == ["HN"]


@pytest.mark.parametrize("given", [CUBA, CAPITAL], ids=["country", "municipality"])
def test_plain_cookiecutter_gives_the_same(given: dict[str, str], tmp_path: Path) -> None:
    ours = made(given, tmp_path / "ours")
    command = [str(Path(sys.executable).with_name("cookiecutter")), str(data("templates") / "profile"), "--no-input"]
    words = ["--output-dir", str(tmp_path / "theirs"), *(f"{k}={v}" for k, v in given.items())]

    done = subprocess.run(
        [*command, *words], capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "ISTMO_LANG": "en"},
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    theirs = tmp_path / "theirs" / ours.name
    assert {path.name: path.read_bytes() for path in ours.iterdir()} == {
        path.name: path.read_bytes() for path in theirs.iterdir()
    }


@pytest.mark.parametrize("given", [CUBA, BAHAMAS, CAPITAL], ids=["CU", "BS", "municipality"])
def test_the_pages_name_files_that_are_there(given: dict[str, str], tmp_path: Path) -> None:
    folder = made(given, tmp_path)

    names = {path.name for path in folder.iterdir()}
    other = "es" if given.get("language") == "en" else "en"
    assert names == {"README.md", f"README.{other}.md", "profile.yaml" if "municipality" in given else f"{given['country']}.yaml"}
    for page in folder.glob("*.md"):
        for name in re.findall(r"(?:check|cp) (\S+\.yaml)", page.read_text(encoding="utf-8")):
            assert name in names


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({**CUBA, "country": "CUB"}, "country"), ({**CUBA, "alpha3": "CU"}, "alpha3"), ({**CUBA, "numeric": "19"}, "numeric"),
        ({**CUBA, "time_zone": "Havana"}, "time_zone"), ({**CUBA, "language": "fr"}, "language"),
        ({**CUBA, "currency": "peso"}, "currency"), ({**CUBA, "subdivision": "HN-01"}, "subdivision"),
        ({**CUBA, "name_es": "{{ 7 }}"}, "name_es"), ({**CAPITAL, "municipality": "08/01"}, "municipality"),
        ({**CAPITAL, "subdivision": "HN-99"}, "subdivision"), ({**CAPITAL, "service": "nothing"}, "service"),
        ({"country": "CU"}, "name_en"), ({"country": "HN", "name_en": "Honduras"}, "municipality"),
        ({"country": "HN", "municipality": "0801", "name_en": "Distrito Central"}, "subdivision"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_is_refused(given: dict[str, str], name: str) -> None:
    with pytest.raises(KitError, match=rf"\b{name}\b") as refused:
        PROFILE.answered(given)

    assert refused.value.hint


def test_a_municipality_of_a_country_that_the_kit_does_not_know_is_refused() -> None:
    with pytest.raises(KitError) as refused:
        PROFILE.answered({**CUBA, "municipality": "23"})

    assert refused.value.code == "unknown-country"
