"""`istmo idp`: the development token issuer over HTTP, for a service that is not ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from istmo.cli import words
from istmo.cli.command import Command, option
from istmo.cli.output import coloured, say
from istmo.cli.serve import is_local
from istmo.errors import KitError
from istmo.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable


def command() -> click.Command:
    """Make the command."""
    return Command(
        "idp",
        run,
        [
            option("--country", "cli.idp.country", default="XX", metavar="CODE"),
            option("--host", "cli.serve.host", default="127.0.0.1", metavar="HOST"),
            option("--port", "cli.idp.port", default=8100, type=click.IntRange(0, 65535), metavar="PORT"),
        ],
    )


def run(*, country: str, host: str, port: int) -> int:
    """Serve the issuer until it is told to stop."""
    if not is_local(host):
        raise KitError("public-issuer", text("cli.idp.exposed", host=host), text("cli.idp.exposed-hint"))
    code = words.country(country)
    from istmo.cli import _issuer, _server

    with _server.listening(host, port) as (listener, address):
        return _server.serve(_issuer.build(address, code), listener, _announced(address))


def _announced(address: str) -> Callable[[], None]:
    def announce() -> None:
        say(text("cli.idp.ready", url=coloured(address, "cyan")))
        say(text("cli.idp.next", url=address))
        say(text("cli.serve.stop"))

    return announce
