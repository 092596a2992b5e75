"""The one table of commands: the word typed, and where the command is made, loaded when it is typed.

A command outside the kernel stands here as a string, so that the kernel never imports it by itself.
"""

from __future__ import annotations

from typing import Final

# Word -> "module:attribute" of a function without parameters that returns a `click.Command`.
# The order is that of a first day with the kit, and of `istmo --help`.
COMMANDS: Final = {
    "demo": "istmo_conformance.commands.demo:command",
    "services": "istmo.cli.services:command",
    "new": "istmo.cli.new:command",
    "upgrade": "istmo.cli.upgrade:command",
    "serve": "istmo.cli.serve:command",
    "db": "istmo.cli.db:command",
    "idp": "istmo.cli.idp:command",
    "profile": "istmo.cli.profile:command",
    "check": "istmo_conformance.commands.check:command",
    "report": "istmo_conformance.commands.report:command",
}
