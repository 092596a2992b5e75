"""One finding as a developer wants it: what is demanded, what came, in which call, and how to go on."""

from __future__ import annotations

from typing import Any, TypeAlias

from istmo_conformance.report.reasons import explained
from istmo_conformance.words import say

JSON: TypeAlias = Any
LAST_CALLS = 3
LONGEST = 300


def finding(document: JSON, case: JSON, language: str, again: str) -> str:
    """The failure of one scenario in plain lines; `again` is the command that runs it alone."""
    demands = [one for one in document["requirements"] if one["id"] in case["requirements"]]
    lines = [case["name"]]
    for one in demands:
        stage = say("stage {stage}", "etapa {stage}", stage=one["stage"])
        lines += [f"  {one['id']} ({one['level']}, {stage}, {one['sheet']})", f"      {one['text'][language]}"]
    if case["step"]:
        lines += [say("In the step:", "En el paso:"), f"  {case['step']}"]
    lines += [say("What was expected, and what came:", "Lo esperado y lo recibido:")]
    lines += [f"  {line}" for line in explained(case["reason"], language).splitlines()]
    shown = case["exchanges"][-LAST_CALLS:]
    if shown:
        lines += [say("The last calls:", "Las últimas llamadas:")]
    for call in shown:
        lines += _call(call)
    lines += [say("To mend it:", "Para corregirlo:"), *_mending(document, case)]
    return "\n".join([*lines, say("Again:", "Otra vez:"), f"  {again}"])


def _call(call: JSON) -> list[str]:
    """One exchange: who asked what, and what was answered."""
    path = call.get("path") or call["operation"] or ""
    lines = [f"  {call['who']}: {call['method']} {path} -> {call['status']}"]
    for mark, name in ((">", "requestBody"), ("<", "body")):
        body = str(call.get(name) or "").strip()
        if body:
            lines.append(f"      {mark} {body[:LONGEST]}" + ("…" if len(body) > LONGEST else ""))
    return lines


def _mending(document: JSON, case: JSON) -> list[str]:
    """Where the right behaviour is written down."""
    operations = [call["operation"] for call in case["exchanges"] if call["operation"]]
    lines = [say("  the scenario tells the right behaviour in features/{feature}",
                 "  el escenario cuenta lo correcto en features/{feature}", feature=case["feature"])]  # fmt: skip
    if operations:
        lines.append(
            say("  the operation {operation} is described in specs/{slug}/openapi.yaml",
                "  la operación {operation} está descrita en specs/{slug}/openapi.yaml",
                operation=operations[-1], slug=document["spec"]["service"])
        )  # fmt: skip
    return lines
