"""What a country adds is served, held and followed; what it may not add stops the service when it is built."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest
from tests import nation
from tests.istmo.runtime.host import Host

from istmo import rooms
from istmo.errors import KitError, Problem
from istmo.runtime import National, Work
from istmo.spec import Profile, bundle, personas, profile, spec

BASE = "/civil-certificates/v1"
ANA = personas()["ana"].subject
BIRTH = spec(nation.SLUG).example("createRequest", "birth-self")

Json = dict[str, Any]


@pytest.fixture
def honduras(tmp_path: Path) -> Iterator[Host]:
    found = Host(nation.honduras(tmp_path), country="HN")
    yield found
    found.close()


def get(host: Host, path: str, language: str = "en") -> Any:
    answer = host.do(host.client.get(BASE + path, headers={"Accept-Language": language}))
    assert answer.status_code == 200, answer.text
    return answer.json()


def post(host: Host, path: str, body: Any = None, key: str = "", who: tuple[str, ...] = ()) -> httpx2.Response:
    headers = {**host.auth(ANA, *who), "Idempotency-Key": key or str(uuid.uuid4())}
    more = {} if body is None else {"json": body}
    return host.do(host.client.post(BASE + path, headers=headers, **more))


def stored(host: Host) -> list[Any]:
    return host.sql("SELECT kind FROM record WHERE kind NOT IN ('entries', 'entry-names')")


# ---------------------------------------------------------------------- contract


def test_the_served_contract_is_the_vendored_one_with_the_additions(honduras: Host) -> None:
    for language in ("en", "es"):
        served = get(honduras, "/openapi.json", language)
        added = served["paths"].pop("/x-hn/consulates")
        assert served == bundle(nation.SLUG, language=language)
        assert added["get"]["operationId"] == "listConsulates"
    assert added["get"]["summary"] == "Listar los consulados que entregan certificados"


def test_an_operation_of_the_country_is_served_by_its_handler(honduras: Host) -> None:
    assert get(honduras, "/x-hn/consulates") == {"items": ["MEX", "MIA"]}


def test_an_operation_of_the_country_needs_a_handler(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="listConsulates"):
        Host(nation.service(National(nation.shown(tmp_path))), country="HN")


def test_a_folder_without_additions_serves_what_the_region_says(tmp_path: Path) -> None:
    host = Host(nation.service(National(nation.folder(tmp_path))))
    assert get(host, "/openapi.json") == bundle(nation.SLUG)
    assert get(host, "/schemas/national")["type"] == "object"
    assert post(host, "/requests", {**BIRTH, "national": {"anything": 1}}).status_code == 201
    host.close()


def test_a_folder_and_a_document_of_ones_own_are_two_contracts(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="civil_certificates"):
        Host(nation.service(National(nation.folder(tmp_path)), spec=spec(nation.SLUG)))


def test_a_vendored_file_that_was_edited_stops_the_service(tmp_path: Path) -> None:
    place = nation.folder(tmp_path)
    with (place / "regional.es.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    with pytest.raises(KitError, match=r"regional\.es\.json"):
        Host(nation.service(National(place)))


# ---------------------------------------------------------------------- stage


def test_the_claimed_stage_is_told_everywhere(tmp_path: Path) -> None:
    host = Host(nation.service(National(nation.folder(tmp_path)), stage=1))
    manifest = host.do(host.client.get("/.well-known/istmo")).json()
    assert [one["claimedStage"] for one in manifest["services"]] == [1]
    told = get(host, "/stages")
    assert (told["claimed"], [one["stage"] for one in told["perStage"]]) == (1, [1])
    host.close()


@pytest.mark.parametrize("stage", [-1, 6])
def test_nobody_claims_a_stage_that_there_is_not(stage: int, tmp_path: Path) -> None:
    with pytest.raises(KitError, match="civil_certificates"):
        Host(nation.service(National(nation.folder(tmp_path)), stage=stage))


GONE = {
    "overlay": "1.0.0",
    "actions": [{"target": "$.paths['/certificates/{id}/revoke']", "remove": True}],
}


def test_what_is_above_the_claimed_stage_may_be_left_out(tmp_path: Path) -> None:
    room = rooms.load(nation.SLUG)
    place = nation.folder(tmp_path, overlay_yaml=GONE)
    with pytest.raises(KitError, match="revokeCertificate operation-removed"):
        Host(nation.service(National(place)))
    less = nation.service(National(place), stage=3)
    assert room.handlers is not less.handlers
    delattr(less.handlers, "revoke_certificate")
    host = Host(less)
    assert post(host, f"/certificates/{uuid.uuid4()}/revoke", {"reason": "x"}, who=("officer",)).status_code == 404
    host.close()


def test_what_is_not_finished_says_so(tmp_path: Path) -> None:
    async def list_consulates(_: Work) -> Json:
        """Wait for somebody to write it."""
        raise Problem("not-implemented")

    host = Host(nation.service(National(nation.shown(tmp_path)), list_consulates), country="HN")
    answer = host.do(host.client.get(BASE + "/x-hn/consulates", headers={"Accept-Language": "es"}))
    host.close()
    assert (answer.status_code, answer.json()["code"]) == (501, "not-implemented")
    assert answer.json()["title"] == "Esta parte del servicio no está terminada"


# ---------------------------------------------------------------------- values and fixtures


def test_values_of_the_country_win_in_its_service_alone(honduras: Host) -> None:
    before = profile("HN").authority(nation.SLUG)
    assert get(honduras, "/")["competentAuthority"]["homepage"] == "https://registro.example"
    assert honduras.context.profile.value("timeZone") == profile("HN").value("timeZone")
    assert before["homepage"] is None
    assert profile("HN").value("services.civil_certificates.consulates", None) is None


def test_deadlines_follow_the_values_of_the_country(tmp_path: Path) -> None:
    days = {"value": 8, "source": "x", "confidence": "fictitious"}
    place = nation.folder(tmp_path, profile_yaml={"services": {nation.SLUG: {"processingDays": days}}})
    host = Host(nation.service(National(place)), sandbox_clock="2027-04-05T15:00:00Z")
    assert get(host, "/")["processingTime"]["workingDays"] == 8
    case = post(host, "/requests", BIRTH).json()
    sent = post(host, f"/requests/{case['id']}/submit", {}).json()
    assert sent["dueBy"] == "2027-04-16T05:59:59Z"  # the end of the 15th in this country
    host.close()


def test_a_value_without_its_source_is_refused(tmp_path: Path) -> None:
    place = nation.folder(tmp_path, profile_yaml={"services": {nation.SLUG: {"processingDays": 8}}})
    with pytest.raises(KitError, match=r"services\.civil_certificates\.processingDays"):
        Host(nation.service(National(place)))


def test_the_sandbox_holds_what_the_folder_says(tmp_path: Path) -> None:
    host = Host(nation.service(National(nation.folder(tmp_path, fixtures_yaml={"entries": []}))))
    host.call("POST", "/_sandbox/reset", json={})
    assert host.sql("SELECT kind FROM record WHERE kind = 'entries'") == []
    host.close()


@pytest.mark.parametrize("name", ["fixtures_yaml", "profile_yaml"])
def test_a_file_that_holds_no_object_is_refused(name: str, tmp_path: Path) -> None:
    national = National(nation.folder(tmp_path, **{name: [1]}))
    with pytest.raises(KitError, match=name.replace("_", r"\.")):
        _ = (national.fixtures(), national.profile(profile("XX")))


def test_a_file_of_comments_says_nothing(tmp_path: Path) -> None:
    national = National(nation.folder(tmp_path, fixtures_yaml="# later\n", profile_yaml="# later\n"))
    assert (national.fixtures(), national.profile(profile("XX"))) == ({}, profile("XX"))


# ---------------------------------------------------------------------- the object `national`


def test_the_schema_of_the_country_is_served_and_held(honduras: Host) -> None:
    shown = get(honduras, "/schemas/national")
    assert shown["properties"]["consulate"]["pattern"] == "^[A-Z]{3}$"
    answer = post(honduras, "/requests", {**BIRTH, "copies": 0, "national": {"consulate": "mia"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation-failed")
    found = [(item["pointer"], item["code"]) for item in answer.json()["errors"]]
    assert found == [("/copies", "too-small"), ("/national/consulate", "wrong-format")]
    assert stored(honduras) == []


@pytest.mark.parametrize("national", [{}, {"consulate": "MIA"}, {"ofAnother": {"country": 1}}])
def test_what_the_schema_accepts_is_accepted(national: Json, honduras: Host) -> None:
    answer = post(honduras, "/requests", {**BIRTH, "national": national})
    assert answer.status_code == 201, answer.text
    assert answer.json()["national"] == national


def test_the_schema_is_held_wherever_the_contract_has_the_object(honduras: Host) -> None:
    evidence = {"evidenceType": "identity", "data": {"a": 1}, "national": {"consulate": 1}}
    answer = post(honduras, "/requests", {**BIRTH, "evidence": [evidence]})
    assert "/evidence/0/national/consulate" in [item["pointer"] for item in answer.json()["errors"]]
    case = post(honduras, "/requests", BIRTH).json()
    answer = post(honduras, f"/requests/{case['id']}/submit", {"national": {"consulate": 1}})
    assert [item["pointer"] for item in answer.json()["errors"]] == ["/national/consulate"]


def test_a_form_says_what_is_held(honduras: Host) -> None:
    headers = {"Accept": "application/schema+json"}
    form = honduras.do(honduras.client.get(BASE + "/forms/request", headers=headers)).json()
    jsonschema.Draft202012Validator.check_schema(form)
    validator = jsonschema.Draft202012Validator(form)
    assert validator.is_valid({**BIRTH, "national": {"consulate": "MIA"}})
    assert not validator.is_valid({**BIRTH, "national": {"consulate": "mia"}})
    paper = honduras.do(honduras.client.get(BASE + "/forms/request", headers={"Accept": "application/pdf"}))
    assert paper.content.startswith(b"%PDF")


def test_a_schema_may_refer_to_itself(tmp_path: Path) -> None:
    schema = {
        "properties": {"house": {"$ref": "#/$defs/house"}, "like": {"$ref": "#"}},
        "$defs": {"house": {"type": "object", "required": ["street"], "additionalProperties": False,
                            "properties": {"street": {"type": "string"}, "enum": {"const": {"$ref": "#"}}}}},
    }  # fmt: skip
    host = Host(nation.service(National(nation.folder(tmp_path, schema_json=schema))))
    wrong = {"house": {"street": 1, "enum": {}}, "like": {"house": {}}}
    answer = post(host, "/requests", {**BIRTH, "national": wrong})
    host.close()
    places = [item["pointer"] for item in answer.json()["errors"]]
    assert places == ["/national/house/enum", "/national/house/street", "/national/like/house/street"]


def test_a_schema_in_the_profile_is_held_as_well(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"parish": {"type": "string"}}}
    values = {"services": {nation.SLUG: {"nationalSchema": schema}}}
    host = Host(nation.service(National(nation.folder(tmp_path, profile_yaml=values))))
    assert get(host, "/schemas/national")["properties"] == schema["properties"]
    assert post(host, "/requests", {**BIRTH, "national": {"parish": 1}}).status_code == 422
    host.close()


@pytest.mark.parametrize("where", ["schema_json", "profile_yaml"])
def test_a_schema_that_asks_for_members_stops_the_service(where: str, tmp_path: Path) -> None:
    schema: Json = {"type": "object", "required": ["parish"]}
    told = schema if where == "schema_json" else {"services": {nation.SLUG: {"nationalSchema": schema}}}
    with pytest.raises(KitError) as refused:
        Host(nation.service(National(nation.folder(tmp_path, **{where: told}))))
    assert refused.value.code == "national-required"


# ---------------------------------------------------------------------- rules


def test_a_rule_of_the_country_refuses_and_leaves_nothing(honduras: Host) -> None:
    answer = post(honduras, "/requests", {**BIRTH, "national": {"consulate": "RIO"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "rule-violated")
    assert answer.json()["ruleId"] == "hn/consulate-serves"
    assert stored(honduras) == []


class Asked:
    """A rule that remembers what it was asked, and refuses what it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Json, date, Profile]] = []
        self.answer: Problem | None = None

    def __call__(self, operation_id: str, body: Json, today: date, country: Profile) -> Problem | None:
        self.calls.append((operation_id, body, today, country))
        return self.answer


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[Host, Asked]]:
    rule = Asked()
    host = Host(nation.honduras(tmp_path, refused=rule), country="HN")
    yield host, rule
    host.close()


def test_a_rule_is_asked_once_for_each_call_with_a_body(asked: tuple[Host, Asked]) -> None:
    host, rule = asked
    key = str(uuid.uuid4())
    case = post(host, "/requests", BIRTH, key).json()
    assert post(host, "/requests", BIRTH, key).json() == case
    host.do(host.client.get(f"{BASE}/requests/{case['id']}", headers=host.auth(ANA)))
    post(host, f"/requests/{case['id']}/submit")
    assert [(name, body) for name, body, _, _ in rule.calls] == [("createRequest", BIRTH), ("submitRequest", {})]
    _, _, today, country = rule.calls[0]
    assert country is host.context.profile
    assert today == host.context.clock.now().astimezone(host.context.zone).date()


def test_a_rule_is_not_asked_about_a_body_that_breaks_the_contract(asked: tuple[Host, Asked]) -> None:
    host, rule = asked
    assert post(host, "/requests", {**BIRTH, "copies": "many"}).status_code == 422
    assert rule.calls == []


def test_a_refused_action_leaves_the_case_as_it_was(asked: tuple[Host, Asked]) -> None:
    host, rule = asked
    case = post(host, "/requests", BIRTH).json()
    before = host.sql("SELECT count(*) FROM journal")
    rule.answer = Problem("conflict", rule="hn/closed-on-sundays")
    answer = post(host, f"/requests/{case['id']}/submit", {})
    assert (answer.status_code, answer.json()["ruleId"]) == (409, "hn/closed-on-sundays")
    assert host.sql("SELECT count(*) FROM journal") == before
    rule.answer = None
    assert post(host, f"/requests/{case['id']}/submit", {}).status_code == 200


def test_a_form_is_judged_by_its_fields(asked: tuple[Host, Asked]) -> None:
    host, rule = asked
    headers = {**host.auth(ANA), "Idempotency-Key": str(uuid.uuid4())}
    files, fields = {"file": ("a.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf")}, {"type": "identity-card"}
    answer = host.do(host.client.post(BASE + "/documents", headers=headers, files=files, data=fields))
    assert answer.status_code == 201, answer.text
    assert [(name, body) for name, body, _, _ in rule.calls] == [("uploadDocument", fields)]
