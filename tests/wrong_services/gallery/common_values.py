"""Wrong services at single values: languages, moments, dates, money, identifiers, texts."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_services._tamper import App, Call, Reply

PARSE, INSTANTS, FEES = "istmo.runtime.parse", "istmo.runtime.instants", "istmo.runtime.fees"
PROFILE = "istmo.spec._profile"
HOOKS = "istmo_services.civil_certificates.hooks"
LATIN = 256  # how many characters the set has
Json = dict[str, Any]


def _rewritten(call: Call, change: Callable[[Any], Any], *operations: str) -> None:
    """Change every value of the JSON body of a call to one of the operations."""
    if not call.is_for(*operations):
        return
    try:
        document = json.loads(call.body)
    except (ValueError, RecursionError):
        return  # what is no JSON is refused further in
    changed = _mapped(document, change)
    if changed != document:  # any other body goes on byte for byte
        call.body = json.dumps(changed, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - any JSON
    value = change(value)
    if isinstance(value, dict):
        return {name: _mapped(inner, change) for name, inner in value.items()}
    return [_mapped(inner, change) for inner in value] if isinstance(value, list) else value


# Languages


@wrong(
    "common/language-of-answers", "Whatever is asked for, the answer is in the language of the country.",
    also=("common/service-description-complete",),  # which has to be there in both languages
)  # fmt: skip
def one_language(reference: Reference) -> App:
    reference.replace(PARSE, language=lambda _header, _offered, default: default)
    return reference.app()


@wrong(
    "common/language-of-answers", "The answer claims the language asked for, and is in that of the country.",
    also=("common/service-description-complete",),  # which has to be there in both languages
)  # fmt: skip
def language_only_claimed(reference: Reference) -> App:
    async def tamper(call: Call, forward: Any) -> Reply:  # noqa: ANN401 - see _tamper
        wanted = call.header("accept-language")
        if wanted in {"en", "es"}:
            call.drop("accept-language")
        reply: Reply = await forward(call)
        if wanted in {"en", "es"}:
            reply.set("content-language", wanted)
        return reply

    return reference.tampered(tamper)


@wrong("common/language-of-answers", "The contract is in English, whatever is asked for and claimed.")
def contract_in_english(reference: Reference) -> App:
    async def tamper(call: Call, forward: Any) -> Reply:  # noqa: ANN401 - see _tamper
        wanted = call.header("accept-language")
        english = call.is_for("getOpenApi") and wanted == "es"
        if english:
            call.set("accept-language", "en")
        reply: Reply = await forward(call)
        if english:
            reply.set("content-language", "es")
        return reply

    return reference.tampered(tamper)


@wrong("common/language-of-answers", "The first language named is taken, whatever its weight.")
def first_language_taken(reference: Reference) -> App:
    original = reference.original(PARSE, "language")

    def language(header: str, offered: tuple[str, ...], default: str) -> str:
        return str(original(re.sub(r";[^,]*", "", header), offered, default))

    reference.replace(PARSE, language=language)
    return reference.app()


@wrong("common/language-fallback", "Who asks for a language that is not there is answered in English.")
def fallback_english(reference: Reference) -> App:
    original = reference.original(PARSE, "language")

    def language(header: str, offered: tuple[str, ...], default: str) -> str:
        return str(original(header, offered, "en" if header.strip() else default))

    reference.replace(PARSE, language=language)
    return reference.app()


# Moments and dates


@wrong("common/utc-times", "A moment is kept with the offset with which it was written.")
def offset_kept(reference: Reference) -> App:
    reference.replace(INSTANTS, utc=lambda text: text)
    return reference.app()


@wrong("common/utc-times", "The offset of a moment is cut off, and the local hour is called UTC.")
def offset_cut(reference: Reference) -> App:
    reference.replace(INSTANTS, utc=lambda text: f"{text[:19]}Z")
    return reference.app()


@wrong("common/dates-without-time", "The time behind a date is cut off in silence.")
def time_cut_off(reference: Reference) -> App:
    written = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].+")

    def cut(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if not isinstance(value, dict):
            return value
        dates = {"birthDate", "eventDate"} & value.keys()
        return value | {
            name: value[name][:10] for name in dates if isinstance(value[name], str) and written.match(value[name])
        }

    return reference.asking(lambda call: _rewritten(call, cut, "createRequest", "replaceRequest"))


# Money


def _amounts(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Apply a change to the amount of everything that looks like money."""

    def changed(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict) and {"amount", "currency"} <= value.keys():
            return value | {"amount": change(value["amount"])}
        return value

    return changed


@wrong("common/money-scale", "Amounts are rounded to two decimals instead of being refused.")
def amounts_rounded(reference: Reference) -> App:
    def rounded(amount: Any) -> Any:  # noqa: ANN401 - any JSON
        fits = isinstance(amount, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]*)?", amount)
        return f"{float(amount):.2f}" if fits else amount

    return reference.asking(lambda call: _rewritten(call, _amounts(rounded), "createFeeQuote"))


@wrong("common/money-scale", "An amount without decimals is read as a whole number of units.")
def amounts_completed(reference: Reference) -> App:
    def completed(amount: Any) -> Any:  # noqa: ANN401 - any JSON
        return f"{amount}.00" if isinstance(amount, str) and amount.isdigit() else amount

    return reference.asking(lambda call: _rewritten(call, _amounts(completed), "createFeeQuote"))


@wrong("common/money-as-text", "A JSON number is taken for an amount.", also=("common/constraints-hold",))
def amounts_as_numbers(reference: Reference) -> App:
    def as_text(amount: Any) -> Any:  # noqa: ANN401 - any JSON
        is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
        return f"{amount:.2f}" if is_number else amount

    return reference.asking(lambda call: _rewritten(call, _amounts(as_text), "createFeeQuote"))


@wrong("common/money-currency", "Any currency is taken, as if it were that of the country.")
def any_currency(reference: Reference) -> App:
    original = reference.original(FEES, "_faults")

    def faults(*about: Any) -> list[Any]:  # noqa: ANN401 - the kernel's own types
        return [found for found in original(*about) if found[1] != "currency-not-allowed"]

    reference.replace(FEES, _faults=faults)
    return reference.app()


# Identifiers


@wrong("common/identifier-format", "An identifier of any form is kept as it is.")
def any_identifier(reference: Reference) -> App:
    original = reference.original(PROFILE, "normalise")
    failure = reference.original(PROFILE, "IdentifierError")
    normalised = reference.original(PROFILE, "Normalised")

    def normalise(country: str, described: Any, scheme: str, value: str) -> Any:  # noqa: ANN401 - the kernel's types
        try:
            return original(country, described, scheme, value)
        except failure as error:
            if error.reason != "format":
                raise
            return normalised(scheme, value, country, "both", "not_applicable")

    _in_room(reference, normalise)
    return reference.app()


@wrong("common/identifier-format", "An identifier that is too short or too long is said to have a wrong check digit.")
def wrong_reason(reference: Reference) -> App:
    original = reference.original(PROFILE, "normalise")
    failure = reference.original(PROFILE, "IdentifierError")

    def normalise(country: str, described: Any, scheme: str, value: str) -> Any:  # noqa: ANN401 - the kernel's types
        try:
            return original(country, described, scheme, value)
        except failure:
            raise failure("checksum", scheme) from None

    _in_room(reference, normalise)
    return reference.app()


@wrong("common/identifier-checksum", "Check digits are never looked at.")
def checksums_ignored(reference: Reference) -> App:
    original = reference.original(PROFILE, "normalise")

    def normalise(country: str, described: Any, scheme: str, value: str) -> Any:  # noqa: ANN401 - the kernel's types
        return original(country, described and {**described, "checksum": "none"}, scheme, value)

    _in_room(reference, normalise)
    return reference.app()


@wrong("common/identifier-checksum", "Check digits are enforced also where the country only wants them noted.")
def checksums_enforced(reference: Reference) -> App:
    original = reference.original(PROFILE, "normalise")

    def normalise(country: str, described: Any, scheme: str, value: str) -> Any:  # noqa: ANN401 - the kernel's types
        return original(country, described and {**described, "checksum": "enforce"}, scheme, value)

    _in_room(reference, normalise)
    return reference.app()


@wrong("common/identifier-normalised", "An identifier is checked in its normal form, and kept as it was written.")
def identifier_as_written(reference: Reference) -> App:
    original = reference.original(HOOKS, "_normalised")

    def normalised(work: Any, about: Json) -> Json:  # noqa: ANN401 - the kernel's own type
        original(work, about)
        return about

    reference.replace(HOOKS, _normalised=normalised)
    return reference.app()


def _in_room(reference: Reference, normalise: Callable[..., Any]) -> None:
    """Let the services read identifiers in another way; the suite in this process goes on reading them rightly."""
    original = reference.original(HOOKS, "_normalised")
    profile = reference.original(PROFILE, "Profile")

    class Misread(profile):  # type: ignore[misc, valid-type] # the class is looked up at run time
        def identifier(self, scheme: str, value: str) -> Any:  # noqa: ANN401 - the kernel's own type
            return normalise(self.country, self.schemes.get(scheme), scheme, value)

    class Misreading:
        def __init__(self, work: Any) -> None:  # noqa: ANN401 - the kernel's own type
            self.profile = Misread(work.profile.country, work.profile.document)

    def normalised(work: Any, about: Json) -> Json:  # noqa: ANN401 - the kernel's own type
        found: Json = original(Misreading(work), about)
        return found

    reference.replace(HOOKS, _normalised=normalised)


# Texts


def _texts(reference: Reference, change: Callable[[str], str]) -> App:
    """Change what people write in the free texts of a request."""

    def changed(value: Any) -> Any:  # noqa: ANN401 - any JSON
        return change(value) if isinstance(value, str) else value

    return reference.asking(lambda call: _rewritten(call, changed, "createRequest", "replaceRequest"))


@wrong("common/text-round-trip", "Every apostrophe becomes the one of the keyboard.")
def apostrophes_flattened(reference: Reference) -> App:
    return _texts(reference, lambda text: re.sub("[’ʼꞌ]", "'", text))


@wrong(
    "common/text-round-trip",
    "Texts pass through a character set of the last century.",
    also=("common/invisible-characters-refused",),  # which that set does not have
)
def texts_in_latin(reference: Reference) -> App:
    def latin(text: str) -> str:
        return "".join(one if ord(one) < LATIN or one in "’ʼ" else "?" for one in unicodedata.normalize("NFC", text))

    return _texts(reference, latin)


@wrong("common/text-round-trip", "A letter that comes in parts stays in parts.")
def letters_in_parts(reference: Reference) -> App:
    original = reference.original(PARSE, "_scalar")

    def scalar(value: Any, *about: Any) -> Any:  # noqa: ANN401 - any JSON
        read = original(value, *about)
        return value if isinstance(value, str) else read

    reference.replace(PARSE, _scalar=scalar)
    return reference.app()


@wrong("common/control-characters-refused", "Control characters are taken out in silence.")
def controls_removed(reference: Reference) -> App:
    return _texts(reference, lambda text: "".join(one for one in text if unicodedata.category(one) != "Cc"))


@wrong("common/control-characters-refused", "Only the control characters of ASCII are refused.")
def later_controls_kept(reference: Reference) -> App:
    return _texts(reference, lambda text: re.sub("[\x7f-\x9f]", "", text))


@wrong("common/answers-match-the-contract", "The check digits of references are swapped.")
def reference_digits_swapped(reference: Reference) -> App:
    original = reference.original("istmo.runtime.work:Work", "reference")

    def swapped(work: Any, number: int, **named: Any) -> str:  # noqa: ANN401 - the kernel's own types
        text: str = original(work, number, **named)
        return f"{text[:-2]}{text[-1]}{(int(text[-2]) + 1) % 10}"

    reference.replace("istmo.runtime.work:Work", reference=swapped)
    return reference.app()
