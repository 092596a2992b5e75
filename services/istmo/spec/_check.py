"""Checking the kit's own documents against the JSON Schemas of the standard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from istmo.paths import data
from istmo.spec._json import JSON, load_json
from istmo.spec._refusal import refusal
from istmo.spec._tree import join
from istmo.spec._yaml import load_yaml

if TYPE_CHECKING:
    import jsonschema

__all__ = ["Fault", "check_document", "check_documents", "errors"]

# Which documents each schema describes, below `specs/`.
DOCUMENTS = {
    "service": "*/service.yaml",
    "requirements": "*/requirements.yaml",
    "fixtures": "*/fixtures.yaml",
    "personas": "common/personas.yaml",
    "standard": "standard/standard.yaml",
    "rules": "standard/rules.yaml",
    "profile": "profiles/[A-Z][A-Z].yaml",
    "profile-defaults": "profiles/_defaults.yaml",
}


@dataclass(frozen=True, order=True)
class Fault:
    """One place of a document of the kit that its schema does not allow."""

    file: str
    pointer: str
    keyword: str
    schema: str

    def __str__(self) -> str:
        """Return the fault as a line for a person."""
        return f"{self.file}#{self.pointer}: {self.keyword} (specs/standard/schemas/{self.schema}.schema.json)"


def check_documents(root: Path | None = None) -> list[Fault]:
    """Return the faults of every document of the standard that has a schema."""
    specs = root or data("specs")
    found: list[Fault] = []
    for kind, pattern in DOCUMENTS.items():
        for path in sorted(specs.glob(pattern)):
            document = load_yaml(path, trusted=True)
            found.extend(check_document(kind, document, str(path.relative_to(specs))))
    return found


def check_document(kind: str, document: JSON, name: str) -> Iterator[Fault]:
    """Yield the faults of one document of a kind such as `report`."""
    for error in errors(kind, document):
        yield Fault(name, join(error.absolute_path), str(error.validator), kind)


def errors(kind: str, document: JSON) -> Iterator[jsonschema.ValidationError]:
    """Yield the errors of a document of a kind as the library tells them; they hold values of the document."""
    yield from _validator(kind).iter_errors(document)


@lru_cache
def _validator(kind: str) -> jsonschema.Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - loads slowly; only checks of documents need it
    from referencing import Registry, Resource  # noqa: PLC0415 - as above

    folder = data("specs") / "standard" / "schemas"
    schemas = {path.name: load_json(path) for path in sorted(folder.glob("*.schema.json"))}
    # Resources by file name and by their $id; nothing is ever fetched.
    pairs = [(name, Resource.from_contents(schema)) for name, schema in schemas.items()]
    pairs += [(schema["$id"], Resource.from_contents(schema)) for schema in schemas.values() if "$id" in schema]
    name = f"{kind}.schema.json"
    if name not in schemas:
        raise refusal("spec-not-found", file=f"specs/standard/schemas/{name}")
    schema = schemas[name]
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(
        schema, registry=Registry().with_resources(pairs), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
