"""What the kit says of national projects in English: `istmo new`, `istmo upgrade`."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "cli.new.short": "Start a national service from the scaffold.",
    "cli.new.help": "Make the project of a national service: it runs, its tests pass, and it keeps the regional"
    " standard from the first run. What the nation decides is marked. On a terminal, what was "
    "not given is asked for.",
    "cli.new.examples": "istmo new civil_certificates --country HN\nistmo new civil_certificates --country HN "
    "--bare --output projects\nistmo new --json answers.json",
    "cli.new.country": "Country whose profile holds (default: the fictitious XX).",
    "cli.new.project": "Name of the folder and of the distribution (default: country and service).",
    "cli.new.package": "Name of the Python package (default: that of the project).",
    "cli.new.agency": "The public body (default: that of the country's profile).",
    "cli.new.contact": "Address for the users of the service.",
    "cli.new.bare": "Stubs and a checklist instead of the reference's rules.",
    "cli.new.output": "Folder in which the project is made (default: the current one).",
    "cli.new.json": "Answers as JSON, from a file or, for -, from standard input; the result is printed as JSON.",
    "cli.new.slug-hint": "name a service: istmo new civil_certificates --country HN; istmo services lists them",
    "cli.new.json-hint": "a JSON object with service, country, project, package, agency, contact, bare; all but "
    "service may be left out",
    "cli.new.too-large": "the answers are larger than 64 KiB",
    "cli.new.unread": "the answers cannot be read: {reason}",
    "cli.new.no-json": "the answers are not one JSON object with each name once",
    "cli.new.ask-service": "Service",
    "cli.new.ask-country": "Country",
    "cli.new.ask-project": "Folder and distribution",
    "cli.new.ask-package": "Python package",
    "cli.new.ask-agency": "Public body",
    "cli.new.ask-contact": "Address for users",
    "cli.new.ask-bare": "Bare, with stubs instead of the reference's rules?",
    "cli.new.made": "Made: {folder}",
    "cli.new.then-run": "serve the sandbox",
    "cli.new.then-test": "style and tests of the project",
    "cli.new.then-check": "judge it against the regional standard",
    "cli.new.next": "README.md says what to change first.",
    "cli.new.checklist": "CHECKLIST.md says what is left to do.",
    "scaffold.answer-unknown": "there is no answer called {name}",
    "scaffold.answer-unusable": "the answer for {name} cannot be used",
    "scaffold.known": "known are: {names}",
    "scaffold.bare-hint": "true or false",
    "scaffold.text-hint": "a text that is not empty",
    "scaffold.signs-hint": "at most {most} signs, none that is invisible or means something to a template, a shell or "
    "a path",
    "scaffold.project-hint": "lower-case words with hyphens between them, at most 60 signs, as hn-civil-certificates",
    "scaffold.package-hint": "a Python identifier in lower case that no module of Python or of the kit has, at most 60 "
    "signs",
    "scaffold.contact-hint": "an address of electronic mail",
    "scaffold.exists": "{folder} is there already",
    "scaffold.exists-hint": "choose another --output or --project; nothing was changed",
    "scaffold.unwritable": "{folder} cannot be written: {reason}",
    "scaffold.unwritable-hint": "nothing was made; choose another --output, or make room",
    "scaffold.room": "the room of the service cannot be read as one",
    "scaffold.room-hint": "it declares service = Service(...), and imports from istmo.runtime and from its own folder",
    "scaffold.template": "{file} of the kit has no {what}",
    "scaffold.template-hint": "the kit is damaged: install it again",
    "scaffold.no-builder": "the kit runs from a checkout, and what builds its wheel is not installed",
    "scaffold.no-project": "{folder} is no project that this kit has made, or its record is damaged",
    "scaffold.no-project-hint": "run it in the folder that holds .istmo/scaffold.json",
    "scaffold.checklist": "What is left to do",
    "scaffold.checklist-how": "Operations are functions of `handlers.py` that still answer 501; requirements are what "
    "the check holds the service to.\nRaise `stage` in the room's `__init__.py` when everything up"
    " to a stage is done.",
    "scaffold.checklist-stage": "Stage {stage}",
    "cli.upgrade.short": "Show what this kit would change in a project.",
    "cli.upgrade.help": "Show, as a git diff, what the installed kit would change in a project that an "
    "older one has made, and which requirements are touched. What the nation edited "
    "stays. Exit code: 0 nothing is left to do, 1 something is.",
    "cli.upgrade.examples": "istmo upgrade\nistmo upgrade --diff | git apply\nistmo upgrade --apply",
    "cli.upgrade.apply": "Make the changes.",
    "cli.upgrade.diff": "Print the diff alone.",
    "cli.upgrade.versions": "Made by kit {before}; this is {after}.",
    "cli.upgrade.requirement-added": "new requirement",
    "cli.upgrade.requirement-changed": "changed requirement",
    "cli.upgrade.requirement-retired": "retired requirement",
    "cli.upgrade.nothing": "Nothing would change.",
    "cli.upgrade.added": "added",
    "cli.upgrade.changed": "changed",
    "cli.upgrade.merged": "merged with your edits",
    "cli.upgrade.removed": "removed",
    "cli.upgrade.conflict": "in conflict with your edits",
    "cli.upgrade.kept": "kept as you have it",
    "cli.upgrade.conflicts": "{count} of them changed where you did too: yours stay, the kit's lie beside them"
    " as FILE.istmo-new.",
    "cli.upgrade.next": "istmo upgrade --apply makes these changes; istmo upgrade --diff | git apply does"
    " too, but for the record in .istmo.",
    "cli.upgrade.applied": "Done. Install again (make test does), then run make test and make check.",
    "scaffold.no-git": "git is not installed, and it compares the files",
    "scaffold.no-git-hint": "install git",
    "scaffold.half-hint": "make room and run it again: what was changed already is no change any more",
}
