"""What a case leaves in the hands of its owner."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

from istmo.errors import Finding
from istmo_conformance.client import FILE_CAP, Request
from istmo_conformance.values import items_at
from istmo_conformance.vocabulary import sentence
from istmo_conformance.words import say
from istmo_conformance.world import World


@sentence("when", en="{who} fetches each output of the case", es="{who} obtiene cada resultado del caso")
def fetches_outputs(world: World, who: str) -> None:
    """Open every output that the case at hand names, and its file where the specification has one."""
    base = world.run.subject.base_path
    named = [str(entry.get("href") or "") for entry in items_at(world.case.doc if world.case else None, "/outputs")]
    if not named:
        raise Finding(say("the case has no output", "el caso no tiene resultados"))
    world.group = []
    for href in named:
        path = urlsplit(urljoin(f"{base}/", href)).path
        inner = path.removeprefix(base)
        for address in (inner, f"{inner}/content"):
            found = world.spec.match("GET", address)
            if found is None and address != inner:
                continue
            headers = [("Accept", "*/*"), ("Correlation-Id", world.fresh_uuid("correlation"))]
            headers.append(("Authorization", f"Bearer {world.run.cast.token(who, 'plain', None, world.instant)}"))
            request = Request("GET", quote(base + address, safe="/%-._~"), tuple(headers), cap=FILE_CAP)
            world.keep(who, found[0] if found else None, world.run.client.send(request))
