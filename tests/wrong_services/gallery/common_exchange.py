"""Wrong readers of other services' messages: whose they are, of what, for whom, of when, and how often they count."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from tests.wrong_services._tamper import App, Call, Reply

# Types of the kernel are not imported here: the gallery lists without loading it.
EXCHANGE, SIGNATURES, PEERS = "istmo.runtime.exchange", "istmo.runtime.signatures", "istmo.runtime.peers"
KERNEL, UNIT = "istmo.runtime.kernel:Kernel", "istmo.runtime.unit"


def _lenient(reference: Reference, **asked: Any) -> App:
    """Build the reference with a reader of signatures that asks for something else."""
    original = reference.original(SIGNATURES, "signer_of")

    @functools.wraps(original)
    def signer_of(message: Any, find: Any, **settled: Any) -> Any:
        return original(message, find, **{**settled, **asked})

    reference.replace(SIGNATURES, signer_of=signer_of)
    return reference.app()


def _covering(reference: Reference, left_out: str) -> App:
    covered = reference.original(SIGNATURES, "COVERED")
    return _lenient(reference, covered=tuple(name for name in covered if name != left_out))


# Whose it is


@wrong("common/exchange-signed", "Whoever names a known key is believed; the signature is not looked at.")
def signature_not_checked(reference: Reference) -> App:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - the gallery lists without loading it
    from http_message_signatures.algorithms import ED25519  # noqa: PLC0415 - see above

    original = ED25519.verify

    def verify(self: Any, signature: bytes, message: bytes) -> None:
        try:
            original(self, signature, message)
        except InvalidSignature:
            return

    reference.replace("http_message_signatures.algorithms:ED25519", verify=verify)
    return reference.app()


@wrong("common/exchange-signed", "A message without any signature is taken as one of the first peer.")
def unsigned_taken(reference: Reference) -> App:
    original = reference.original(EXCHANGE, "authenticate")

    def authenticate(context: Any, scope: Any, headers: Any) -> Any:
        held = {**context.peers._listed, **context.peers._registered}  # noqa: SLF001 - the fault is in their use
        if "signature" in headers or not held:
            return original(context, scope, headers)
        return _Trusting(next(iter(held.values())).peer, {})

    reference.replace(EXCHANGE, authenticate=authenticate)
    return reference.app()


class _Trusting:
    """A sender whose body is taken as it comes."""

    def __init__(self, peer: Any, digests: Any) -> None:
        self.peer, self.digests = peer, digests

    def caller(self, address: str, service: str) -> Any:
        from istmo.runtime.exchange import Sender  # noqa: PLC0415 - the gallery lists without loading the kernel

        return Sender(self.peer, self.digests).caller(address, service)

    def ensure(self, body: bytes) -> None:
        """Vouch for whatever comes."""


@wrong("common/exchange-signed", "The signature need not cover the method.")
def method_not_covered(reference: Reference) -> App:
    return _covering(reference, "@method")


@wrong("common/exchange-signed", "The signature need not cover the address.")
def address_not_covered(reference: Reference) -> App:
    return _covering(reference, "@target-uri")


@wrong("common/exchange-signed", "The signature need not cover the digest of the body.")
def digest_not_covered(reference: Reference) -> App:
    return _covering(reference, "content-digest")


@wrong("common/exchange-signed", "The signature need not cover the recipient.")
def recipient_not_covered(reference: Reference) -> App:
    return _covering(reference, "istmo-recipient")


@wrong("common/exchange-signed", "A signature that was made for another purpose counts.")
def any_purpose(reference: Reference) -> App:
    return _lenient(reference, tag=None)


@wrong("common/exchange-signed", "The host of the address does not count: any service's message is one for this one.")
def any_host(reference: Reference) -> App:
    original = reference.original(SIGNATURES, "signer_of")

    @functools.wraps(original)
    def signer_of(message: Any, find: Any, **settled: Any) -> Any:
        unsigned = reference.original(SIGNATURES, "Unsigned")
        try:
            return original(message, find, **settled)
        except unsigned:
            path = message.url.split("/", 3)[3]
            elsewhere = replace(message, url=f"https://services.example.invalid/{path}")
            return original(elsewhere, find, **settled)

    reference.replace(SIGNATURES, signer_of=signer_of)
    return reference.app()


# What it says


@wrong("common/exchange-digest", "The digest is signed and never compared with the body.")
def digest_not_compared(reference: Reference) -> App:
    reference.replace(SIGNATURES, vouch=lambda *_: True)
    return reference.app()


@wrong("common/exchange-digest", "A digest that anybody can forge is good enough.")
def weak_digest_accepted(reference: Reference) -> App:
    hashes = reference.original(SIGNATURES, "HASHES")
    weak = functools.partial(hashlib.new, "md5", usedforsecurity=False)
    reference.replace(SIGNATURES, HASHES={**hashes, "md5": weak})
    return reference.app()


@wrong("common/exchange-digest", "A message without a digest is called unsigned.")
def no_digest_unsigned(reference: Reference) -> App:
    original = reference.original(EXCHANGE, "authenticate")

    def authenticate(context: Any, scope: Any, headers: Any) -> Any:
        if "content-digest" not in headers and "signature" in headers:
            headers = {name: value for name, value in headers.items() if name != "signature"}
        return original(context, scope, headers)

    reference.replace(EXCHANGE, authenticate=authenticate)
    return reference.app()


@wrong("common/exchange-digest", "Only the shorter digest is known.")
def longer_digest_refused(reference: Reference) -> App:
    reference.replace(SIGNATURES, HASHES={"sha-256": hashlib.sha256})
    return reference.app()


# Of when it is


@wrong("common/exchange-fresh", "The age of a signature is not looked at.")
def age_not_checked(reference: Reference) -> App:
    reference.replace(EXCHANGE, OLDEST=10**9)
    return reference.app()


@wrong("common/exchange-fresh", "A signature of the future counts.")
def future_signature_accepted(reference: Reference) -> App:
    reference.replace(EXCHANGE, AHEAD=10**9)
    return reference.app()


@wrong("common/exchange-fresh", "A clock that is a few seconds ahead makes a message invalid.")
def no_second_ahead(reference: Reference) -> App:
    reference.replace(EXCHANGE, AHEAD=0)
    return reference.app()


@wrong("common/exchange-fresh", "A message has to arrive within a minute.")
def one_minute_only(reference: Reference) -> App:
    reference.replace(EXCHANGE, OLDEST=60)
    return reference.app()


@wrong("common/exchange-fresh", "A signature without a date is timeless.")
def undated_accepted(reference: Reference) -> App:
    place = f"{SIGNATURES}:_Verifier"
    original = reference.original(place, "validate_created_and_expires")

    def validate_created_and_expires(self: Any, sig_input: Any, max_age: Any = None) -> None:
        if "created" in sig_input.params:
            original(self, sig_input, max_age)

    reference.replace(place, validate_created_and_expires=validate_created_and_expires)
    return reference.app()


@wrong("common/exchange-fresh", "The end that a signature sets itself is overlooked.")
def end_overlooked(reference: Reference) -> App:
    place = f"{SIGNATURES}:_Verifier"
    original = reference.original(place, "validate_created_and_expires")

    def validate_created_and_expires(self: Any, sig_input: Any, max_age: Any = None) -> None:
        held = {name: value for name, value in sig_input.params.items() if name != "expires"}
        original(self, type("Held", (), {"params": held})(), max_age)

    reference.replace(place, validate_created_and_expires=validate_created_and_expires)
    return reference.app()


# How often it counts


def _named(reference: Reference, change: Any) -> App:
    """Build the reference with another idea of what makes two messages the same."""
    original = reference.original(EXCHANGE, "intention")

    def intention(sender: Any, place: str, event: Any, digest: str) -> Any:
        return change(original(sender, place, event, digest), event)

    reference.replace(EXCHANGE, intention=intention)
    return reference.app()


@wrong("common/exchange-replay", "A message that comes again is taken again.")
def replay_runs_twice(reference: Reference) -> App:
    return _named(reference, lambda *_: None)


@wrong("common/exchange-replay", "The id of a message may come with any content.")
def other_content_accepted(reference: Reference) -> App:
    return _named(reference, lambda found, _: replace(found, fingerprint=""))


@wrong("common/exchange-replay", "The id of a message is refused the second time, whatever its content.")
def every_replay_refused(reference: Reference) -> App:
    import secrets  # noqa: PLC0415 - only this variant needs it

    return _named(reference, lambda found, _: replace(found, fingerprint=secrets.token_hex(8)))


@wrong("common/exchange-replay", "Any message of a type is taken for the one before.")
def type_for_id(reference: Reference) -> App:
    def change(found: Any, event: Any) -> Any:
        return replace(found, key=replace(found.key, key=event["type"]))

    return _named(reference, change)


# For whom it is


@wrong("common/exchange-addressed", "A message for another service is taken as well.")
def other_recipient_accepted(reference: Reference) -> App:
    return _for(reference, lambda named, own: named.split("/")[0] == own.split("/")[0])


@wrong("common/exchange-addressed", "A message for the same service of another country is taken as well.")
def other_country_accepted(reference: Reference) -> App:
    return _for(reference, lambda named, own: named.split("/")[1] == own.split("/")[1])


def _for(reference: Reference, good: Any) -> App:
    """Build the reference with a service that feels addressed by other names too."""
    original, own = reference.original(EXCHANGE, "authenticate"), reference.original(EXCHANGE, "recipient")
    named: list[str] = []

    def authenticate(context: Any, scope: Any, headers: Any) -> Any:
        named[:] = [headers.get("istmo-recipient", "")]
        return original(context, scope, headers)

    def recipient(context: Any) -> str:
        found: str = own(context)
        return named[0] if "/" in named[0] and good(named[0], found) else found

    reference.replace(EXCHANGE, authenticate=authenticate, recipient=recipient)
    return reference.app()


# With which key


@wrong("common/exchange-keys", "A revoked key goes on opening.")
def revoked_key_accepted(reference: Reference) -> App:
    return _counting(reference, lambda key: key.model_copy(update={"revoked": False}))


@wrong("common/exchange-keys", "Nobody looks from when to when a key counts.")
def time_of_key_ignored(reference: Reference) -> App:
    return _counting(reference, lambda key: key.model_copy(update={"notBefore": None, "notAfter": None}))


def _counting(reference: Reference, seen: Any) -> App:
    original = reference.original(f"{PEERS}:Key", "counts")
    reference.replace(f"{PEERS}:Key", counts=lambda self, now: original(seen(self), now))
    return reference.app()


@wrong("common/exchange-keys", "A peer has one key: the second one is not known.", also=("common/exchange-replay",))
def one_key_a_peer(reference: Reference) -> App:
    original = reference.original(PEERS, "held")

    def held(found: list[Any]) -> Any:
        return original([peer.model_copy(update={"keys": peer.keys[:1]}) for peer in found])

    reference.replace(PEERS, held=held)
    return reference.app()


# What proves it


def _receipts(reference: Reference, change: Any) -> App:
    def answer(call: Call, reply: Reply) -> None:
        if call.is_for("receiveEvent") and reply.status < 300:
            document = reply.json
            change(document)
            reply.put(document)

    return reference.answering(answer)


@wrong("common/exchange-receipt", "The digest in the receipt is that of nothing.")
def receipt_of_nothing(reference: Reference) -> App:
    return _receipts(reference, lambda it: it.update(payloadDigest=hashlib.sha256(b"").hexdigest()))


@wrong("common/exchange-receipt", "The signature of the receipt is that of another one.")
def receipt_signature_altered(reference: Reference) -> App:
    return _receipts(reference, lambda it: it.update(signature=it["signature"][:-8] + "AAAAAAAA"))


@wrong("common/exchange-source", "A peer speaks for whatever source it names.")
def any_source(reference: Reference) -> App:
    reference.replace(f"{PEERS}:Peer", tells=lambda *_: True)
    return reference.app()
