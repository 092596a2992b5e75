"""A report as JUnit XML: what a build server reads.

JUnit knows passed, failed, error and skipped. A scenario that could not be run is an error there, because a build
server paints skipped ones green; only what does not apply is skipped.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any, Final, TypeAlias
from xml.etree import ElementTree as ET

from istmo_conformance.waivers import excused

JSON: TypeAlias = Any
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OUTCOME: Final = {"fail": "failure", "error": "error", "not-run": "error", "skip": "skipped"}


def render(document: JSON) -> str:
    """The XML of a report."""
    root = ET.Element("testsuites", name=_legal(f"istmo {document['spec']['service']}"))
    _properties(root, [
        ("verdict", document["verdict"]), ("stage", document["stage"]["judged"]),
        ("spec", f"{document['spec']['service']} {document['spec']['version']}"),
        ("target", document["target"]["address"]), ("mode", document["mode"]),
        ("waivers", len(document["waivers"])),
    ])  # fmt: skip
    ordered = sorted(document["scenarios"], key=lambda one: str(one["feature"]))
    for feature, cases in groupby(ordered, key=lambda one: str(one["feature"])):
        _suite(root, feature, document, list(cases))
    _observations(root, document)
    _waivers(root, document)
    for suite in root.iter("testsuite"):
        for name in ("tests", "failures", "errors", "skipped"):
            total = int(root.get(name, "0")) + int(suite.get(name, "0"))
            root.set(name, str(total))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _outcome(case: JSON, document: JSON) -> str:
    """What JUnit calls an ending; a failure that is waived in full is skipped, as it does not change the exit code."""
    if case["stage"] > document["stage"]["judged"]:  # tried, and not judged
        return "" if case["verdict"] == "pass" else "skipped"
    waived = case["verdict"] == "fail" and excused(case["requirements"], document)
    return "skipped" if waived else _OUTCOME.get(case["verdict"], "")


def _suite(root: ET.Element, feature: str, document: JSON, cases: list[JSON]) -> None:
    words = [_outcome(one, document) for one in cases]
    started = document["started"]
    suite = ET.SubElement(
        root, "testsuite", name=_legal(feature), timestamp=_legal(started.rstrip("Z")), hostname="istmo",
        tests=str(len(cases)), failures=str(words.count("failure")), errors=str(words.count("error")),
        skipped=str(words.count("skipped")), time=f"{sum(one['seconds'] for one in cases):.3f}",
    )  # fmt: skip
    for one in cases:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=_legal(feature),
            name=_legal(one["name"]),
            time=f"{one['seconds']:.3f}",
        )
        _properties(case, [("id", one["id"]), ("verdict", one["verdict"]),
                           *(("requirement", each) for each in one["requirements"])])  # fmt: skip
        outcome = _outcome(one, document)
        if outcome:
            ended = ET.SubElement(case, outcome, message=_legal(one["reason"] or one["verdict"]))
            ended.set("type", "waived" if (one["verdict"], outcome) == ("fail", "skipped") else one["verdict"])
            ended.text = _legal(_detail(one))


def _detail(case: JSON) -> str:
    """The step and the calls that led to an ending."""
    lines = [case["step"], case["reason"]]
    lines += [
        f"{call['who']}: {call['method']} {call.get('path', call['operation'])} -> {call['status']}"
        for call in case["exchanges"][-5:]
    ]
    return "\n".join(line for line in lines if line)


def _observations(root: ET.Element, document: JSON) -> None:
    """What was seen on the side, as cases of their own: no scenario has failed for it."""
    rows = [(one["id"], one["verdict"], seen) for one in document["requirements"] for seen in one["observations"]]
    if not rows:
        return
    failures = sum(verdict == "fail" for _, verdict, _ in rows)
    suite = ET.SubElement(
        root, "testsuite", name="observations", timestamp=_legal(document["started"].rstrip("Z")), hostname="istmo",
        tests=str(len(rows)), failures=str(failures), errors="0", skipped=str(len(rows) - failures), time="0.000",
    )  # fmt: skip
    for requirement, verdict, seen in rows:
        name = _legal(f"{requirement}: {seen['operation']}")
        case = ET.SubElement(suite, "testcase", classname="observations", name=name, time="0.000")
        _properties(case, [("requirement", requirement), ("verdict", verdict)])
        kind = "failure" if verdict == "fail" else "skipped"
        ended = ET.SubElement(case, kind, message=_legal(f"{seen['message']} ({seen['count']}x)"))
        ended.set("type", verdict)


def _waivers(root: ET.Element, document: JSON) -> None:
    """Every waiver as a case of its own: one that is refused is a failure."""
    rows = document["waivers"]
    if not rows:
        return
    refused = [one for one in rows if one["standing"] in {"expired", "stale"}]
    suite = ET.SubElement(
        root, "testsuite", name="waivers", timestamp=_legal(document["started"].rstrip("Z")), hostname="istmo",
        tests=str(len(rows)), failures=str(len(refused)), errors="0", skipped=str(len(rows) - len(refused)),
        time="0.000",
    )  # fmt: skip
    for one in rows:
        case = ET.SubElement(suite, "testcase", classname="waivers", name=_legal(one["requirement"]), time="0.000")
        _properties(case, [("requirement", one["requirement"]), ("owner", one["owner"]), ("expires", one["expires"])])
        message = f"{one['standing']} {one['why']}: {one['reason']} ({one['owner']}, {one['expires']})"
        ended = ET.SubElement(case, "failure" if one in refused else "skipped", message=_legal(message))
        ended.set("type", one["standing"])


def _properties(parent: ET.Element, pairs: list[tuple[str, object]]) -> None:
    holder = ET.SubElement(parent, "properties")
    for name, value in pairs:
        ET.SubElement(holder, "property", name=name, value=_legal(str(value)))


def _legal(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
