"""The files for build servers: as their schemas read them, and their shell steps run without any build server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HOME = ROOT / "templates" / "ci"
ACTION, WORKFLOW = HOME / "github" / "action.yml", HOME / "github" / "conformance.yml"
GITLAB = HOME / "gitlab" / "conformance.gitlab-ci.yml"
SCHEMAS = {ACTION: "vendor.github-actions", WORKFLOW: "vendor.github-workflows", GITLAB: "vendor.gitlab-ci"}
BIN = Path(sys.executable).parent
STYLE = "{extends: default, rules: {document-start: disable, truthy: {check-keys: false}, line-length: {max: 120}}}"
SERVICE = """
from istmo.runtime.reference import build
from tests.conformance.standin import Standin
def right(): return build("civil_certificates", country="XX")
def wrong(): return Standin("leaky-read")
"""


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_file_keeps_the_schema_of_its_build_server(path: Path, tmp_path: Path) -> None:
    def checked(file: Path) -> int:
        words: list[str | Path] = [BIN / "check-jsonschema", "--builtin-schema", SCHEMAS[path], file]
        return subprocess.run(words, capture_output=True, check=False, timeout=120).returncode

    wrong = path.read_text(encoding="utf-8").replace("steps:", "stepz:").replace("script:", "scriptz:")
    (tmp_path / path.name).write_text(wrong, encoding="utf-8")

    assert checked(path) == 0
    assert checked(tmp_path / path.name) != 0


def test_the_files_are_tidy() -> None:
    done = subprocess.run([BIN / "yamllint", "-s", "-d", STYLE, *SCHEMAS], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_actions_are_pinned_and_no_input_is_pasted_into_a_shell() -> None:
    for path in (ACTION, WORKFLOW):
        used = re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))
        assert [one for one in used if not one.startswith("./") and not re.fullmatch(r"[\w/-]+@v\d+", one)] == []
    for path in SCHEMAS:
        assert [step for step in shell_steps(path) if "${{" in step["run"]] == []


def shell_steps(path: Path) -> list[dict[str, Any]]:
    """The steps of a file that are shell, each with its variables as the file writes them."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path == GITLAB:
        job = document["conformance"]
        lines = [*job["before_script"], *job["script"]]
        return [{"run": "\n".join(lines), "env": job["variables"]}]
    steps = document["runs"]["steps"] if path == ACTION else document["jobs"]["conformance"]["steps"]
    return [step for step in steps if "run" in step]


@dataclass
class Server:
    """As much of a build server as the steps see: variables, two files, and the commands of the machine."""

    folder: Path
    given: dict[str, str]

    def __post_init__(self) -> None:
        tools = self.folder / "bin"
        tools.mkdir()
        self.said = self.folder / "said.txt"
        # Installing is not repeated, and what annotations look like is held by the tests of that command.
        self._tool(tools / "python", "exit 0")
        delegate = f'exec "{sys.executable}" -m istmo "$@"'
        self._tool(tools / "istmo", f'[ "$1 $2" = "report annotations" ] && exit 0\n{delegate}')
        (self.folder / "my_service.py").write_text(SERVICE, encoding="utf-8")
        self.env = {
            "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": f"{ROOT}:{self.folder}", "ISTMO_LANG": "en",
            "ISTMO_LOG": "0", "GITHUB_OUTPUT": str(self.folder / "output.txt"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"), "HOME": str(self.folder),
        }  # fmt: skip

    def _tool(self, path: Path, last: str) -> None:
        path.write_text(f'#!/bin/sh\necho "{path.name} $*" >> "{self.said}"\n{last}\n', encoding="utf-8")
        path.chmod(0o755)

    def value(self, written: object) -> str:
        """A variable with the expressions of GitHub filled in, as GitHub does it."""
        text = str(written)
        output = self.folder / "output.txt"
        outputs = dict(line.split("=", 1) for line in output.read_text().split()) if output.exists() else {}

        def filled(match: re.Match[str]) -> str:
            kind, _, name = match.group(1).rpartition(".")
            return outputs[name] if kind == "steps.check.outputs" else self.given[name]

        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", filled, text)

    def run(self, step: dict[str, Any], *shell: str) -> int:
        """Run one step with the shell that the build server uses."""
        variables = {name: self.value(written) for name, written in step.get("env", {}).items()}
        env = {**self.env, **variables, **{name: self.given[name] for name in variables if name in self.given}}
        return subprocess.run(
            [*shell, "-c", step["run"]], cwd=self.folder, env=env, check=False, timeout=240
        ).returncode


def on_github(folder: Path, **given: str) -> tuple[Server, list[int]]:
    defaults = {name: str(one.get("default", "")) for name, one in yaml.safe_load(ACTION.read_text())["inputs"].items()}
    server = Server(folder, defaults | given)
    return server, [
        server.run(step, "bash", "--noprofile", "--norc", "-eo", "pipefail") for step in shell_steps(ACTION)
    ]


def on_gitlab(folder: Path, **given: str) -> tuple[Server, int]:
    server = Server(folder, {f"ISTMO_{name.upper()}": value for name, value in given.items()})
    return server, server.run(shell_steps(GITLAB)[0], "sh", "-e")


def test_the_action_publishes_what_is_wrong_and_ends_as_the_verdict(tmp_path: Path) -> None:
    server, codes = on_github(tmp_path, service="civil_certificates", app="my_service:wrong", stage="1")

    assert codes == [0, 0, 0, 1]
    said = server.said.read_text(encoding="utf-8")
    assert "python -m pip install --quiet istmo[conformance] @ git+https://git.example.invalid/" in said
    assert "istmo check --service civil_certificates --output reports --stage 1 --app my_service:wrong" in said
    assert "istmo report annotations reports/report.json" in said
    assert {path.name for path in (tmp_path / "reports").iterdir()} >= {
        "report.html", "junit.xml", "badge.svg", "report.json", "evidence.jsonl",
    }  # fmt: skip
    assert "NOT CONFORMANT" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_the_action_passes_a_conformant_service(tmp_path: Path) -> None:
    _, codes = on_github(tmp_path, service="civil_certificates", app="my_service:right", stage="1")

    assert codes == [0, 0, 0, 0]


def test_the_action_says_when_nothing_could_be_judged(tmp_path: Path) -> None:
    server, codes = on_github(tmp_path, service="civil_certificates", url="http://127.0.0.1:9", private="true")

    assert codes == [0, 0, 0, 3]
    assert "istmo check --service civil_certificates --output reports --private http://127.0.0.1:9" in (
        server.said.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize(("app", "code"), [("my_service:right", 0), ("my_service:wrong", 1)])
def test_the_template_of_gitlab_ends_as_the_verdict(app: str, code: int, tmp_path: Path) -> None:
    server, ended = on_gitlab(tmp_path, app=app, stage="1")

    assert ended == code
    assert (tmp_path / "reports" / "badge.svg").exists()
    assert (tmp_path / "reports" / "junit.xml").exists()
    assert "python -m pip install --quiet ." in server.said.read_text(encoding="utf-8")


def test_the_template_of_gitlab_says_when_nothing_could_be_judged(tmp_path: Path) -> None:
    _, ended = on_gitlab(tmp_path, url="http://127.0.0.1:9")

    assert ended == 3
