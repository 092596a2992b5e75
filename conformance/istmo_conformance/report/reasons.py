"""Why a requirement ended as it did, on one line; and what to look at first."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from istmo.texts import text

JSON: TypeAlias = Any
# The reasons that the suite gives as a word; everything else is a sentence already.
WORDS: Final = frozenset({
    "above-claimed-stage", "not-observable", "not-checked", "no-scenario", "no-case", "not-in-profile",
    "declared-not-applicable", "needs-sandbox", "needs-production", "not-reached",
    "not-in-specification", "needs-write", "needs-full", "waiver-expired",
})  # fmt: skip
# Why no answer of a run had a declared status.
UNSEEN: Final = frozenset({
    "not-provoked", "limit-shared", "never-due", "needs-failure", "nothing-to-break", "nothing-named",
    "answer-without-body", "takes-no-body", "no-condition-asked", "not-shown",
})  # fmt: skip
FIRST: Final = ("fail", "error", "not-run", "warn", "skip", "pass")


def explained(reason: str, lang: str) -> str:
    """A reason as a sentence."""
    return text(f"reason.{reason}", lang=lang) if reason in WORDS else reason


def unseen(reason: str, lang: str) -> str:
    """Why a declared status was not seen; a word of another version of the kit stands as it is."""
    return text(f"reach.{reason}", lang=lang) if reason in UNSEEN else reason


def why(requirement: JSON, scenarios: dict[str, JSON], lang: str) -> str:
    """Why a requirement ended as it did: the first thing that was seen against it."""
    if requirement["verdict"] in {"fail", "warn", "waived"}:
        for word in ("fail", "warn"):
            for one in cases(requirement, scenarios):
                if one["verdict"] == word and one["reason"]:
                    return explained(one["reason"], lang)
        for one in requirement["observations"]:
            return f"{one['operation']}: {one['message']} ({one['count']}×)"
    return explained(requirement["reason"], lang)


def cases(requirement: JSON, scenarios: dict[str, JSON]) -> list[JSON]:
    """The scenarios that observed a requirement, the worst first."""
    found = [scenarios[one] for one in requirement["scenarios"] if one in scenarios]
    return sorted(found, key=lambda one: FIRST.index(one["verdict"]))


def scenario(requirement: JSON, scenarios: dict[str, JSON]) -> str:
    """The id of the scenario that first shows a failed requirement broken."""
    failed = [one["id"] for one in cases(requirement, scenarios) if one["verdict"] in {"fail", "warn"}]
    return next(iter([*failed, *(str(one["scenario"]) for one in requirement["observations"])]), "")


def by_id(document: JSON) -> dict[str, JSON]:
    """The scenarios of a report by their id."""
    return {one["id"]: one for one in document["scenarios"]}


def failed(document: JSON) -> list[JSON]:
    """The requirements that the service breaks, those of the lowest stage first."""
    rows = [one for one in document["requirements"] if one["verdict"] in {"fail", "warn"}]
    return sorted(rows, key=lambda one: (one["verdict"] != "fail", one["stage"]))


def undecided(document: JSON) -> list[JSON]:
    """The requirements that would bind and could not be judged."""
    return [
        one
        for one in document["requirements"]
        if one["verdict"] in {"not-testable", "error"} and one["level"] == "MUST" and one["observable"] == "remote"
    ]


def unexplained(document: JSON) -> list[JSON]:
    """Those of them that no cause of the report accounts for."""
    told = {name for one in document["causes"] for name in one["requirements"]}
    return [one for one in undecided(document) if one["id"] not in told]


def cause(one: JSON, lang: str) -> str:
    """A root cause in one sentence."""
    message = explained(one["message"], lang)
    return f"{message} ({one['name']})" if one["kind"] in {"token", "subject"} else message


def waiver(one: JSON, lang: str) -> str:
    """A waiver, and what it does, in one sentence."""
    why = text(f"waiver.why.{one['why']}", lang=lang) if one["standing"] in {"stale", "open"} else ""
    return text(f"waiver.{one['standing']}", lang=lang, **{**one, "why": why})
