"""Replacing the hooks that the civil room gives to its case machine, which reads them once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.wrong_services._gallery import Reference
    from tests.wrong_services._tamper import App

ROOM = "istmo_services.civil_certificates"
RULES, HOOKS, REGISTER = f"{ROOM}.rules", f"{ROOM}.hooks", f"{ROOM}.register"
CERTIFICATES, HANDLERS, CODES = f"{ROOM}.certificates", f"{ROOM}.handlers", f"{ROOM}.codes"


def hooked(reference: Reference, **hooks: object) -> App:
    """Build the reference with other hooks in its case machine."""
    from istmo.runtime import Case  # noqa: PLC0415 - the gallery lists without loading the kernel
    from istmo_services import civil_certificates as room  # noqa: PLC0415 - see above

    reference.replace(HOOKS, **hooks)
    room.service.cases = [Case(room.hooks.COLLECTION, room.hooks)]
    return reference.app()
