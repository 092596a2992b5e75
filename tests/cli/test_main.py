"""The manners of the command line: languages, suggestions, errors, and what it costs."""

from __future__ import annotations

import string
import subprocess
import sys
from collections.abc import Callable

import pytest

from istmo import texts
from istmo.cli import _main
from istmo.cli.table import COMMANDS
from istmo.errors import KitError, Undecided

from .conftest import Done

Run = Callable[..., Done]
WORDS = [
    [],
    *([word] for word in COMMANDS),
    *(["report", word] for word in ("show", "html", "junit", "badge")),
    *(["profile", word] for word in ("show", "check")),
]


def test_the_languages_say_the_same_things_with_the_same_values() -> None:
    english, spanish = (texts.catalogue(code) for code in ("en", "es"))

    assert english.keys() == spanish.keys()
    for key, sentence in english.items():
        fields = [{name for _, name, _, _ in string.Formatter().parse(one) if name} for one in (sentence, spanish[key])]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_every_command_explains_itself_with_examples(istmo: Run, words: list[str], lang: str) -> None:
    done = istmo(*words, "--help", "--lang", lang)

    assert done.code == 0
    assert texts.text("cli.examples", lang=lang) in done.out
    assert texts.text("cli.help-option", lang=lang) in done.out
    assert f"\n  istmo {' '.join(words[:1])}".rstrip() in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_without_a_word_the_help_is_shown(istmo: Run) -> None:
    done = istmo()

    assert done.code == 0
    assert "istmo demo" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], "did you mean check?"),
        (["report", "htm"], "did you mean html?"),
        (["check", "--servce", "x"], "did you mean --service?"),
        (["check", "--stage", "9"], "a number from 1 to 5"),
        (["check", "--format", "xml"], "known: text, json"),
        (["check", "--stage"], "--stage needs a value"),
        (["check"], "name exactly one thing to judge"),
        (["check", "http://127.0.0.1:9", "--app", "a:b"], "name exactly one thing to judge"),
        (["check", "http://127.0.0.1:9"], "--service is missing"),
        (["check", "http://127.0.0.1:9", "--country", "HN"], "--country is for --reference only"),
        (["check", "--reference", "civil_certificate"], "did you mean civil_certificates?"),
        (["serve", "civil-certificate"], "did you mean civil_certificates?"),
        (["serve", "--country", "ZZ"], "there is no profile of country ZZ"),
        (["serve", "--host", "0.0.0.0", "--port", "0"], "--public-sandbox"),
        (["idp", "--host", "0.0.0.0", "--port", "0"], "would let other machines mint tokens"),
        (["services", "more", "words"], "words too many"),
        (["report"], "COMMAND is missing"),
        (["report", "show"], "FILE is missing"),
        (["--lang", "fr"], "the kit speaks es and en"),
    ],
)  # fmt: skip
def test_wrong_words_get_one_message_and_a_hint(istmo: Run, words: list[str], said: str) -> None:
    done = istmo(*words)

    assert done.code == 2
    assert said in done.err
    assert done.err.startswith("istmo: error ")
    assert "Traceback" not in done.err


def test_spanish_wherever_it_is_asked_for(istmo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "¿quiso decir check?" in istmo("chek", "--lang=es").err

    texts.use(None)
    monkeypatch.setenv("ISTMO_LANG", "es_HN.UTF-8")

    assert "¿quiso decir check?" in istmo("chek").err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KitError("some-code", "what happened", "what to do"), 2, "error some-code: what happened\n  hint: what to do"),
        (Undecided("gone", "nobody there", ""), 3, "error gone: nobody there"),
        (RuntimeError("deep\nlines"), 2, "error unexpected: something unforeseen happened: RuntimeError: deep"),
        (KeyboardInterrupt(), 3, "error interrupted"),
        (KitError("odd", "\x1b[31mred", ""), 2, "�[31mred"),
    ],
)  # fmt: skip
def test_no_error_reaches_a_person_as_a_traceback(
    istmo: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    def failing(_: list[str]) -> int:
        raise error

    monkeypatch.setattr(_main, "run", failing)

    done = istmo("services")

    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert "Traceback" not in done.err


def test_the_traceback_is_there_for_those_who_ask(istmo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(words: list[str]) -> int:
        raise RuntimeError(words)

    monkeypatch.setattr(_main, "run", failing)
    monkeypatch.setenv("ISTMO_DEBUG", "1")

    assert "Traceback" in istmo("services").err


def test_a_missing_extra_is_named(istmo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "serve", "no_such_library.serve:command")

    done = istmo("serve")

    assert done.code == 2
    assert "no_such_library" in done.err
    assert "pip install 'istmo[services]'" in done.err


def test_a_reader_that_leaves_is_no_error_worth_a_word() -> None:
    command = [sys.executable, "-u", "-m", "istmo", "check", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert said == b""


HEAVY = ("fastapi", "starlette", "pydantic", "uvicorn", "jsonschema", "jsonschema_rs", "jinja2", "yaml", "pytest",
         "openapi_spec_validator", "httpx2", "rich", "click")  # fmt: skip


def test_help_imports_nothing_heavy() -> None:
    script = "import sys; from istmo.cli import main; main(['--help']); "
    script += f"print([name for name in {HEAVY} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_the_catalogue_for_people_and_programs(istmo: Run) -> None:
    import json

    assert "Civil" in istmo("services").out
    entries = json.loads(istmo("services", "--json", "--lang", "es").out)
    first = next(one for one in entries if one["slug"] == "civil_certificates")
    assert first["operations"] > 0
    assert first["requirements"] > 0
    assert set(first["titles"]) == {"en", "es"}
