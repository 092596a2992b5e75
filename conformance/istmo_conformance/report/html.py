"""A report as one page in Spanish and English, readable without scripts, network or other files.

What a judged service said is hostile: the template escapes everything, control characters are gone before, and the
page forbids itself to load or run anything.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import jinja2
from markupsafe import Markup, escape

from istmo.errors import KitError
from istmo.spec import catalogue
from istmo.texts import LANGUAGES, text
from istmo_conformance.report import reasons
from istmo_conformance.report.reading import clean
from istmo_conformance.verdict import OF_REQUIREMENTS

JSON: TypeAlias = Any
QUOTED: Final = re.compile(r"`([^`<>]{1,80})`")
TEMPLATES: Final = Path(__file__).parent / "templates"
# The statuses whose meaning in this standard the page explains.
EXPLAINED: Final = frozenset({
    "400", "401", "403", "404", "405", "406", "409", "410", "412", "413", "415", "422", "428", "429", "503",
})  # fmt: skip
LAST_CALLS: Final = 4  # what led to a failure stands at the end; report.json has the rest


def render(document: JSON, first: str) -> str:
    """The page of a report; `first` is the language that it opens in."""
    document = clean(document)
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _template().render(
        report=document,
        languages=[first, *(one for one in LANGUAGES if one != first)],
        parts={lang: Part(document, lang) for lang in LANGUAGES},
        style=style,
        digest=digest,
    )


@lru_cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["pretty"] = pretty
    environment.globals["curl"] = curl
    environment.filters["spoken"] = spoken
    return environment.get_template("report.html.j2")


class Part:
    """One language of the page: its words, and the rows that it shows."""

    def __init__(self, document: JSON, lang: str) -> None:
        self.document = document
        self.lang = lang
        self.text = partial(text, lang=lang)
        self.scenarios = reasons.by_id(document)
        self.counts = [(word.value, document["counts"]["requirements"].get(word, 0)) for word in OF_REQUIREMENTS]
        self.failed = reasons.failed(document)
        self.open = reasons.undecided(document)
        self.reach: JSON = document.get("reach")
        self.causes = [one for one in document["causes"] if one["requirements"]]

    @property
    def title(self) -> str:
        """The name of the service as its specification gives it."""
        slug = self.document["spec"]["service"]
        try:
            return next(entry.titles[self.lang] for entry in catalogue() if entry.slug == slug)
        except (KitError, KeyError, StopIteration):
            return str(slug)

    @property
    def sentence(self) -> str:
        """The verdict as one sentence that somebody who decides can read."""
        stage = self.document["stage"]
        binding = [one for one in self.failed if one["verdict"] == "fail"]
        return self.text(
            f"page.sentence.{self.document['verdict']}", service=self.title, judged=stage["judged"],
            failed=len(binding), open=len(self.open),
            waived=self.document["counts"]["requirements"]["waived"],
            name=text(f"stage.{stage['judged']}", lang=self.lang),
        )  # fmt: skip

    @property
    def meaning(self) -> str:
        """What the verdict means for those whom the service serves."""
        return self.text(f"page.meaning.{self.document['verdict']}")

    @property
    def stages(self) -> list[tuple[int, list[JSON]]]:
        """The requirements by stage."""
        rows = self.document["requirements"]
        return [(stage, mine) for stage in range(1, 6) if (mine := [one for one in rows if one["stage"] == stage])]

    def values(self) -> list[str]:
        """The names of the country's own values by which the service was judged."""
        return sorted(_named(self.document["subject"].get("values") or {}, ""))

    def why(self, requirement: JSON) -> str:
        """Why a requirement ended as it did."""
        return reasons.why(requirement, self.scenarios, self.lang)

    def unseen(self, reason: str) -> str:
        """Why a declared status was not seen."""
        return reasons.unseen(reason, self.lang)

    def rules(self, told: JSON) -> str:
        """What was broken on purpose at an operation, and what came of it."""
        if told["reason"] or not (told["body"] or told["parameters"]):
            return str(told["reason"]) or "–"
        said = self.text("page.reach-tried", **{name: told[name] for name in ("body", "parameters", "together")})
        faults = len(told["faults"])
        return f"{said}; {self.text('page.reach-faults', count=faults)}" if faults else said

    def explained(self, reason: str) -> str:
        """A reason as a sentence."""
        return reasons.explained(reason, self.lang)

    def cause(self, one: JSON) -> str:
        """A root cause in one sentence."""
        return reasons.cause(one, self.lang)

    def waiver(self, one: JSON) -> str:
        """A waiver, and what it does, in one sentence."""
        return reasons.waiver(one, self.lang)

    def cases(self, requirement: JSON) -> list[JSON]:
        """The scenarios that went against a requirement."""
        return [one for one in reasons.cases(requirement, self.scenarios) if one["verdict"] not in {"pass", "skip"}]

    def calls(self, case: JSON) -> list[JSON]:
        """The last calls of a scenario."""
        return [call for call in case["exchanges"] if "path" in call][-LAST_CALLS:]

    def operations(self, requirement: JSON) -> list[str]:
        """The operations that a failure points at."""
        named = [one["operation"] for one in requirement["observations"]]
        named += [calls[-1]["operation"] for case in self.cases(requirement) if (calls := self.calls(case))]
        return list(dict.fromkeys(name for name in named if name))

    def mend(self, requirement: JSON) -> list[str]:
        """What to look at first, in order."""
        lines = [self.text("page.mend.operation", operation=name) for name in self.operations(requirement)[:3]]
        codes = {call["status"] for case in self.cases(requirement) for call in self.calls(case)[-1:]}
        if any(code >= 500 for code in codes):  # noqa: PLR2004 - the class of server errors
            lines.append(self.text("page.mend.server"))
        steps = [case["step"] for case in self.cases(requirement)[:1]]
        wanted = [code for step in steps for code in re.findall(r"\b[1-5][0-9]{2}\b", step) if code in EXPLAINED]
        lines += [self.text(f"page.mend.status.{code}") for code in dict.fromkeys(wanted)]
        if requirement["observations"]:
            lines.append(self.text("page.mend.everywhere"))
        names = [case["id"] for case in self.cases(requirement)[:1]]
        lines += [self.text("page.mend.again", scenario=name) for name in names]
        return lines


def curl(call: JSON, address: str) -> str:
    """A call as somebody can make it again from a shell; what was taken out has to be put in first."""
    origin = address.rstrip("/") if address.startswith(("http://", "https://")) else "http://127.0.0.1:8000"
    origin = "/".join(origin.split("/")[:3])
    words = ["curl", "-i", "-X", call["method"], origin + call["path"]]
    for name, value in call.get("requestHeaders", {}).items():
        words += ["-H", f"{name}: {value}"]
    if call.get("requestBody"):
        words += ["--data-binary", call["requestBody"]]
    return shlex.join(words)


def spoken(sentence: str) -> Markup:
    """A sentence of the standard, with what stands between backticks as code; the rest is text, whatever it is."""
    return Markup(QUOTED.sub(r"<code>\1</code>", str(escape(sentence))))  # noqa: S704 - escaped, and then marked


def pretty(body: str) -> str:
    """A body on several lines when it is JSON, and as it is otherwise."""
    try:
        shown = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
        shown.encode()  # half a character, written as an escape, cannot be written as itself
    except (ValueError, RecursionError):
        return body
    return shown


def _named(node: JSON, place: str) -> Iterator[str]:
    """The dotted names of the values below a node of a profile."""
    if not isinstance(node, dict) or "value" in node:
        yield place
        return
    for name, item in node.items():
        yield from _named(item, f"{place}.{name}".strip("."))
