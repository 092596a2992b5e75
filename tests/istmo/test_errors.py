"""Three families of errors, never mixed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from istmo.errors import Finding, KitError, Problem, Undecided, problem_types


def test_the_catalogue_gives_the_status_of_a_problem() -> None:
    assert Problem("not-found").status == 404
    assert Problem("not-found", status=410).status == 410


def test_every_problem_code_has_an_error_status_and_both_titles() -> None:
    for code, kind in problem_types().items():
        assert 400 <= kind.status <= 599, code
        assert kind.title("es")
        assert kind.title("en")
        assert kind.title("quc") == kind.title("en")
        assert kind.type == f"urn:istmo:problem:{code}"


def test_a_problem_needs_a_code_of_the_catalogue() -> None:
    with pytest.raises(KeyError):
        Problem("no-such-code")


def test_extension_members_of_a_problem_are_kept() -> None:
    problem = Problem("illegal-transition", rule="common/illegal-transition", currentStatus="draft")
    assert problem.members == {"currentStatus": "draft"}
    assert str(problem) == "illegal-transition (common/illegal-transition)"


def test_a_finding_is_a_failed_assertion() -> None:
    with pytest.raises(AssertionError, match="the status is wrong"):
        raise Finding("the status is wrong", requirement="common/x", expected="200", actual="500")


def test_exit_codes_tell_a_wrong_use_from_an_undecided_verdict() -> None:
    assert (KitError("a", "b", "c").exit_code, Undecided("a", "b", "c").exit_code) == (2, 3)
    assert str(KitError("a", "what", "do")) == "what (do)"


@pytest.mark.parametrize("error", [Problem("not-found"), Finding("x"), KitError("a", "b"), Undecided("a", "b")])
def test_errors_survive_context_managers_and_sets(error: Exception) -> None:
    @contextlib.contextmanager
    def passing() -> Iterator[None]:
        yield

    assert len({error, error}) == 1
    with pytest.raises(type(error)), passing():
        raise error
