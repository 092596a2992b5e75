"""The relay: events leave after their commit, signed, at least once, in order for each subject."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import ipaddress
import json
import logging
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2

from . import failpoints, logs, signatures
from .store import Delivery, StoreUnavailable, Writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .service import ServiceContext
    from .settings import Settings
    from .store import Json, Store

MEDIA_TYPE = "application/cloudevents+json"
SUBSCRIPTIONS = "subscriptions"
GIVE_UP = 24 * 3600.0
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 3600.0
BATCH = 50
IDLE = 1.0  # seconds between looks into the outbox: another process may have filled it

LONGEST_DELIVERY = 20.0  # seconds for one delivery to end: what it may take, and its entry in the store


def signature(secret: str, at: int, body: bytes) -> str:
    """Return the value of `Istmo-Signature` for a body sent at a time."""
    code = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at}, v1={code}"


def _addressed(
    context: ServiceContext, url: str, recipient: str, headers: dict[str, str], body: bytes
) -> dict[str, str]:
    """Return the headers of a message to another service, signed with the key that this one publishes."""
    more = {"content-digest": signatures.digest(body), "istmo-recipient": recipient}
    message = signatures.Message("POST", url, {**headers, **more})
    signatures.sign(message, context.keys.kid, context.keys.seal, context.clock.now())
    return message.headers


class Relay:
    """Delivers the outboxes of all services of a process."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        services: Mapping[str, ServiceContext],
        client: httpx2.AsyncClient | None = None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._services = services
        self._client = client
        self._owned = client is None
        self._task: asyncio.Task[None] | None = None
        self._halted = asyncio.Event()

    def start(self) -> None:
        """Begin to deliver in the background."""
        if self._task is None or self._task.done():
            self._halted.clear()
            self._task = asyncio.create_task(self._forever())

    def halt(self) -> None:
        """Begin no further delivery."""
        self._halted.set()

    async def stop(self, patience: float = LONGEST_DELIVERY) -> None:
        """Stop after the delivery under way; what is left stays in the outbox, due for whoever comes next."""
        self.halt()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=patience)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if self._client is not None and self._owned:
            await self._client.aclose()
            self._client = None

    async def _forever(self) -> None:
        while not self._halted.is_set():
            pause = IDLE
            try:
                due = await self._store.next_due()
                if due is not None and due <= time.time() and await self.deliver_once():
                    pause = 0.0
            except (StoreUnavailable, failpoints.Failed) as error:
                logs.write(logs.OUTBOX, logging.WARNING, "outbox-unreadable", **logs.cause(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._halted.wait(), pause)

    async def deliver_once(self) -> int:
        """Deliver what is due now and return how many deliveries succeeded."""
        delivered = 0
        for context in self._services.values():

            async def claim(writer: Writer) -> list[Delivery]:
                return await writer.due(time.time(), BATCH)

            for delivery in await self._store.write(context.slug, claim):
                if self._halted.is_set():
                    await self._settle(context, delivery, "waiting", time.time(), delivery.attempts)
                else:
                    delivered += await self._deliver(context, delivery)
        return delivered

    async def _deliver(self, context: ServiceContext, delivery: Delivery) -> bool:
        """Send one event outside any transaction, then record how it went."""
        subscription = await context.reader.get(SUBSCRIPTIONS, delivery.subscription)
        attempts = delivery.attempts + 1
        ok, state, next_at = False, "parked", 0.0
        if subscription is not None:
            secret = str(subscription.hidden.get("secret", ""))
            failpoints.reach("before-delivery")
            ok = await self._send(context, subscription.doc, secret, delivery)
            failpoints.reach("after-delivery")
            if ok:
                state = "delivered"
            elif time.time() - delivery.first_at <= GIVE_UP:
                state = "waiting"
                next_at = time.time() + min(FIRST_PAUSE * 2.0 ** min(delivery.attempts, 20), LONGEST_PAUSE)
        await self._settle(context, delivery, state, next_at, attempts)
        if state == "parked":
            told = {"service": context.kebab, "eventId": str(delivery.event["id"])}
            logs.write(logs.OUTBOX, logging.ERROR, "event-parked", attempts=attempts, **told)
        for observer in context.observers:
            observer.delivered(context.kebab, "failed" if state == "waiting" else state)
        return ok

    async def _settle(
        self, context: ServiceContext, delivery: Delivery, state: str, next_at: float, attempts: int
    ) -> None:
        async def unit(writer: Writer) -> None:
            await writer.settle(delivery.id, state, attempts, next_at)

        await self._store.write(context.slug, unit)

    async def _send(self, context: ServiceContext, subscription: Json, secret: str, delivery: Delivery) -> bool:
        url = str(subscription["callbackUrl"])
        if not await self.allows(url):
            return False
        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=10.0, follow_redirects=False)
            logging.getLogger("httpx2").setLevel(logging.WARNING)  # below, its lines name the addresses of receivers
        body = json.dumps(delivery.event, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "content-type": MEDIA_TYPE,
            "istmo-signature": signature(secret, int(time.time()), body),
        }
        try:
            if subscription.get("recipient"):
                headers = _addressed(context, url, str(subscription["recipient"]), headers, body)
            async with (
                asyncio.timeout(15.0),
                self._client.stream("POST", url, content=body, headers=headers) as answer,
            ):
                return bool(answer.is_success)  # the receiver's words do not matter and are not read
        except (httpx2.HTTPError, httpx2.InvalidURL, signatures.Unsigned, TimeoutError, OSError) as error:
            told = {"eventId": str(delivery.event["id"]), "error": type(error).__name__}
            logs.write(logs.OUTBOX, logging.INFO, "event-not-taken", **told)
            return False

    async def allows(self, url: str) -> bool:
        """Tell whether events may go to an address: outside a sandbox only to public ones, and encrypted."""
        if self._settings.allows_private_callbacks:
            return True
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            return False
        try:
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
        except OSError:
            return False
        return all(ipaddress.ip_address(address[4][0]).is_global for address in found)
