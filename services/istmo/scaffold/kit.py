"""Where the running kit came from, so that a project installs the same one also where no index knows Istmo.

From an index it is named by its version, from version control by its commit. Everything else (a checkout, a wheel
that lay somewhere) is laid into the project as a wheel whose version ends in a digest of its content: no index can
hold that version, so nothing else can take its place.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from istmo.errors import KitError
from istmo.paths import ROOT
from istmo.texts import text

__all__ = ["Kit", "running"]

NAME: Final = "istmo"
EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # of every file in a wheel, so that the same kit gives the same bytes
MODE: Final = 0o644 << 16


@dataclass(frozen=True)
class Kit:
    """The kit that a project depends on."""

    version: str
    source: str = ""  # what follows ` @ ` in a requirement; empty: the version is enough
    wheel: Path | None = None  # to be laid into the project's `vendor` folder

    def requirement(self, *extras: str) -> str:
        """Return the requirement as `pyproject.toml` writes it."""
        name = f"{NAME}[{','.join(extras)}]" if extras else NAME
        return f"{name} @ {self.source}" if self.source else f"{name}=={self.version}"

    def installed_by(self, *extras: str) -> str:
        """Return what `pip install` understands in the folder of the project."""
        return self.requirement(*extras) if self.wheel is None else f"./vendor/{self.wheel.name}[{','.join(extras)}]"


@lru_cache
def running() -> Kit:
    """Return the kit that runs here."""
    found = distribution(NAME)
    told = json.loads(found.read_text("direct_url.json") or "{}")
    if not told:
        return Kit(found.version)
    if "vcs_info" in told:
        vcs = told["vcs_info"]
        return Kit(found.version, f"{vcs['vcs']}+{told['url']}@{vcs['commit_id']}")
    version = re.escape(found.version.partition("+")[0])
    if "+" in found.version and (laid := _laid(told["url"], version)):
        return Kit(found.version, wheel=laid)
    return _wheel(dict(_files(found, told)), found.version)


def _laid(url: str, version: str) -> Path | None:
    """Return the wheel that was laid into a project and installed from there, if it still lies there."""
    path = Path(unquote(urlsplit(url).path))
    return (
        path if path.is_file() and re.fullmatch(rf"{NAME}-{version}\+kit\.[0-9a-f]{{12}}-.*\.whl", path.name) else None
    )


def _files(found: Distribution, told: dict[str, object]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the wheel of this kit: built from a checkout, or as they were installed."""
    info = told.get("dir_info")
    if isinstance(info, dict) and info.get("editable"):
        with zipfile.ZipFile(io.BytesIO(_built())) as wheel:
            yield from ((name, wheel.read(name)) for name in wheel.namelist())
        return
    for file in found.files or ():
        path = Path(str(found.locate_file(file)))
        if not str(file).startswith("..") and path.suffix != ".pyc" and path.is_file():
            yield file.as_posix(), path.read_bytes()


def _built() -> bytes:
    """Build the wheel of the checkout in which this kit runs."""
    try:
        from hatchling.builders.wheel import WheelBuilder  # noqa: PLC0415 - costly, and only a checkout needs it
    except ImportError:
        raise KitError("not-installed", text("scaffold.no-builder"), "pip install 'istmo[scaffold]'") from None
    with tempfile.TemporaryDirectory() as folder:
        path = next(iter(WheelBuilder(str(ROOT)).build(directory=folder, versions=["standard"])))
        return Path(path).read_bytes()


def _wheel(files: dict[str, bytes], version: str) -> Kit:
    """Return the kit as a wheel of these files, its version ending in their digest."""
    kept = {name: data for name, data in files.items() if _content(name)}
    digest = hashlib.sha256()
    for name in sorted(kept):
        digest.update(f"{name}\0{hashlib.sha256(kept[name]).hexdigest()}\n".encode())
    version = f"{version.partition('+')[0]}+kit.{digest.hexdigest()[:12]}"
    target = _cache() / f"{NAME}-{version}-py3-none-any.whl"
    if not target.is_file():
        _write(target, dict(_renamed(kept, version)), version)
    return Kit(version, wheel=target)


def _content(name: str) -> bool:
    """Tell whether a file belongs to the kit, and is not what an installer has written beside it."""
    return Path(name).name not in {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}


def _renamed(files: dict[str, bytes], version: str) -> Iterator[tuple[str, bytes]]:
    for name, data in files.items():
        folder, _, rest = name.partition("/")
        if not folder.endswith(".dist-info"):
            yield name, data
            continue
        if rest == "METADATA":
            data = re.sub(rb"(?m)^Version: .*$", f"Version: {version}".encode(), data, count=1)  # noqa: PLW2901 - changed
        yield f"{NAME}-{version}.dist-info/{rest}", data


def _write(target: Path, files: dict[str, bytes], version: str) -> None:
    """Write a wheel with its record, whole or not at all."""
    record = f"{NAME}-{version}.dist-info/RECORD"
    lines = [f"{name},{_sha(data)},{len(data)}" for name, data in sorted(files.items())]
    content = {**files, record: "\n".join([*lines, f"{record},,", ""]).encode()}
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as wheel:
        for name in (*sorted(files), record):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr, entry.compress_type = MODE, zipfile.ZIP_DEFLATED
            wheel.writestr(entry, content[name])
    Path(scratch).replace(target)


def _sha(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _cache() -> Path:
    """Return the folder of wheels that were made before; where there is none, a folder of this process."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - never fails
    folder = Path(home) / "istmo" / "kits"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(_scratch().name)
    return folder if os.access(folder, os.W_OK) else Path(_scratch().name)


@lru_cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="istmo-kits-")
