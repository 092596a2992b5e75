"""Whether a run proves what its report says: complete, unbroken, recomputed, signed. No network is needed."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from istmo import paths
from istmo import spec as specs
from istmo.errors import KitError
from istmo.texts import text
from istmo_conformance import digests, evidence
from istmo_conformance.report import statement
from istmo_conformance.report.build import demand_of
from istmo_conformance.report.bundle import (
    DIGESTS,
    EVIDENCE,
    REPORT,
    REQUIREMENTS,
    STATEMENT,
    Bundle,
    opened,
    rebuilt,
)
from istmo_conformance.transcript import FEATURE

JSON: TypeAlias = Any
VERIFIED, REFUTED, OPEN = 0, 1, 3
SHOWN: Final = 5


@dataclass(frozen=True)
class Step:
    """One question and its answer: it holds, it does not, or nobody can say here (None)."""

    name: str
    holds: bool | None
    why: str
    asked: bool = True


@dataclass
class Verification:
    """What was found out about a bundle."""

    steps: list[Step] = field(default_factory=list)
    report: JSON = None
    differing: dict[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 verified, 1 not, 3 when a question stayed open."""
        if any(step.holds is False for step in self.steps):
            return REFUTED
        return OPEN if any(step.holds is None for step in self.steps) else VERIFIED


def verify(path: Path, key: Path | None = None, features: Path | None = None) -> Verification:
    """Answer the four questions, in the order in which they matter."""
    public = statement.public_key(key) if key is not None else None
    bundle = opened(path)
    try:
        return _answered(path, bundle, public, features or paths.data("conformance") / "features")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        where = f"{EVIDENCE}: {type(error).__name__} {str(error)[:100]}"
        raise KitError("bad-report", text("report.foreign", path=path, where=where), text("verify.open-hint")) from None


def _answered(path: Path, bundle: Bundle, public: Any, folder: Path) -> Verification:
    found = Verification()
    records = _records(path, bundle)
    ours = _ours(records[0], folder)
    found.report = rebuilt(records)
    found.steps.append(_complete(records, ours=ours))
    chain = _chain(bundle)
    found.steps.append(chain)
    if chain.holds:
        found.steps.append(_recomputed(records, bundle, found, folder, ours=ours))
    else:
        found.steps.append(Step("recomputed", None, text("verify.not-recomputed")))
    found.steps.append(_signed(bundle, public))
    return found


def _records(path: Path, bundle: Bundle) -> list[JSON]:
    try:
        records = evidence.parsed(bundle.files[EVIDENCE].decode("utf-8", errors="replace"))
        rebuilt(records)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        where = f"{EVIDENCE}: {str(error)[:120]}"
        raise KitError("bad-report", text("report.foreign", path=path, where=where), text("verify.open-hint")) from None
    return records


def _ours(header: JSON, features: Path) -> bool:
    """Whether this kit holds the very standard and suite with which a run was made."""
    service = str(header["spec"]["service"])
    if service not in specs.slugs() or header["kit"]["version"] != importlib.metadata.version("istmo"):
        return False
    told = header.get("digests", {})
    return bool(
        told.get("standard") == digests.standard(service) and told.get("suite") == digests.suite(features, service)
    )


def _complete(records: list[JSON], *, ours: bool) -> Step:
    """Every required check of the claimed stage is there, and nothing was selected away."""
    header, finish = records[0], records[-1]
    plan: list[str] = next((one["cases"] for one in records if one["record"] == "plan"), [])
    counted = Counter(one["id"] for one in records if one["record"] == "case" and one["feature"] != FEATURE)
    missing = sorted(set(plan) ^ counted.keys()) + sorted(name for name, count in counted.items() if count > 1)
    problem = ""
    if finish["record"] != "finish" or finish.get("interrupted"):
        problem = text("verify.interrupted")
    elif header["selection"]:
        problem = text("verify.selected", names=" ".join(header["selection"])[:200])
    elif header["stage"] < header["claimedStage"]:
        problem = text("verify.below-claim", judged=header["stage"], claimed=header["claimedStage"])
    elif missing or not plan:
        problem = text("verify.missing-cases", names=", ".join(missing[:SHOWN]) or "-", count=len(missing))
    else:
        problem = _requirements_missing(header, records, ours=ours)
    told = text("verify.complete", requirements=len(header["requirements"]), cases=len(plan), stage=header["stage"])
    return Step("complete", not problem, problem or told)


def _requirements_missing(header: JSON, records: list[JSON], *, ours: bool) -> str:
    """Requirements of the standard that the run does not know, and binding ones that no scenario was for."""
    if ours:
        from istmo_conformance.runner import requirement_entry

        service = header["spec"]["service"]
        known = [*specs.requirements("common"), *specs.requirements(service)]
        expected = [requirement_entry(one) for one in known if not one.retired]
        if not _same(expected, header["requirements"]):
            return text("verify.other-requirements")
    seen = {name for one in records if one["record"] == "case" for name in one["requirements"]}
    demands = [demand_of(entry) for entry in header["requirements"]]
    lacking = [one.id for one in demands if one.level == "MUST" and one.remote and one.checkable
               and one.stage <= header["stage"] and one.id not in seen]  # fmt: skip
    return text("verify.no-scenarios", names=", ".join(lacking[:SHOWN]), count=len(lacking)) if lacking else ""


def _same(expected: list[JSON], told: list[JSON]) -> bool:
    """Whether a requirement list says of every requirement what the standard says."""
    pairs = zip(expected, told, strict=False)
    return len(expected) == len(told) and all(
        other.get(name) == value
        for one, other in pairs
        for name, value in one.items()
        if name != "needs"  # which follows from the suite, whose digest was compared
    )


def _chain(bundle: Bundle) -> Step:
    """No line of the evidence was changed, moved or taken out, and the other files are those that were packed."""
    try:
        records = evidence.chained(bundle.files[EVIDENCE].decode("utf-8"))
    except evidence.Break as found:
        return Step("chain", False, text("verify.broken", line=found.line, why=found.why))
    except UnicodeDecodeError:
        return Step("chain", False, text("verify.broken", line="?", why="UTF-8?"))
    if records[-1]["record"] == "finish" and records[-1].get("lines") != len(records) - 1:
        return Step("chain", False, text("verify.lines", told=records[-1].get("lines"), found=len(records) - 1))
    if DIGESTS in bundle.files:
        told = bundle.document(DIGESTS)
        packed = told.get("files") if isinstance(told, dict) else None
        if packed != bundle.digests or told.get("run") != records[0].get("digests", {}):
            return Step("chain", False, text("verify.other-files"))
    return Step("chain", True, text("verify.chain", lines=len(records)))


def _recomputed(records: list[JSON], bundle: Bundle, found: Verification, features: Path, *, ours: bool) -> Step:
    """The verdicts follow from the answers, and the report from the verdicts."""
    header = records[0]
    if not ours:
        return Step("recomputed", None, text("verify.other-kit", version=header["kit"]["version"]))
    if REPORT in bundle.files and bundle.document(REPORT) != found.report:
        return Step("recomputed", False, text("verify.other-report"))
    if REQUIREMENTS in bundle.files and bundle.document(REQUIREMENTS) != header["requirements"]:
        return Step("recomputed", False, text("verify.other-requirements"))
    from istmo_conformance import replay

    try:
        again = replay.replay(records, features)
    except (KitError, KeyError, TypeError, ValueError, AttributeError) as error:
        return Step("recomputed", False, text("verify.no-replay", why=str(error)[:200]))
    found.differing = again.differing
    if again.differing:
        names = ", ".join(list(again.differing)[:SHOWN])
        return Step("recomputed", False, text("verify.differing", count=len(again.differing), names=names))
    total = len(again.same) + len(again.partial)
    key = "verify.recomputed-in-part" if again.partial else "verify.recomputed"
    return Step("recomputed", True, text(key, same=len(again.same), total=total, partial=len(again.partial)))


def _signed(bundle: Bundle, key: Any) -> Step:
    """The statement is about these files, and signed by whom the reader trusts."""
    if STATEMENT not in bundle.files:
        return Step("signature", key is None, text("verify.unsigned"), asked=key is not None)
    sealed = bundle.document(STATEMENT)
    payload, signatures = statement.payload_of(sealed)
    if key is not None and not statement.holds(sealed, key):
        return Step("signature", False, text("verify.other-key", keyid=statement.keyid(key)))
    if statement.parsed(payload) != statement.statement(bundle):
        return Step("signature", False, text("verify.other-statement"))
    if key is None:
        named = ", ".join(str(one.get("keyid"))[:64] for one in signatures if isinstance(one, dict))
        return Step("signature", None, text("verify.key-needed", keyid=named or "-"))
    return Step("signature", True, text("verify.signed", keyid=statement.keyid(key)))
