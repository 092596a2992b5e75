"""Python models generated from the specifications: common ones in the kernel, each room's beside its room.

    python -m istmo.spec.models            generate and write
    python -m istmo.spec.models --check    tell whether what is written is what the specifications say

Rooms are found through `specs/*/openapi.yaml`; the package that holds them, through the entry points `istmo.rooms`.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from istmo.errors import KitError
from istmo.paths import data
from istmo.spec._bundle import slugs
from istmo.spec._refusal import refusal

__all__ = ["COMMAND", "generate", "stale", "write"]

COMMAND: Final = "python -m istmo.spec.models"
HEADER: Final = f'"""Models of {{title}}. Generated from the specification; do not edit: {COMMAND}."""\n\n'
_FLAGS: Final = (
    "--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel", "--use-annotated",
    "--formatters", "builtin", "--target-python-version", "3.11", "--target-pydantic-version", "2.14",
    "--use-missing-sentinel", "--strict-types", "str", "int", "float", "bool", "--strict-refs", "--disable-timestamp",
    # An address that the schema accepts is never refused by a stricter library.
    "--type-mappings", "string+email=string",
)  # fmt: skip


def generate() -> dict[Path, str]:
    """Return the text of every generated module by the path where it belongs."""
    with tempfile.TemporaryDirectory() as scratch:
        source, output = Path(scratch) / "specs", Path(scratch) / "models"
        names = ("common", *(slug for slug in slugs() if (data("specs") / slug / "openapi.yaml").is_file()))
        for name in names:
            (source / name).mkdir(parents=True)
            _copy(data("specs") / name / "openapi.yaml", source / name / "openapi.yaml")
        _run(source, output)
        return {_home(name): _module(output / name / "openapi.py", name) for name in names}


def write() -> list[Path]:
    """Write every generated module and return the paths of those that changed."""
    changed = stale()
    for path, text in changed.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(changed)


def stale() -> dict[Path, str]:
    """Return the modules that are not what the specifications say, with the text that they should have."""
    return {
        path: text
        for path, text in generate().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    }


def _copy(source: Path, target: Path) -> None:
    """Copy a document; its example files stay behind, because models need none and the generator would read all."""
    text = source.read_text(encoding="utf-8")
    target.write_text(re.sub(r"\{ *\$ref: *[\"']?examples/[^}\"']+[\"']? *\}", "{}", text), encoding="utf-8")


def _run(source: Path, output: Path) -> None:
    tool = shutil.which("datamodel-codegen", path=str(Path(sys.executable).parent)) or shutil.which("datamodel-codegen")
    if tool is None:
        raise refusal("models-failed", reason="datamodel-code-generator is not installed")
    command = [tool, "--input", str(source), "--output", str(output), *_FLAGS]
    done = subprocess.run(  # noqa: S603 - the pinned generator with fixed flags
        command, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise refusal("models-failed", reason=(done.stderr.strip().splitlines() or ["unknown"])[-1])


def _home(name: str) -> Path:
    if name == "common":
        return Path(__file__).resolve().parent.parent / "models" / "__init__.py"
    for entry in entry_points(group="istmo.rooms"):
        found = find_spec(entry.value)
        for folder in (found.submodule_search_locations or ()) if found is not None else ():
            if (Path(folder) / name).is_dir():
                return Path(folder) / name / "models" / "__init__.py"
    raise refusal("models-room", name=name)


def _module(path: Path, name: str) -> str:
    """Return a generated module with its header, importing the common models from the kernel, and its public face."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\A(#[^\n]*\n)+\n*", "", text)
    text = text.replace("from ..common import openapi", "from istmo import models")
    text = re.sub(r"from \.+common\.openapi import", "from istmo.models import", text)
    text = re.sub(r"\bopenapi_?\d?\.(?=[A-Z])", "models.", text) if "from istmo import models" in text else text
    title = "the common schemas" if name == "common" else f"the room {name}"
    names = sorted(node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
    listed = "".join(f'    "{one}",\n' for one in names)
    return f"{HEADER.format(title=title)}{text.rstrip()}\n\n\n__all__ = [\n{listed}]\n"


def main(arguments: Sequence[str]) -> int:
    """Run the command; return 0, 1 when `--check` finds a stale module, or the exit code of an error."""
    try:
        if list(arguments) == ["--check"]:
            found = list(stale())
            sys.stdout.writelines(f"{path} is stale; run: {COMMAND}\n" for path in found)
            return 1 if found else 0
        sys.stdout.writelines(f"{path}\n" for path in write())
    except KitError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
