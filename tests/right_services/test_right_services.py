"""No liberty that the standard leaves to a service is held against it."""

from __future__ import annotations

import pytest

from tests.right_services.liberties import LIBERTIES
from tests.wrong_services._gallery import HOST
from tests.wrong_services._judge import check


@pytest.mark.parametrize("name", LIBERTIES)
def test_a_service_that_takes_a_liberty_is_conformant(name: str) -> None:
    judged = check("--app", f"tests.right_services.apps:{name}", "--service", HOST)

    said = {one["id"]: one["reason"] for one in judged.scenarios("fail", "error", "not-run", "warn")}
    assert said == {}
    assert judged.requirements("fail", "error", "warn") == set()
    assert judged.exit_code == 0
