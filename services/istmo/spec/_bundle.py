"""One self-contained document out of several files.

A reference may lead to `#/...` and to files below the root of the specification; it is judged before any file is
opened, and the content of a file never stands in a message. Components come in by their name, everything else in
place. What is inlined is counted, so a small set of files cannot become an endless document.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from istmo.names import kebab
from istmo.paths import data
from istmo.spec._json import JSON, load_json
from istmo.spec._refusal import refusal
from istmo.spec._tree import MISSING, NAMED, is_data, join, look_up, parts, walk
from istmo.spec._yaml import load_yaml

__all__ = ["bundle", "bundle_folder", "follow", "read_source", "room", "slugs"]

MAX_FILES: Final = 400
MAX_OUTPUT: Final = 1_000_000
MAX_TRAIL: Final = 200
ANY_SERVICE: Final = "example-service"  # the service of which the common examples speak

_Place = tuple[str | int, ...]


def slugs() -> tuple[str, ...]:
    """Return the slugs of all rooms of the standard, in alphabetical order."""
    return tuple(sorted(entry.parent.name for entry in data("specs").glob("*/service.yaml")))


def room(slug: str) -> Path:
    """Return the folder of a service or of `common`."""
    if slug != "common" and slug not in slugs():
        raise refusal("service-unknown", name=slug, known=", ".join(slugs()))
    return data("specs") / slug


@lru_cache(maxsize=64)
def bundle(slug: str, *, language: str = "en") -> dict[str, JSON]:
    """Return the self-contained document of a service; callers share it and must not change it."""
    return bundle_folder(room(slug) / "openapi.yaml", data("specs"), slug=slug, language=language, trusted=True)


def bundle_folder(
    path: Path, root: Path, *, slug: str | None = None, language: str = "en", trusted: bool = False
) -> dict[str, JSON]:
    """Return the self-contained document of a file whose references stay below a root."""
    bundler = _Bundler(path, root, language, trusted=trusted)
    document = bundler.run()
    if slug is not None:
        _name_service(document, kebab(slug))
    return document


class _Bundler:
    """The state of one bundling."""

    def __init__(self, path: Path, root: Path, language: str, *, trusted: bool) -> None:
        self.root = root.resolve()
        self.start = path.resolve() if path.is_absolute() else (Path.cwd() / path).resolve()
        self.language = language
        self.trusted = trusted
        self.documents: dict[Path, JSON] = {}
        self.output: dict[str, JSON] = {}
        self.imported: dict[tuple[str, str], tuple[Path, str]] = {}
        self.count = 0
        self.active: list[tuple[Path, str]] = []
        self.found: dict[tuple[str, Path], Path] = {}

    def run(self) -> dict[str, JSON]:
        document = self.document(self.start)
        if not isinstance(document, dict):
            raise refusal("spec-not-an-object", file=self.start.name)
        if not str(document.get("openapi", "")).startswith("3.1."):
            raise refusal("spec-version", file=self.start.name)
        components = document.get("components")
        own = dict(components) if isinstance(components, dict) else {}
        # Imported components land here while the rest is walked.
        self.output = {**document, "components": {key: {} for key in own}}
        walked = self.copy({k: v for k, v in document.items() if k != "components"}, self.start, (), named=False)
        for section, members in own.items():
            self._own_section(section, members)
        walked["components"] = self.output["components"]
        self._security_schemes(walked)
        ordered = {key: walked[key] for key in (*document, "components") if key in walked}
        ensure_references(ordered, self.start.name)
        return ordered

    def _own_section(self, section: str, members: JSON) -> None:
        if not isinstance(members, dict):
            self.output["components"][section] = members
            return
        kept = self.output["components"].setdefault(section, {})
        for name, member in members.items():
            if self._imports_itself(section, name, member):
                continue
            if (section, name) in self.imported:
                raise refusal("spec-ref-clash", place=self.start.name, target=name)
            kept[name] = self.copy(member, self.start, ("components", section, name), named=False)

    def _imports_itself(self, section: str, name: str, member: JSON) -> bool:
        """Take `Money: {$ref: "../common/openapi.yaml#/components/schemas/Money"}` for the import that it means."""
        reference = member.get("$ref") if isinstance(member, dict) and len(member) == 1 else None
        if not isinstance(reference, str) or reference.startswith("#"):
            return False
        return self.local(reference, self.start, ("components", section, name)) == (
            f"#/components/{join([section])[1:]}{join([name])}"
        )

    # Reading

    def document(self, path: Path) -> JSON:
        """Return the document of a file with its named examples in place and its translated texts."""
        if path not in self.documents:
            if len(self.documents) >= MAX_FILES:
                raise refusal("spec-too-large", file=self.start.name, limit=f"{MAX_FILES} files")
            read = self._read(path)
            self.documents[path] = read
            if isinstance(read, dict) and "openapi" in read:
                self._place_examples(read, path)
                self.documents[path] = self._translate(read, path)
        return self.documents[path]

    def _read(self, path: Path) -> JSON:
        if path.suffix == ".json":
            return load_json(path)
        if path.suffix in {".yaml", ".yml"}:
            return load_yaml(path, trusted=self.trusted)
        raise refusal("spec-unreadable", file=path.name, reason="neither .yaml nor .json")

    def _translate(self, document: dict[str, JSON], path: Path) -> JSON:
        overlay = path.with_name(f"{path.stem}.{self.language}.overlay.yaml")
        if self.language == "en" or not self.trusted or not overlay.is_file():
            return document
        from istmo.spec.overlay import apply  # noqa: PLC0415 - English needs no overlay

        return apply(document, load_yaml(overlay, trusted=True), overlay.name)

    def _place_examples(self, document: JSON, path: Path) -> None:
        """Put example files in place first: an overlay translates their summaries where they are used."""
        for place, node, named in walk(document):
            if not (named and place and place[-1] == "examples"):
                continue
            for name, entry in node.items():
                reference = entry.get("$ref") if isinstance(entry, dict) else None
                if isinstance(reference, str) and "#" not in reference:
                    target = self.file(reference, path, (*place, name))
                    content = self.document(target)
                    own = {key: text for key, text in entry.items() if key != "$ref"}
                    node[name] = {**content, **own} if isinstance(content, dict) else content

    def file(self, reference: str, base: Path, place: _Place) -> Path:
        """Return the file that a reference names, judged before it is touched."""
        named = reference.partition("#")[0]
        if (named, base) not in self.found:
            self.found[named, base] = self._judged(reference, base, place)
        return self.found[named, base]

    def _judged(self, reference: str, base: Path, place: _Place) -> Path:
        split = urlsplit(reference)
        name = unquote(split.path)
        outside = refusal("spec-ref-outside", place=f"{base.name}#{join(place)}")
        if split.scheme or split.netloc or split.query or name.startswith("/") or "\\" in name or "\0" in name:
            raise outside
        if not name:
            return base
        try:
            target = (base.parent / name).resolve()
        except (OSError, RuntimeError):
            raise outside from None
        if not target.is_relative_to(self.root):
            raise outside
        if not target.exists():
            raise refusal("spec-ref-missing", place=f"{base.name}#{join(place)}", target=reference)
        return target

    # Copying

    def copy(self, node: JSON, base: Path, place: _Place, *, named: bool) -> JSON:
        """Return a copy in which every reference is local."""
        self.count += 1
        if self.count > MAX_OUTPUT:
            raise refusal("spec-too-large", file=self.start.name, limit=f"{MAX_OUTPUT} nodes")
        if len(place) > MAX_TRAIL:
            raise refusal("spec-too-deep", place=base.name, limit=MAX_TRAIL)
        if isinstance(node, list):
            return [self.copy(item, base, (*place, index), named=False) for index, item in enumerate(node)]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if not named and isinstance(reference, str):
            return self._reference(node, reference, base, place)
        found = {
            key: item
            if is_data(key, item, named=named)
            else self.copy(item, base, (*place, key), named=key in NAMED and not named and isinstance(item, dict))
            for key, item in node.items()
        }
        if not named and isinstance(node.get("discriminator"), dict):
            self._mapping(found, base, place)
        return found

    def _mapping(self, found: dict[str, JSON], base: Path, place: _Place) -> None:
        mapping = found["discriminator"].get("mapping")
        if isinstance(mapping, dict):
            for value, target in mapping.items():
                if isinstance(target, str) and "#/" in target:
                    mapping[value] = self.local(target, base, (*place, "discriminator", "mapping", value)) or target

    def _reference(self, node: dict[str, JSON], reference: str, base: Path, place: _Place) -> JSON:
        beside = {
            key: self.copy(item, base, (*place, key), named=key in NAMED and isinstance(item, dict))
            for key, item in node.items()
            if key != "$ref"
        }
        local = self.local(reference, base, place)
        if local is not None:
            return {"$ref": local, **beside}
        target = self._inline(reference, base, place)
        if not beside:
            return target
        if isinstance(target, dict) and beside.keys() <= {"summary", "description"}:
            return {**target, **beside}
        return {"allOf": [target], **beside}

    def local(self, reference: str, base: Path, place: _Place) -> str | None:
        """Return the local form of a reference to a component, importing it; None when it must be inlined."""
        path = self.file(reference, base, place)
        tokens = _tokens(reference)
        if path == self.start:
            found = look_up(self.document(path), tokens)
            if found is MISSING:
                raise refusal("spec-ref-missing", place=f"{base.name}#{join(place)}", target=reference)
            # A whole room refers to itself by `#`: that is no component and no schema.
            return f"#{join(tokens)}" if tokens else None
        if len(tokens) < 3 or tokens[0] != "components":  # noqa: PLR2004 - components, section, name
            return None
        self._import(path, tokens, reference, f"{base.name}#{join(place)}")
        return f"#{join(tokens)}"

    def _import(self, path: Path, tokens: tuple[str, ...], reference: str, where: str) -> None:
        _, section, name = tokens[:3]
        source = look_up(self.document(path), tokens)
        if source is MISSING:
            raise refusal("spec-ref-missing", place=where, target=reference)
        known = self.imported.get((section, name))
        if known is not None and known[0] != path:
            raise refusal("spec-ref-clash", place=where, target=name)
        if known is not None:
            return
        own = look_up(self.document(self.start), ["components", section, name])
        if own is not MISSING and not _is_reference_to(own, name):
            raise refusal("spec-ref-clash", place=where, target=name)
        self.imported[section, name] = (path, name)
        kept = self.output["components"].setdefault(section, {})
        component = look_up(self.document(path), tokens[:3])
        kept[name] = None  # keeps the order of first use
        kept[name] = self.copy(component, path, ("components", section, name), named=False)

    def _inline(self, reference: str, base: Path, place: _Place) -> JSON:
        path, tokens = self.file(reference, base, place), _tokens(reference)
        here = (path, join(tokens))
        if here in self.active:
            raise refusal("spec-ref-cycle", place=f"{base.name}#{join(place)}")
        target = look_up(self.document(path), tokens)
        if target is MISSING:
            raise refusal("spec-ref-missing", place=f"{base.name}#{join(place)}", target=reference)
        self.active.append(here)
        try:
            return self.copy(target, path, place, named=False)
        finally:
            self.active.pop()

    def _security_schemes(self, document: dict[str, JSON]) -> None:
        """Bring the schemes that inlined operations name from the documents that they came from."""
        schemes = document["components"].setdefault("securitySchemes", {})
        for operation in _operations(document):
            for requirement in operation.get("security") or []:
                for name in requirement if isinstance(requirement, dict) else ():
                    if name not in schemes:
                        found = [
                            scheme
                            for source in self.documents.values()
                            if (scheme := look_up(source, ["components", "securitySchemes", name])) is not MISSING
                        ]
                        if found:
                            schemes[name] = found[0]
        if not schemes:
            del document["components"]["securitySchemes"]


@lru_cache(maxsize=4096)
def _tokens(reference: str) -> tuple[str, ...]:
    return tuple(parts(unquote(urlsplit(reference).fragment)))


def _is_reference_to(node: JSON, name: str) -> bool:
    return isinstance(node, dict) and str(node.get("$ref", "")).endswith(f"/{name}")


def _operations(document: JSON) -> list[dict[str, JSON]]:
    paths = document.get("paths")
    items = paths.values() if isinstance(paths, dict) else ()
    return [node for item in items if isinstance(item, dict) for node in item.values() if isinstance(node, dict)]


def _name_service(document: JSON, name: str) -> None:
    """Put the name of the service where the common operations leave it open: scopes, and what examples speak of."""
    for operation in _operations(document):
        scopes = operation.get("x-istmo-scopes")
        if isinstance(scopes, list):
            operation["x-istmo-scopes"] = [str(scope).replace("{service}", name) for scope in scopes]
    for place, node, named in walk(document):
        if named and place and place[-1] == "examples":
            node.update({key: _named(example, name) for key, example in node.items()})


def _named(example: JSON, name: str) -> JSON:
    """Return an example in which the service that stands for any has a name."""
    if isinstance(example, dict):
        return {key: _named(value, name) for key, value in example.items()}
    if isinstance(example, list):
        return [_named(value, name) for value in example]
    return example.replace(ANY_SERVICE, name) if isinstance(example, str) else example


def ensure_references(document: JSON, file: str) -> None:
    """Refuse references that lead nowhere and chains of references that lead back to themselves."""
    targets: dict[str, str] = {}
    found: list[tuple[_Place, str]] = []
    ended: set[str] = set()  # known to lead to something, so that long chains cost one walk
    for place, node, named in walk(document):
        reference = node.get("$ref")
        if not named and isinstance(reference, str):
            found.append((place, reference))
            if len(node) == 1:
                targets[f"#{join(place)}"] = reference
    for place, reference in found:
        where = f"{file}#{join(place)}"
        if look_up(document, _tokens(reference)) is MISSING:
            raise refusal("spec-ref-missing", place=where, target=reference)
        _ensure_end(targets, reference, where, ended)


def _ensure_end(targets: dict[str, str], reference: str, where: str, ended: set[str]) -> None:
    seen: set[str] = set()
    at: str | None = reference
    while at is not None:
        at = f"#{join(_tokens(at))}"
        if at in ended:
            break
        if at in seen:
            raise refusal("spec-ref-cycle", place=where)
        seen.add(at)
        at = targets.get(at)
    ended |= seen


def follow(document: JSON, node: JSON) -> JSON:
    """Return what a node says after its references; chains end, the bundle has seen to that."""
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        node = look_up(document, _tokens(node["$ref"]))
    return node


def read_source(path: Path, root: Path) -> dict[str, JSON]:
    """Return one document of the standard as an overlay sees it: unbundled, its named examples in place."""
    bundler = _Bundler(path, root, "en", trusted=True)
    document = bundler.document(bundler.start)
    if not isinstance(document, dict):
        raise refusal("spec-not-an-object", file=path.name)
    return document
