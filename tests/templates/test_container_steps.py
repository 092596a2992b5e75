"""The steps of the container file, taken without a container: what it builds is installed, started and asked."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests import production
from tests.templates import deployment as files
from tests.templates.deployment import FILLED, ROOT

BUILT = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Image:
    """The last stage: its command and its question, with the programs of a folder instead of `/opt/istmo/bin`."""

    def __init__(self, bin_: Path, folder: Path) -> None:
        self.bin, self.folder, self.port = bin_, folder, str(free_port())

    def command(self, word: str) -> list[str]:
        """A command of the file, on a free port of this machine alone, and without a shell."""
        places = {"0.0.0.0": "127.0.0.1", "8000": self.port}
        first, *rest = files.one(word).command
        for place, here in places.items():
            rest = [here if one == place else re.sub(rf", {re.escape(place)},", f", {here},", one) for one in rest]
        return [str(self.bin / first), *rest]

    def environment(self, **changed: str) -> dict[str, str]:
        """What the image sets and what the cluster's settings add; nothing of the environment of the tests."""
        image = {**files.image_environment(), "PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(self.folder)}
        return {**image, **files.cluster_settings(), "ISTMO_SECRETS": str(self.folder), "ISTMO_LANG": "en", **changed}

    def filled(self) -> dict[str, str]:
        """The settings as an agency fills them in; this machine has no PostgreSQL."""
        jwks, key = production.key_set(self.folder), production.signing_key(self.folder)
        return self.environment(
            **FILLED,
            ISTMO_JWKS=str(jwks),
            ISTMO_SIGNING_KEY=str(key),
            ISTMO_DATABASE=f"sqlite:///{self.folder}/istmo.db",
            ISTMO_ALLOW_SQLITE="yes-one-machine",
        )

    def healthy(self) -> bool:
        """What the image's own question finds."""
        asked = subprocess.run(
            self.command("HEALTHCHECK"), env=self.environment(), capture_output=True, check=False, timeout=30
        )
        return asked.returncode == 0

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """The command with the settings filled in, once it says that it serves."""
        process = subprocess.Popen(
            self.command("CMD"), cwd=self.folder, env=self.filled(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        with process:
            try:
                assert process.stdout is not None
                assert process.stderr is not None
                found = next((line for line in process.stdout if f":{self.port}" in line), "")
                assert found, process.stderr.read()
                yield process
            finally:
                process.kill()


def lives_as_it_should(image: Image) -> None:
    """Refused as it lies, started when filled in, healthy while it runs, ended when told."""
    refused = subprocess.run(
        image.command("CMD"), cwd=image.folder, env=image.environment(), capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert refused.returncode == 2
    assert "error unsafe-settings" in refused.stderr
    assert "istmo serve --check-settings shows all" in refused.stderr
    assert not image.healthy()
    with image.running() as process:
        assert image.healthy()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) in {0, -signal.SIGTERM}
    assert not image.healthy()


def test_the_command_and_the_question_of_the_image_work(tmp_path: Path) -> None:
    lives_as_it_should(Image(Path(sys.executable).parent, tmp_path))


def context(folder: Path) -> None:
    """What the instructions copy into the build, and secrets, as a builder would that reads no list of exceptions."""
    for item in files.instructions():
        if item.word == "COPY" and item.stage == 0:
            *sources, target = item.rest.split()
            place = folder / target.removeprefix("/src").strip("/")
            for source in sources:
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / source, place)
    secrets = folder / "templates/deployment/secrets"
    secrets.mkdir(exist_ok=True)
    (secrets / "canary").write_text("of an agency", encoding="utf-8")


@pytest.mark.slow
def test_what_the_build_makes_is_installed_and_works(tmp_path: Path) -> None:
    source, wheels, home = tmp_path / "src", tmp_path / "wheels", tmp_path / "istmo"
    source.mkdir()
    context(source)
    tools = tmp_path / "tools"
    subprocess.run([sys.executable, "-m", "venv", str(tools)], check=True, timeout=120)
    environment = {"PATH": f"{tools}/bin:{os.environ['PATH']}", "HOME": str(tmp_path), **BUILT}
    environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    steps = [item.rest for item in files.instructions() if item.word == "RUN" and item.stage == 0]
    assert len(steps) == 2

    for step in steps:
        here = step.replace("/src", str(source)).replace("/wheels", str(wheels)).replace("/opt/istmo", str(home))
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", here], env=environment, capture_output=True, text=True, check=False, timeout=540
        )
        assert done.returncode == 0, done.stderr

    assert not (home / "bin/pip").exists()
    assert not list(home.rglob("canary"))
    assert list(home.rglob("deployment/compose.yaml"))
    installed = {path.name.partition("-")[0] for path in next((home / "lib").glob("python*/site-packages")).iterdir()}
    assert {"istmo", "fastapi", "uvicorn"} <= installed
    assert not {"pytest", "mypy", "hatchling", "pip"} & installed
    work = tmp_path / "work"
    work.mkdir()
    lives_as_it_should(Image(home / "bin", work))
