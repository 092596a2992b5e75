"""Data from the engine of schemathesis: the only module that imports it, or Hypothesis.

The engine reads the bundled regional document, never what the target serves. Its own transport and its own checks
stay unused: every call goes through the client of the suite, and is judged by the laws of the standard.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from istmo.errors import Finding, KitError
from istmo_conformance.words import say

if TYPE_CHECKING:
    from istmo.spec import Spec

JSON: TypeAlias = Any
ORIGIN = "http://istmo.test"
ABSENT: Any = object()
# What the tool adds by itself, some of it by chance: the suite sends its own.
TOOLS = frozenset({
    "accept", "accept-encoding", "connection", "content-length", "user-agent", "x-schemathesis-testcaseid",
})  # fmt: skip
BOUNDARY = "istmo-boundary"
AIMS = ("own", "own", "own", "other", "unknown")


@dataclass(frozen=True)
class Drawn:
    """One generated call, before it gets its caller and its resource."""

    method: str
    path: str
    names: dict[str, str]
    query: str
    headers: dict[str, str]
    body: bytes
    document: JSON
    negative: bool
    about: str = ""
    aim: str = "own"
    salt: int = 0
    searched: bool = False

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query as names and values."""
        return parse_qsl(self.query, keep_blank_values=True)

    @property
    def essence(self) -> tuple[JSON, ...]:
        """What makes two calls the same."""
        return self.aim, self.salt, self.method, self.path, self.query, tuple(sorted(self.headers.items())), self.body


@dataclass
class Engine:
    """Generated calls of every operation, the same for the same seed."""

    spec: Spec
    seed: int
    _operations: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Load the engine and the document."""
        schemathesis = require()
        settings = {
            "base-url": ORIGIN + self.spec.base_path,
            "generation": {"deterministic": True, "allow-x00": False, "with-security-parameters": False},
        }
        self._config = schemathesis.Config.from_dict(settings)
        with _quiet():
            schema = schemathesis.openapi.from_dict(self.spec.document, config=self._config)
            for result in schema.get_all_operations():
                operation = result.ok()
                self._operations[str(operation.definition.raw["operationId"])] = operation

    def listed(self, name: str, most: int) -> list[Drawn]:
        """Calls that the contract suggests by its examples and its bounds, no more than `most` of them."""
        from schemathesis.generation import GenerationMode
        from schemathesis.generation.drivers import CoverageGenerator, ExamplesGenerator
        from schemathesis.generation.feedback import NO_FEEDBACK
        from schemathesis.generation.overrides import Override

        operation = self._operations[name]
        examples = ExamplesGenerator(operation=operation, override=Override(), feedback=NO_FEEDBACK, fill_missing=False)
        bounds = CoverageGenerator(
            operation=operation, generation_modes=list(GenerationMode), override=Override(), feedback=NO_FEEDBACK,
            generation_config=operation.schema.config.generation_for(operation=operation, phase="coverage"),
            auth_storage=None,
        )  # fmt: skip
        with _quiet():
            known = list(_distinct(_drawn(case) for case in examples))[: most // 3]
            found = [one for one in _distinct(_drawn(case) for case in bounds) if one not in known]
        most -= len(known)
        if len(found) > most:
            chosen = random.Random(f"{self.seed}:{name}").sample(range(len(found)), most)  # noqa: S311  # not a secret
            found = [found[number] for number in sorted(chosen)]
        return [replace(one, salt=number) for number, one in enumerate(known + found)]

    def search(self, name: str, most: int, judge: Callable[[Drawn], type[Exception] | None]) -> None:
        """Draw calls until `judge` holds something against one, then make that one as small as it gets."""
        from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
        from hypothesis import strategies as st
        from hypothesis.errors import HypothesisException
        from schemathesis.generation import GenerationMode

        operation = self._operations[name]
        modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

        @seed(self.seed)
        @settings(
            database=None, max_examples=most, deadline=None, suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink), verbosity=Verbosity.quiet, report_multiple_bugs=False,
            print_blob=False,
        )  # fmt: skip
        @given(case=st.one_of(modes), aim=st.sampled_from(AIMS), salt=st.integers(0, 999))
        def drawn(case: Any, aim: str, salt: int) -> None:
            broken = judge(replace(_drawn(case), aim=aim, salt=salt, searched=True))
            if broken is not None:
                raise broken

        try:
            with _quiet(), _no_constants(), contextlib.suppress(Counter):
                drawn()
        except HypothesisException as error:
            raise Finding(
                say("no data could be generated ({why})", "no se pudieron generar datos ({why})",
                    why=type(error).__name__)
            ) from None  # fmt: skip


class Counter(Exception):
    """A counter-example; each requirement has a class of its own, so that none is taken for another's."""


def require() -> Any:
    """Load the engine, or say what to install."""
    try:
        import hypothesis.configuration
        import schemathesis
    except ImportError as error:
        raise KitError(
            "no-property",
            say("the property layer is not installed: {name} is missing",
                "la capa de propiedades no está instalada: falta {name}", name=error.name),
            "pip install 'istmo[property]'",
        ) from None  # fmt: skip
    # Hypothesis would leave a folder where the command was called.
    hypothesis.configuration.set_hypothesis_home_dir(tempfile.gettempdir() + "/istmo-hypothesis")
    return schemathesis


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the engine's remarks about generation to itself: they are no findings about the service."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _no_constants() -> Iterator[None]:
    """Keep the constants of whatever modules are loaded out of the data: they would change with the surroundings."""
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.constants_ast import Constants

    name = "_get_local_constants"  # there is no public switch; a release without it draws as it likes
    original = getattr(providers, name, None)
    nothing = Constants()
    setattr(providers, name, lambda: nothing)
    try:
        yield
    finally:
        setattr(providers, name, original)


def _distinct(calls: Iterator[Drawn]) -> Iterator[Drawn]:
    known: set[JSON] = set()
    for call in calls:
        if call.essence not in known:
            known.add(call.essence)
            yield call


def _drawn(case: Any) -> Drawn:
    """A case of the engine as bytes; a boundary that is made by chance is replaced."""
    import requests

    sent = requests.Request(**case.as_transport_kwargs(base_url=None)).prepare()
    parts = urlsplit(str(sent.url))
    headers = {name.lower(): _text(value) for name, value in sent.headers.items() if name.lower() not in TOOLS}
    body = sent.body if isinstance(sent.body, bytes) else str(sent.body or "").encode("utf-8", errors="surrogatepass")
    mark = headers.get("content-type", "").partition("boundary=")[2]
    if mark:
        headers["content-type"] = headers["content-type"].replace(mark, BOUNDARY)
        body = body.replace(mark.encode(), BOUNDARY.encode())
    meta = case.meta
    plain = isinstance(case.body, dict | list | str | int | float | bool | type(None))
    return Drawn(
        method=str(sent.method), path=parts.path, query=parts.query, headers=headers, body=body,
        names={name: str(value) for name, value in (case.path_parameters or {}).items()},
        document=case.body if plain and not mark else ABSENT,
        negative=meta is not None and meta.generation.mode.is_negative,
        about=str(getattr(meta.phase.data, "description", "") or "") if meta is not None else "",
    )  # fmt: skip


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
