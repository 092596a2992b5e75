"""`istmo serve`: run reference services, or those of any installed package that holds rooms."""

from __future__ import annotations

import os
from contextlib import contextmanager
from ipaddress import ip_address
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import click

from istmo.cli import words
from istmo.cli.command import Command, argument, option
from istmo.cli.output import coloured, safe, say
from istmo.errors import KitError
from istmo.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket

    from istmo.runtime.settings import Settings

METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"


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
            option("--workers", "cli.serve.workers", type=click.IntRange(1, 64), metavar="N"),
            option("--public-sandbox", "cli.serve.public-sandbox", is_flag=True),
            option("--check-settings", "cli.serve.check", is_flag=True),
        ],
    )


def run(
    *,
    slugs: tuple[str, ...],
    country: str | None,
    host: str,
    port: int,
    database: str | None,
    workers: int | None,
    public_sandbox: bool,
    check_settings: bool,
) -> int:
    """Build the application and serve it until it is told to stop."""
    chosen = list(dict.fromkeys(words.slug(word) for word in slugs)) or words.slugs()
    given = {"country": words.country(country) if country else None, "database": database, "workers": workers}
    sandbox = os.environ.get("ISTMO_ENVIRONMENT", "sandbox") == "sandbox"
    if sandbox and not public_sandbox and not is_local(host):
        raise KitError("public-sandbox", text("cli.serve.exposed", host=host), text("cli.serve.exposed-hint"))
    if public_sandbox and not sandbox:
        raise KitError("unsafe-settings", text("cli.serve.no-sandbox"), text("cli.serve.no-sandbox-hint"))
    if check_settings:
        return check({key: value for key, value in given.items() if value})
    from istmo.cli import _server

    with _server.listening(host, port) as (listener, address):
        # Links carry the address listened on, unless the operator set another.
        given["base_url"] = None if os.environ.get("ISTMO_BASE_URL") else address
        return serve(chosen, {key: value for key, value in given.items() if value}, listener, address)


def serve(slugs: list[str], given: dict[str, Any], listener: socket, address: str) -> int:
    """Serve in this process, or in as many as the settings say."""
    from istmo import rooms
    from istmo.cli import _server
    from istmo.runtime import create_app, logs
    from istmo.runtime.settings import load

    with counted_together(given):
        settings = load(**given)
        logs.configure(settings.log_level if settings.log else "warning")

        def work(ready: Callable[[], None]) -> int:
            app = create_app(*(rooms.load(slug) for slug in slugs), settings=settings)
            ending = _server.Ending(settings.pause, settings.stop_grace, app.drain, lambda: app.failure)
            return _server.serve(app, listener, ready, ending, settings.limits)

        def ready() -> None:
            announce(slugs, address, settings)

        if settings.workers == 1:
            return work(ready)
        from istmo.cli._workers import Crew

        return Crew(settings.workers, work, lost=uncounted if settings.metrics else lambda _: None).run(ready)


@contextmanager
def counted_together(given: dict[str, Any]) -> Iterator[None]:
    """Give several processes a folder for the figures that they count together, if nobody named one."""
    wanted = str(given.get("workers") or os.environ.get("ISTMO_WORKERS", "1"))  # the settings judge odd words
    if wanted in {"", "0", "1"} or METRICS_FOLDER in os.environ:
        yield
        return
    with TemporaryDirectory(prefix="istmo-metrics-") as folder:
        os.environ[METRICS_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[METRICS_FOLDER]


def uncounted(child: int) -> None:
    """Forget the momentary figures of a process that has ended."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(child)  # type: ignore[no-untyped-call] # the library does not annotate it


def check(given: dict[str, Any]) -> int:
    """Tell everything that is wrong with the settings, and what they only warn of."""
    from istmo.runtime.settings import examine

    settings, wrong = examine(**given)
    if settings is not None:
        say(text("cli.serve.checked", environment=settings.environment, country=settings.country))
    for error in wrong:
        say(f"  {coloured(safe(error.message), 'red')}")
        say(f"    {text('cli.hint')}: {safe(error.hint)}")
    if settings is not None:
        warn(settings)
    if wrong:
        raise KitError(wrong[0].code, text("cli.serve.unsafe", count=len(wrong)), text("cli.serve.unsafe-hint"))
    say(f"  {coloured(text('cli.serve.safe'), 'green')}")
    return 0


def warn(settings: Settings) -> None:
    """Tell what is allowed and yet should be known."""
    from istmo.runtime import safety

    for warning in safety.warnings(settings):
        say(f"  {coloured(text('cli.serve.warning'), 'yellow')}: {warning}")


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
    warn(settings)
    for slug in slugs:
        say(f"  {slug:<24} {coloured(address + spec(slug).base_path, 'cyan')}")
    say()
    # In production the address listened on takes no call but the proxy's.
    judged = address if settings.sandbox else settings.base_url.rstrip("/")
    say(text("cli.serve.next", url=judged, slug=slugs[0]))
    say(text("cli.serve.stop"))
