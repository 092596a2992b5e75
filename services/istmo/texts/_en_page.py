"""What the page of a report says in English."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "page.language": "Language",
    "page.language-name": "English",
    "page.heading": "Conformance report",
    "page.sentence.conformant": "{service} behaves as the regional standard asks, up to stage {judged} ({name}).",
    "page.sentence.conformant-with-waivers": "{service} behaves as the regional standard asks, up to stage {judged} "
    "({name}), but for {waived} requirements that were waived.",
    "page.sentence.not-conformant": "{service} does not behave as the regional standard asks at stage {judged} "
    "({name}): it breaks {failed} of its requirements.",
    "page.sentence.undecided": "{service} could not be judged in full at stage {judged} ({name}): {open} of its "
    "requirements remain open. It is neither conformant nor refused.",
    "page.sentence.error": "{service} was not judged: the suite itself stumbled. Nothing is said about the service.",
    "page.sentence.interrupted": "{service} was not judged: the run was interrupted. Nothing is said about the "
    "service.",
    "page.selection": "Only a part was run:",
    "page.stage-observed": "Stage proven",
    "page.stage-claimed": "Stage claimed",
    "page.stage-number": "Stage {number}",
    "page.judged": "What was judged",
    "page.operator": "Operator, country, environment",
    "page.spec": "Specification",
    "page.when": "Judged at (UTC)",
    "page.counts": "Requirements by outcome",
    "page.scenarios-sum": "{count} scenarios, {calls} calls.",
    "page.contents": "Contents",
    "page.failed": "What the service does otherwise",
    "page.open": "What could not be judged",
    "page.open-explained": "These requirements bind at this stage, but something that their scenarios need did not "
    "work. Mend its cause and judge again.",
    "page.causes": "What stood in the way",
    "page.cause-waits": "{requirements} requirements and {scenarios} scenarios wait for it.",
    "page.cause-failed": "Failed because of it, or with it:",
    "page.waivers": "Waivers",
    "page.mode": "How far the run went",
    "page.matrix": "All requirements",
    "page.reach": "How far the run reached",
    "page.reach-sum": "Of {declared} statuses that the operations declare, {observed} were seen. Calls can bring about "
    "{possible}. What was not seen is not judged.",
    "page.reach-operation": "Operation",
    "page.reach-seen": "Statuses seen",
    "page.reach-unseen": "Not seen, and why",
    "page.reach-rules": "Rules broken on purpose",
    "page.reach-tried": "{body} of the body, {parameters} of parameters; {together} cannot be broken alone",
    "page.reach-faults": "{count} let pass or not named",
    "page.reach-national": "national",
    "page.words": "What the words mean",
    "page.requirement": "Requirement",
    "page.text": "What it says",
    "page.level": "Level",
    "page.level.MUST": "binding",
    "page.level.SHOULD": "recommended",
    "page.level.MAY": "allowed",
    "page.word": "Outcome",
    "page.scenarios": "Scenarios",
    "page.scenario": "Scenario",
    "page.step": "Step",
    "page.found": "Expected and found",
    "page.calls": "The last calls ({count})",
    "page.sent": "What was sent",
    "page.answered": "Answer:",
    "page.headers": "Headers of the answer",
    "page.observations": "Seen on the side",
    "page.mend": "How to mend it",
    "page.mend.operation": "Compare the answer of {operation} with its definition in the specification, and with the "
    "text of the requirement above.",
    "page.mend.server": "The service answered with an error of its own (5xx): look into its log at that moment first.",
    "page.meaning.conformant": "For citizens this means: what the region has promised of this service was tried, and "
    "it "
    "holds. Whoever uses it here can rely on the same rules as in the other countries.",
    "page.meaning.conformant-with-waivers": "For citizens this means: what the region has promised of this service was "
    "tried, and holds, but for the points that are waived below, each until its day.",
    "page.meaning.not-conformant": "For citizens this means: at least one promise of the region does not hold here "
    "yet. "
    "What it is stands below, in plain words, with what to mend.",
    "page.meaning.undecided": "For citizens this means: nobody can say yet whether the promises of the region hold "
    "here. "
    "Nothing was found against the service, but not all could be tried.",
    "page.meaning.error": "No conclusion about the service may be drawn from this page.",
    "page.meaning.interrupted": "No conclusion about the service may be drawn from this page.",
    "page.source": "Source",
    "page.curl": "The call as a line for a shell",
    "page.filter": "Show requirements by outcome",
    "page.filter-all": "all",
    "page.mend.status.400": "400 is for what cannot be read: broken JSON, an unknown or malformed parameter.",
    "page.mend.status.401": "401 is for a missing or unfit token, before anything else is looked at; with "
    "WWW-Authenticate.",
    "page.mend.status.403": "403 is for a good token without the scope, level or role that the operation asks for.",
    "page.mend.status.404": "404 is for what is not there, and the same for what the caller may not know of.",
    "page.mend.status.405": "405 is for a verb that the address does not know; with Allow.",
    "page.mend.status.406": "406 is for a form of answer that the operation does not offer.",
    "page.mend.status.409": "409 is for an action that the state of the case does not allow, or a duplicate.",
    "page.mend.status.410": "410 is for what was there and is gone for good.",
    "page.mend.status.412": "412 is for a change on the ground of an old version: compare If-Match with the current "
    "ETag.",
    "page.mend.status.413": "413 is for a body above the limit, refused before it is read.",
    "page.mend.status.415": "415 is for a body in a media type that the operation does not take.",
    "page.mend.status.422": "422 is for a body that can be read and breaks the schema or a rule; errors name each "
    "place.",
    "page.mend.status.428": "428 is for a change without If-Match where the operation asks for it.",
    "page.mend.status.429": "429 is for too many calls; with Retry-After.",
    "page.mend.status.503": "503 is for what is down for a while; with Retry-After, and nothing half done.",
    "page.mend.everywhere": "What was seen on the side is usually mended in one place for all operations.",
    "page.mend.again": "Then run this part again: istmo check ... --select {scenario}",
    "page.means.pass": "It was tried, and the service did what is asked.",
    "page.means.fail": "It was tried, and the service did something else.",
    "page.means.warn": "A recommendation is not followed; this does not refuse the service.",
    "page.means.waived": "It fails, and somebody lets that stand until a day; both are told.",
    "page.means.not-testable": "It could not be judged; where it binds, nothing is conformant without it.",
    "page.means.not-claimed": "It belongs to a stage that is not judged here.",
    "page.means.skip": "It does not apply here; the reason is given.",
    "page.means.not-run": "It was not tried; this never counts as passed.",
    "page.means.error": "The suite itself stumbled; this says nothing about the service.",
    "page.made": "Made by Istmo {version}.",
    "page.digest": "SHA-256 of the specification:",
}
