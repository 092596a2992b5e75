from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.istmo.runtime.desk import BASE
from tests.istmo.runtime.host import Host

from istmo.rooms import load
from istmo.runtime import app
from istmo.spec import Profile, profile


@pytest.fixture(scope="module", params=["XX", "HN"])
def office(request: pytest.FixtureRequest, engine: str) -> Iterator[Host]:  # noqa: ARG001 - made anew for each engine
    found = Host(load("civil_certificates"), country=request.param)
    yield found
    found.close()


def get(office: Host, path: str, language: str = "en") -> Any:
    answer = office.do(office.client.get(BASE + path, headers={"Accept-Language": language}))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_description_is_complete_in_both_languages(office: Host) -> None:
    english, spanish = get(office, "/"), get(office, "/", "es")
    assert english["name"] == "Civil certificates"
    assert spanish["name"] == "Certificados del registro civil"
    assert english.keys() == spanish.keys()
    for told in (english, spanish):
        assert told["identifier"] == "civil-certificates"
        assert told["competentAuthority"]["name"]
        assert told["legalBasis"]
        assert told["channels"]
        assert str(told["processingTime"]["workingDays"]) in told["processingTime"]["text"]
        assert set(told["languages"]) >= {"es", "en"}
    assert english["processingTime"]["text"] != spanish["processingTime"]["text"]
    assert english["spatial"] == [office.context.settings.country]


def test_every_link_of_the_description_works(office: Host) -> None:
    links = get(office, "/")["links"]
    assert {one["rel"] for one in links} >= {"service-desc", "fees", "forms", "stages"}
    for link in links:
        assert office.do(office.client.get(link["href"])).status_code == 200


def test_every_cost_names_a_published_fee(office: Host) -> None:
    published = {one["code"] for one in get(office, "/fees")["items"]}
    assert {one.get("feeCode") for one in get(office, "/")["costs"]} == published


def test_each_stage_names_operations_of_the_served_contract(office: Host) -> None:
    told, contract = get(office, "/stages"), get(office, "/openapi.json")
    items = [one for path in contract["paths"].values() for one in path.values()]
    served = {one["operationId"] for one in items if "operationId" in one}
    assert told["claimed"] == max(one["stage"] for one in told["perStage"])
    named = [name for one in told["perStage"] for name in one["operations"]]
    assert set(named) == served
    assert all(one["evidence"] for one in told["perStage"])


def test_a_country_without_additions_accepts_any_object(office: Host) -> None:
    answer = office.do(office.client.get(BASE + "/schemas/national"))
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json()["type"] == "object"


def test_a_country_with_additions_serves_their_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = {"type": "object", "properties": {"parish": {"type": "string"}}}
    document = dict(profile("XX").document)
    values = {**document["services"]["civil_certificates"], "nationalSchema": schema}
    document["services"] = {"civil_certificates": values}
    monkeypatch.setattr(app, "profile", lambda code: Profile(code, document))
    host = Host(load("civil_certificates"))
    answer = host.do(host.client.get(BASE + "/schemas/national")).json()
    host.close()
    assert answer == {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
