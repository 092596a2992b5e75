"""How far a run is: a bar where a person watches, plain lines everywhere else."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, Protocol, Self

from istmo.cli.output import safe
from istmo.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TextIO

    from istmo_conformance.exchanges import Exchange
    from istmo_conformance.verdict import Verdict

WIDEST_BODY = 300


class Progress(Protocol):
    """Told after each scenario; a context that tidies up the screen."""

    def __call__(self, scenario: str, verdict: Verdict, done: int, total: int) -> None:
        """Take note of one scenario."""

    def hear(self, exchange: Exchange, clean: Callable[[str], str]) -> None:
        """Take note of one call."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the screen as it was found."""


def shown(*, verbose: int) -> Progress:
    """The progress that suits whoever reads standard error."""
    # The stream is taken now: while the suite runs, whatever is printed is caught.
    stream = sys.stderr
    return Bar(stream, verbose=verbose) if stream.isatty() else Lines(stream, verbose=verbose)


def named(scenario: str, verdict: Verdict) -> str:
    """One scenario on one line."""
    return f"  {text(f'word.{verdict.value}'):<13} {safe(scenario)}"


class Calls:
    """The calls of the scenario in progress: one line each when asked to be verbose, with bodies when asked twice."""

    def __init__(self, verbose: int) -> None:
        self._verbose = verbose
        self._heard: list[tuple[Exchange, Callable[[str], str]]] = []

    def hear(self, exchange: Exchange, clean: Callable[[str], str]) -> None:
        """Keep a call until its scenario ends: only then are all its secrets known."""
        if self._verbose:
            self._heard.append((exchange, clean))

    def told(self) -> list[str]:
        """The calls since the last scenario, without their secrets."""
        heard, self._heard = self._heard, []
        return [line for exchange, clean in heard for line in self._told(exchange, clean)]

    def _told(self, exchange: Exchange, clean: Callable[[str], str]) -> list[str]:
        answer, request = exchange.answer, exchange.answer.request
        path = safe(clean(request.path))
        lines = [f"      {exchange.who}: {request.method} {path} -> {answer.status}  {answer.seconds * 1000:.0f} ms"]
        for mark, body in ((">", request.body), ("<", answer.body)) if self._verbose > 1 else ():
            told = safe(clean(body.decode("utf-8", errors="replace"))).replace("\n", " ").strip()
            lines += [f"          {mark} {told[:WIDEST_BODY]}"] if told else []
        return lines


class Lines(Calls):
    """A line now and then, for logs; every scenario when asked to be verbose."""

    def __init__(self, stream: TextIO, *, verbose: int) -> None:
        super().__init__(verbose)
        self._stream = stream
        self._tenth = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self._write("")

    def __call__(self, scenario: str, verdict: Verdict, done: int, total: int) -> None:
        if self._verbose:
            self._write("\n".join([named(scenario, verdict), *self.told()]) + "\n")
        tenth = done * 10 // max(total, 1)
        if tenth > self._tenth and not self._verbose:
            self._tenth = tenth
            self._write(f"  {text('cli.check.progress', done=done, total=total)}\n")

    def _write(self, words: str) -> None:
        # Whoever reads may have left, as `| head` does: the run goes on, and its reports are written.
        with contextlib.suppress(BrokenPipeError):
            self._stream.write(words)
            self._stream.flush()


class Bar(Calls):
    """A bar that moves."""

    def __init__(self, stream: TextIO, *, verbose: int) -> None:
        super().__init__(verbose)
        # Drawing is the only thing that needs this library, so only a terminal pays for its import.
        from rich import console, progress

        self._console = console.Console(file=stream, highlight=False, markup=False, emoji=False)
        self._bar = progress.Progress(
            progress.BarColumn(bar_width=32),
            progress.TextColumn("{task.description}", markup=False),
            progress.TimeElapsedColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task: Any = None

    def __enter__(self) -> Self:
        self._bar.start()
        self._task = self._bar.add_task("", total=None)
        return self

    def __exit__(self, *ended: object) -> None:
        self._bar.stop()

    def __call__(self, scenario: str, verdict: Verdict, done: int, total: int) -> None:
        words = text("cli.check.progress", done=done, total=total)
        self._bar.update(self._task, total=total, completed=done, description=words)
        if self._verbose:
            self._console.print("\n".join([named(scenario, verdict), *self.told()]), soft_wrap=True)
