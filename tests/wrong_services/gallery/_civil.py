"""Replacing hooks and handlers of the civil room, which its case machine and its binding read in ways of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

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


def handled(reference: Reference, **handlers: Callable[..., object]) -> App:
    """Build the reference with other handlers, which pass for the room's own."""
    for handler in handlers.values():
        handler.__module__ = HANDLERS
    reference.replace(HANDLERS, **handlers)
    return reference.app()
