"""`istmo serve`: run reference services, or those of any installed package that holds rooms."""

from __future__ import annotations

import os
from ipaddress import ip_address
from typing import TYPE_CHECKING

import click

from istmo.cli import words
from istmo.cli.command import Command, argument, option
from istmo.cli.output import coloured, say
from istmo.errors import KitError
from istmo.texts import text

if TYPE_CHECKING:
    from istmo.runtime.settings import Settings


def command() -> click.Command:
    """Make the command."""
    return Command(
        "serve",
        run,
        [
            argument("slugs", "[SLUG]...", nargs=-1),
            option("--country", "cli.serve.country", metavar="CODE"),
            option("--host", "cli.serve.host", default="127.0.0.1", metavar="HOST"),
            option("--port", "cli.serve.port", default=8000, type=click.IntRange(0, 65535), metavar="PORT"),
            option("--database", "cli.serve.database", metavar="URL"),
            option("--public-sandbox", "cli.serve.public-sandbox", is_flag=True),
        ],
    )


def run(
    *,
    slugs: tuple[str, ...],
    country: str | None,
    host: str,
    port: int,
    database: str | None,
    public_sandbox: bool,
) -> int:
    """Build the application and serve it until it is told to stop."""
    chosen = list(dict.fromkeys(words.slug(word) for word in slugs)) or words.slugs()
    given = {"country": words.country(country) if country else None, "database": database}
    sandbox = os.environ.get("ISTMO_ENVIRONMENT", "sandbox") == "sandbox"
    if sandbox and not public_sandbox and not is_local(host):
        raise KitError("public-sandbox", text("cli.serve.exposed", host=host), text("cli.serve.exposed-hint"))
    from istmo import rooms
    from istmo.cli import _server
    from istmo.runtime import create_app
    from istmo.runtime.settings import load

    with _server.listening(host, port) as (listener, address):
        # Links carry the address listened on, unless the operator set another.
        given["base_url"] = None if os.environ.get("ISTMO_BASE_URL") else address
        settings = load(**{key: value for key, value in given.items() if value})
        app = create_app(*(rooms.load(slug) for slug in chosen), settings=settings)
        return _server.serve(app, listener, lambda: announce(chosen, address, settings), settings.limits)


def is_local(host: str) -> bool:
    """Whether only this machine can reach a host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def announce(slugs: list[str], address: str, settings: Settings) -> None:
    """Say where each service is served and what to do next."""
    from istmo.spec import spec

    say(text("cli.serve.ready", country=settings.country, environment=settings.environment))
    for slug in slugs:
        say(f"  {slug:<24} {coloured(address + spec(slug).base_path, 'cyan')}")
    say()
    say(text("cli.serve.next", url=address, slug=slugs[0]))
    say(text("cli.serve.stop"))
