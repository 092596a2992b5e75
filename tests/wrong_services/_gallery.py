"""The register of wrong variants: what each breaks and how it is built."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.parts import Parts

if TYPE_CHECKING:
    from istmo.spec import Spec

    from ._tamper import App, Call, Forward, Reply

HOST = "civil_certificates"  # on this service the faults of what all services share are shown
COMMON = "common"


@dataclass
class Reference(Parts):
    """The right service, to be spoiled: change its parts before it is built, or wrap it afterwards."""

    slug: str = HOST
    country: str = "XX"
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def spec(self) -> Spec:
        """The normative document of the service."""
        from istmo.spec import Spec, bundle  # noqa: PLC0415 - the gallery lists without loading the kernel

        return Spec(bundle(self.slug), self.slug)

    def app(self) -> App:
        """Build the reference application, with whatever was replaced before."""
        from istmo.runtime.reference import build  # noqa: PLC0415 - replaced parts must be in place first

        built: App = build(self.slug, country=self.country, **self.settings)
        return built

    def tampered(self, tamper: Callable[[Call, Forward], Any]) -> App:
        """Build the reference and let `tamper` stand between it and the world."""
        from ._tamper import tampered  # noqa: PLC0415 - see app

        return tampered(self.app(), self.spec, tamper)

    def answering(self, change: Callable[[Call, Reply], None]) -> App:
        """Build the reference and change its answers on the way out."""

        async def tamper(call: Call, forward: Forward) -> Reply:
            reply = await forward(call)
            change(call, reply)
            return reply

        return self.tampered(tamper)

    def asking(self, change: Callable[[Call], None]) -> App:
        """Build the reference and change the requests on the way in."""

        async def tamper(call: Call, forward: Forward) -> Reply:
            change(call)
            return await forward(call)

        return self.tampered(tamper)


@dataclass(frozen=True)
class Wrong:
    """One wrong variant: the requirement that it breaks, a sentence, and those it cannot help breaking too."""

    name: str
    breaks: str
    sentence: str
    build: Callable[[Reference], App]
    also: frozenset[str]
    country: str

    @property
    def slug(self) -> str:
        """The service that is wrong: the one whose requirement breaks."""
        room = self.breaks.partition("/")[0]
        return HOST if room == COMMON else room


_REGISTER: dict[str, Wrong] = {}


def wrong(
    breaks: str, sentence: str, *, also: tuple[str, ...] = (), country: str = "XX"
) -> Callable[[Callable[[Reference], App]], Callable[[Reference], App]]:
    """Register a variant; `also` names requirements that the same fault breaks by their very wording."""

    def register(build: Callable[[Reference], App]) -> Callable[[Reference], App]:
        name = build.__name__
        if name in _REGISTER:
            raise ValueError(f"two wrong services are called {name}")
        _REGISTER[name] = Wrong(name, breaks, sentence, build, frozenset(also), country)
        return build

    return register


def gallery() -> dict[str, Wrong]:
    """Return every wrong variant by name."""
    from . import gallery as rooms  # noqa: PLC0415 - the rooms import this module

    for found in pkgutil.iter_modules(rooms.__path__):
        importlib.import_module(f"{rooms.__name__}.{found.name}")
    return dict(sorted(_REGISTER.items()))
