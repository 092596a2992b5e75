"""Subscriptions: where events go; the secret that signs them is taken in and never shown again."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from . import problems
from .unit import SUBSCRIPTIONS as KIND
from .work import Record

if TYPE_CHECKING:
    from .store import Json
    from .work import Answer, Work


async def create_subscription(work: Work, body: Json) -> Record:
    """Let another system be told of events; outside a sandbox only over an encrypted connection."""
    address = urlsplit(body["callbackUrl"])
    encrypted = address.scheme == "https" or work.settings.sandbox
    if not encrypted or not address.hostname or address.username is not None:
        raise problems.validation_failed([problems.body_item(["callbackUrl"], "not-allowed-here")])
    subscription_id = str(uuid.uuid4())
    shown = {name: value for name, value in body.items() if name != "secret"}
    doc = {"id": subscription_id, **shown, "createdAt": work.stamp}
    hidden = {"secret": body["secret"]}
    return await work.add(KIND, doc, owner=work.caller.subject, id=subscription_id, hidden=hidden)


async def list_subscriptions(work: Work, limit: int = 20, cursor: str | None = None) -> Answer:
    """List the subscriptions of the calling system."""
    return (await work.page(KIND, limit=limit, cursor=cursor, owner=work.caller.subject)).answer()


async def delete_subscription(work: Work, id: str) -> None:  # noqa: A002 - the parameter's name
    """End an own subscription; what waits for it in the outbox is not delivered any more."""
    await work.remove(await work.get(KIND, id))
