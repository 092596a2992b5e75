"""Whether every read of somebody else's data is in that person's access log: what was shown, against what is noted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.databases import ENGINES, Engine
from tests.services.civil_certificates.town import SPEC, Town

from ._figures import Figure, measure

READS = 1000  # on each engine, at least
MOST = 1_000_000
OWNERS, READERS = ("ana", "bruno"), ("eva", "fito")
Shown = tuple[str, str, str]  # whose, in which call, which record


@dataclass
class Looks:
    """What was shown of whom in which call, as the answers tell it."""

    reads: int = 0
    shown: set[Shown] = field(default_factory=set)
    own: set[str] = field(default_factory=set)  # calls in which people saw nothing but their own


def _furnish(town: Town) -> dict[str, list[tuple[str, str]]]:
    """Let people have cases, certificates and corrections; return the addresses of their records, with the ids."""
    found: dict[str, list[tuple[str, str]]] = {who: [] for who in OWNERS}
    for who, example in (("ana", "birth-self"), ("bruno", "single-status")):
        certificate = town.issued(who, example)
        number = str(certificate["id"])
        found[who] += [(f"/certificates/{number}", number), (f"/certificates/{number}/content", number)]
        case = town.submit(who, "birth-full-copy")
        found[who].append((f"/requests/{case['id']}", str(case["id"])))
        if who == "ana":
            body = SPEC.example("createCorrection", "correction")
            report = town.post(who, "/corrections", {**body, "certificateId": number}, 201)
            found[who].append((f"/corrections/{report['id']}", str(report["id"])))
    return found


def _look(town: Town) -> Looks:
    """Read one record after the other, and lists of them, as officers and as the owners."""
    found, addresses = Looks(), _furnish(town)
    owners = {identifier: who for who, rows in addresses.items() for _, identifier in rows}
    while found.reads < READS:
        for reader in READERS:
            for path, identifier in (row for rows in addresses.values() for row in rows):
                answer = town.call(reader, "GET", path)
                found.reads += 1
                if answer.status_code == 200:
                    found.shown.add((owners[identifier], answer.headers["correlation-id"], identifier))
            answer = town.call(reader, "GET", "/requests?limit=100")
            found.reads += 1
            for item in answer.json()["items"] if answer.status_code == 200 else ():
                if item["id"] in owners:
                    found.shown.add((owners[item["id"]], answer.headers["correlation-id"], item["id"]))
        for who, rows in addresses.items():
            found.own |= {town.call(who, "GET", path).headers["correlation-id"] for path, _ in rows}
    return found


def _noted(town: Town) -> set[Shown]:
    """The access logs of all owners."""
    reader = town.app.state.istmo.services["civil_certificates"].reader
    found: set[Shown] = set()
    for who in OWNERS:
        rows: list[tuple[int, Any]] = town.runner.run(reader.accesses(town.subject(who), limit=MOST))
        found |= {(who, str(entry["correlationId"]), str(entry["id"])) for _, entry in rows}
    return found


@measure("accesses")
def accesses() -> Iterator[Figure]:
    """Read records as officers on each engine, and look for each record that an answer showed."""
    for engine in ENGINES:
        Engine.current = engine
        town = Town()
        try:
            town.fresh()
            looks = _look(town)
            noted = _noted(town)
        finally:
            town.close()
            Engine.current = ENGINES[0]
        name = f"accesses.{engine}"
        yield Figure(f"{name}.reads", looks.reads, "calls", least=READS)
        yield Figure(f"{name}.records-shown", len(looks.shown), "records", least=READS / 2)
        yield Figure(f"{name}.missing", len(looks.shown - noted), "records", 0)
        own = sum(call in looks.own for _, call, _ in noted)
        yield Figure(f"{name}.own-reads-noted", own, "records", 0)
