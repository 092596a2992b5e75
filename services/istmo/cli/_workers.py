"""Several processes behind one socket: started one after the other, replaced when one dies, stopped in order."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    # Serves until a signal and returns the exit code; calls what it is given once requests are answered.
    Work = Callable[[Callable[[], None]], int]

YOUNG = 5.0  # seconds: a process that dies sooner is not replaced at once
BREATH = 1.0  # seconds before such a one is replaced
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Crew:
    """The processes of one `istmo serve`; the first of them serves before the next one starts."""

    def __init__(self, count: int, work: Work, *, lost: Callable[[int], None] = lambda _: None) -> None:
        self._count = count
        self._work = work
        self._lost = lost
        self._born: dict[int, float] = {}
        self._stopping = False
        self._leash, self._hand = os.pipe()  # nobody writes: what holds the other end lives

    def run(self, ready: Callable[[], None]) -> int:
        """Keep the processes running until a signal, and return the exit code."""
        before = {number: signal.signal(number, self._stop) for number in SIGNALS}
        try:
            for _ in range(self._count):
                code = self._start()
                if code is not None:
                    self._stop(signal.SIGTERM, None)
                    self._bury_all()
                    return code
            if not self._stopping:
                ready()
                sys.stdout.flush()
            self._keep()
            return 0
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self) -> int | None:
        """Start a process and wait until it serves; the exit code of one that does not."""
        if self._stopping:
            return None
        reading, writing = os.pipe()
        # A signal in between would find a child that nobody knows, or a child that takes itself for its parent.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        child = os.fork()
        if child == 0:
            os.close(reading)
            self._serve(writing)
        self._born[child] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        os.close(writing)
        serves = os.read(reading, 1)
        os.close(reading)
        if serves:
            return None
        del self._born[child]
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return None if self._stopping else max(status, 1)

    def _serve(self, writing: int) -> None:
        """Work in a new process; never returns."""
        code = 1
        try:
            for number in SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            os.close(self._hand)
            threading.Thread(target=self._follow, daemon=True).start()
            code = self._work(lambda: _tell(writing))
        except Exception as error:  # noqa: BLE001 - the same last net as that of every command
            from istmo.cli import _endings

            code = _endings.ended(error, [])
        finally:
            with contextlib.suppress(OSError):  # whoever read what it says may have left
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _follow(self) -> None:
        """Stop in order when the parent has died without a word: an orphan would keep the port for ever."""
        os.read(self._leash, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def _keep(self) -> None:
        """Replace whoever dies, until all were told to stop and have ended."""
        while self._born:
            child, _ = os.waitpid(-1, 0)
            born = self._born.pop(child, None)
            if born is None:
                continue
            self._lost(child)
            if self._stopping:
                continue
            if time.monotonic() - born < YOUNG:
                time.sleep(BREATH)
            while not self._stopping and self._start() is not None:
                time.sleep(BREATH)

    def _bury_all(self) -> None:
        while self._born:
            self._born.pop(os.waitpid(-1, 0)[0], None)

    def _stop(self, number: int, _: FrameType | None) -> None:
        """Hand a signal on; each process stops in its own order."""
        self._stopping = True
        for child in list(self._born):
            os.kill(child, number)


def _tell(writing: int) -> None:
    os.write(writing, b"1")
    os.close(writing)
