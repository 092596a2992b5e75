"""Opening everything of a kind: the forms on the list, what a case left in the hands of its owner, the links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias
from urllib.parse import quote, urljoin, urlsplit

from istmo.errors import Finding
from istmo_conformance.calls import Call
from istmo_conformance.client import BODY_CAP, FILE_CAP
from istmo_conformance.modes import Mode
from istmo_conformance.steps.contract import DESCRIPTION, last
from istmo_conformance.steps.when import open_path, reads_pages
from istmo_conformance.values import items_at
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World

JSON: TypeAlias = Any
LIST, READ = "listForms", "getForm"
ANYTHING = "*/*"
MOST_LINKS = 50


@sentence(
    "when",
    en="{who} fetches each {linked}[ as {media}]",
    es="{who} obtiene cada {linked}[ como {media}]",
    needs=Mode.READ,
)
def fetches_each(world: World, who: str, linked: str, media: str = ANYTHING) -> None:
    """Open all listed forms, all outputs of the case with their files, or all links of the description to itself."""
    FETCHED[linked](world, who, media)


def _forms(world: World, who: str, media: str) -> None:
    """Read all pages of the list of forms, then every form."""
    reads_pages(world, who, LIST, "100")
    codes = [str(item.get("code")) for item in world.collected if isinstance(item, dict)]
    if not codes:
        raise Finding(say("no form is listed", "no hay formularios publicados"))
    kept = []
    for code in codes:
        call = Call(who, world.spec.operations[READ], aim="text", target=code, headers={"Accept": media})
        world.perform(call)
        kept.extend(world.group)
    world.group = kept


def _outputs(world: World, who: str, media: str) -> None:
    """Open every output that the case at hand names, and its file where the specification has one."""
    base = world.run.subject.base_path
    named = [str(entry.get("href") or "") for entry in items_at(world.case.doc if world.case else None, "/outputs")]
    if not named:
        raise Finding(say("the case has no output", "el caso no tiene resultados"))
    world.group = []
    for href in named:
        inner = urlsplit(urljoin(f"{base}/", href)).path.removeprefix(base)
        _open(world, who, inner, media)
        if world.spec.match("GET", f"{inner}/content") is not None:
            _open(world, who, f"{inner}/content", media)


def _links(world: World, who: str, media: str) -> None:
    """Open every address of the description that leads to the service itself."""
    links = list(dict.fromkeys(_own_links(world, last(world, DESCRIPTION).json())))
    if not links:
        raise Finding(say("no link leads to the service itself", "ningún enlace lleva al propio servicio"))
    world.group = []
    for inner, query in links[:MOST_LINKS]:
        _open(world, who, inner, media, query, cap=BODY_CAP)


def _open(world: World, who: str, inner: str, media: str, query: str = "", cap: int = FILE_CAP) -> None:
    """Read a path below the service, known to the specification or not."""
    found = world.spec.match("GET", inner or "/")
    path = quote(world.run.subject.base_path + inner, safe="/%-._~") + (f"?{query}" if query else "")
    open_path(world, who, path, accept=media, operation=found[0] if found else None, cap=cap)


def _own_links(world: World, document: JSON) -> Iterator[tuple[str, str]]:
    """The paths below the service, with their queries, to which any address in a document leads."""
    base = world.run.subject.base_path
    hosts = {urlsplit(str(entry.get("baseUrl"))).netloc for entry in items_at(world.run.subject.manifest, "/services")}
    hosts |= {"", urlsplit(world.run.client.origin).netloc}
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            waiting.extend(value for name, value in node.items() if name != "href")
            if isinstance(node.get("href"), str):
                parts = urlsplit(urljoin(f"{base}/", node["href"]))
                if parts.netloc in hosts and f"{parts.path}/".startswith(f"{base}/"):
                    yield parts.path.removeprefix(base), quote(parts.query, safe="=&%")


FETCHED = {"listed form": _forms, "output of the case": _outputs, "link of the description": _links}
