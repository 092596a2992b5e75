"""Country profiles on the command line: shown with their sources, checked with exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from istmo import texts
from istmo.paths import data
from istmo.spec import countries

from .conftest import Done

Run = Callable[..., Done]
FOLDER = data("specs") / "profiles"


@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("code", countries())
def test_a_country_is_shown_with_its_sources(istmo: Run, code: str, lang: str) -> None:
    done = istmo("profile", "show", code, "--lang", lang)

    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].split() == [texts.text(f"cli.profile.{word}", lang=lang).split()[0] for word in
                                ("name", "value", "source")] + lines[0].split()[3:]  # fmt: skip
    assert any(line.startswith("timeZone ") and "America/" in line for line in lines)
    assert any(line.startswith("flags.taxation ") for line in lines)


def test_what_is_unknown_is_visibly_empty(istmo: Run) -> None:
    done = istmo("profile", "show", "hn", "flags.dueDay", "--lang", "en")

    (row,) = (line for line in done.out.splitlines() if line.startswith("flags.dueDay"))
    assert row.split() == ["flags.dueDay", "unknown"]
    assert "None" not in done.out
    assert "null" not in done.out


def test_a_part_is_shown_in_full_with_its_note(istmo: Run) -> None:
    done = istmo("profile", "show", "PA", "taxes.valueAdded", "--lang", "es")

    assert done.code == 0
    assert '{"code": "special-15", "percent": "15.0000", "validFrom": null, "validTo": null}' in done.out
    assert "nota: One page says 8" in done.out
    assert "taxes.income" not in done.out


def test_a_scheme_is_a_part(istmo: Run) -> None:
    done = istmo("profile", "show", "GT", "identifierSchemes.gt-cui", "--json")

    assert list(json.loads(done.out)) == ["identifierSchemes.gt-cui"]


def test_a_country_for_a_program(istmo: Run) -> None:
    told = json.loads(istmo("profile", "show", "SV", "--json").out)

    assert told["currencies"]["value"][0]["code"] == "USD"
    assert told["flags.taxation"] == {"value": None, "source": None, "asOf": None, "confidence": "unknown"}


def test_what_is_known_is_counted(istmo: Run) -> None:
    done = istmo("profile", "show", "HN", "XX", "--counts", "--json")
    told = json.loads(done.out)

    assert told["XX"]["fictitious"] > 90
    assert "unknown" not in told["XX"]
    assert told["HN"]["unknown"] > 20
    shown = istmo("profile", "show", "HN", "--counts").out.splitlines()
    assert shown[0].split() == [*shown[0].split()[:1], "verified", "seen", "general-knowledge", "low", "unknown",
                                "sandbox-placeholder", "fictitious"]  # fmt: skip
    assert shown[2].split()[0] == "HN"
    assert int(shown[2].split()[5]) == told["HN"]["unknown"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "HM"], "did you mean HN?"),
        (["show", "Q"], "known: BZ, CR, DO, GT, HN, NI, PA, SV, XX"),
        (["show", "HN", "taxs"], "did you mean taxes?"),
        (["show", "HN", "holiday"], "did you mean holidays?"),
        (["show", "HN", "taxes", "vat"], "istmo profile show --help"),
        (["show"], "istmo profile show --help"),
        (["check"], "istmo profile check --help"),
        (["chek"], "did you mean check?"),
        (["check", "/no/such/HN.yaml"], "check the path of the file"),
        (["check", "/"], "give a readable regular file"),
    ],
)
def test_wrong_use_is_told_with_a_way_out(istmo: Run, words: list[str], said: str) -> None:
    done = istmo("profile", *words, "--lang", "en")

    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("code", countries())
def test_the_profiles_of_the_standard_are_right(istmo: Run, code: str) -> None:
    done = istmo("profile", "check", str(FOLDER / f"{code}.yaml"), "--lang", "en")

    assert done.code == 0
    assert "nothing is wrong" in done.out


def broken(folder: Path) -> Path:
    path = folder / "HN.yaml"
    text = (FOLDER / "HN.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace('"340"', "340", 1).replace("timeZone:", "timezone:"), encoding="utf-8")
    return path


def test_a_wrong_profile_is_told_by_line_and_way_out(istmo: Run, tmp_path: Path) -> None:
    path = broken(tmp_path)

    english = istmo("profile", "check", str(path), "--lang", "en")
    spanish = istmo("profile", "check", str(path), "--lang", "es")

    assert (english.code, spanish.code) == (1, 1)
    line = 1 + path.read_text(encoding="utf-8").splitlines().index(next(
        one for one in path.read_text(encoding="utf-8").splitlines() if one.startswith("numeric:")))  # fmt: skip
    assert f"{path}:{line}: unquoted /numeric/value" in english.out
    assert "did you mean timeZone?" in english.out
    assert "¿quiso decir timeZone?" in spanish.out
    assert english.out.rstrip().endswith("3 findings")


def test_findings_for_a_program(istmo: Run, tmp_path: Path) -> None:
    done = istmo("profile", "check", str(broken(tmp_path)), "--json")
    told = json.loads(done.out)

    assert done.code == 1
    assert {one["code"] for one in told["findings"]} == {"missing", "unquoted", "unknown-key-near"}
    assert all(one.keys() == {"line", "pointer", "code", "message", "hint"} for one in told["findings"])


def test_what_a_file_says_cannot_drive_a_terminal(istmo: Run, tmp_path: Path) -> None:
    path = tmp_path / "HN.yaml"
    text = (FOLDER / "HN.yaml").read_text(encoding="utf-8")
    path.write_text(text + '"\\u001b[31mred": 1\n', encoding="utf-8")

    done = istmo("profile", "check", str(path))

    assert done.code == 1
    assert "\x1b" not in done.out


def test_the_word_costs_no_document_and_no_library() -> None:
    program = (
        "import sys; from istmo.cli import main; main(['profile', '--help']); main(['profile', 'show', '--help'])\n"
        "heavy = {'istmo.spec', 'yaml', 'jsonschema', 'jsonschema_rs', 'holidays', 'stdnum'} & sys.modules.keys()\n"
        "sys.exit(','.join(sorted(heavy)) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
