"""What is national gets into the call that declares a service, however that call is written."""

from __future__ import annotations

import ast

import pytest

from istmo.errors import KitError
from istmo.scaffold.room import national

HEAD = "from istmo.runtime import Case, Service\n\nfrom . import handlers, hooks\n\n"
CALLS = [
    'service = Service("x", handlers, cases=[Case(hooks.COLLECTION, hooks)])\n',
    'service = Service(\n    "ñandú", handlers, cases=[Case(hooks.COLLECTION, hooks)]\n)\n',
    'service = Service(\n    "x",\n    handlers,\n    cases=[Case(hooks.COLLECTION, hooks)],\n)\n',
    'service = Service("x", handlers,)\n',
]


@pytest.mark.parametrize("call", CALLS)
def test_a_call_in_any_layout_gets_one_more_argument(call: str) -> None:
    made = ast.parse(national(HEAD + call, "pkg"))

    (found,) = [one for one in ast.walk(made) if isinstance(one, ast.Call) and ast.unparse(one.func) == "Service"]
    (given,) = [
        one for one in ast.walk(ast.parse(call)) if isinstance(one, ast.Call) and ast.unparse(one.func) == "Service"
    ]
    assert [ast.unparse(one) for one in found.args] == [ast.unparse(one) for one in given.args]
    assert [one.arg for one in found.keywords] == [*(one.arg for one in given.keywords), "national"]


def test_a_text_that_declares_no_service_is_refused() -> None:
    with pytest.raises(KitError):
        national(HEAD, "pkg")
