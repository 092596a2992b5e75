"""Servers that say on each connection what a test wants them to say."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from istmo_conformance.client import Answer, HttpClient, Request

Speak = Callable[[socket.socket], None]
GET = Request("GET", "/")


@contextmanager
def speaking() -> Iterator[Callable[[Speak], str]]:
    """A server that says on each connection what a test wants it to say; returns its origin."""
    listening: list[socket.socket] = []

    def serve(speak: Speak) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listening.append(listener)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        def answer(connection: socket.socket) -> None:
            with connection:
                try:
                    connection.recv(65536)
                    speak(connection)
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for listener in listening:
        listener.close()


def says(head: str, body: bytes = b"") -> Speak:
    return lambda connection: connection.sendall(head.replace("\n", "\r\n").encode() + body)


def drip(connection: socket.socket, head: bytes) -> None:
    connection.sendall(head)
    for _ in range(200):
        time.sleep(0.05)
        connection.sendall(b"x")


def send(origin: str, deadline: float = 1.0, request: Request = GET) -> Answer:
    found = HttpClient(origin, deadline=deadline)
    try:
        return found.send(request)
    finally:
        found.close()
