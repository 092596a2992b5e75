"""Wrong contracts: invalid, narrower than the region's, with numbers of persons in addresses; wrong stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.wrong_services._gallery import Reference, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_services._tamper import App, Call, Reply

Json = dict[str, Any]


def _publishing(reference: Reference, change: Callable[[Json], None]) -> App:
    """Build the reference with another contract than the one that it keeps."""

    def changed(call: Call, reply: Reply) -> None:
        document = reply.json if call.is_for("getOpenApi") and reply.status == 200 else None
        if document is not None:
            change(document)
            reply.put(document)

    return reference.answering(changed)


def _declaring(reference: Reference, change: Callable[[Json], None]) -> App:
    """Build the reference with another declaration of stages."""

    def changed(call: Call, reply: Reply) -> None:
        document = reply.json if call.is_for("getStages") and reply.status == 200 else None
        if document is not None:
            change(document)
            reply.put(document)

    return reference.answering(changed)


# Validity


@wrong("common/served-contract-valid", "An answer of the contract has no description.")
def contract_answer_undescribed(reference: Reference) -> App:
    return _publishing(
        reference, lambda document: document["paths"]["/fees"]["get"]["responses"]["200"].pop("description")
    )


@wrong(
    "common/served-contract-valid",
    "A path of the contract has a parameter that nothing declares.",
    also=(
        "common/answers-match-the-contract",
        "common/wrong-method",
        "common/impossible-accept",
        "common/no-server-errors",
        "common/unknown-parameter",
    ),
)
def contract_parameter_undeclared(reference: Reference) -> App:
    def change(document: Json) -> None:
        document["paths"]["/x-xx/offices/{office}"] = {
            "get": {"operationId": "getOffice", "responses": {"200": {"description": "One office."}}}
        }

    return _publishing(reference, change)


@wrong(
    "common/served-contract-valid",
    "The contract calls itself OpenAPI 3.0, as an older generator wrote it.",
    also=("common/answers-match-the-contract",),
)
def contract_of_older_openapi(reference: Reference) -> App:
    return _publishing(reference, lambda document: document.update(openapi="3.0.3"))


@wrong("common/served-contract-valid", "The contract refers to a file that is not served.")
def contract_in_several_files(reference: Reference) -> App:
    def change(document: Json) -> None:
        answer = document["paths"]["/health"]["get"]["responses"]["200"]["content"]["application/json"]
        answer["schema"] = {"$ref": "health.json"}

    return _publishing(reference, change)


# Compatibility


@wrong(
    "common/served-contract-compatible",
    "An operation is missing from the contract, although it is served.",
    also=("common/stage-operations-exist",),
)
def contract_without_health(reference: Reference) -> App:
    return _publishing(reference, lambda document: document["paths"].pop("/health"))


@wrong(
    "common/served-contract-compatible",
    "A question for a quote may have ten copies at most.",
    also=("common/constraints-hold",),
)
def contract_narrows_request(reference: Reference) -> App:
    def change(document: Json) -> None:
        document["components"]["schemas"]["FeeQuoteRequestLine"]["properties"]["quantity"]["maximum"] = 10

    return _publishing(reference, change)


@wrong(
    "common/served-contract-compatible", "The list of fees does not promise any more to say whether anything is free."
)
def contract_widens_answer(reference: Reference) -> App:
    return _publishing(
        reference, lambda document: document["components"]["schemas"]["FeeList"]["required"].remove("freeOfCharge")
    )


@wrong(
    "common/served-contract-compatible", "A new query parameter has to be sent.", also=("common/repeated-parameter",)
)
def contract_asks_for_more(reference: Reference) -> App:
    def change(document: Json) -> None:
        parameter = {"name": "channel", "in": "query", "required": True, "schema": {"type": "string"}}
        document["paths"]["/forms"]["get"]["parameters"].append(parameter)

    return _publishing(reference, change)


# Identifiers in addresses


def _with_parameter(reference: Reference, name: str, place: str, path: str) -> App:
    def change(document: Json) -> None:
        parameter = {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}
        answer = {"200": {"description": "What is known."}}
        document["paths"][path] = {"get": {"operationId": "findPerson", "parameters": [parameter], "responses": answer}}

    return _publishing(reference, change)


@wrong(
    "common/identifiers-not-in-addresses",
    "People are searched by their identity number in the query.",
    also=(
        "common/answers-match-the-contract",
        "common/no-server-errors",
        "common/wrong-method",
        "common/impossible-accept",
        "common/repeated-parameter",
        "common/unknown-parameter",
    ),
)
def identifier_in_query(reference: Reference) -> App:
    return _with_parameter(reference, "xxId", "query", "/x-xx/people")


@wrong(
    "common/identifiers-not-in-addresses",
    "A person is addressed by the taxpayer number.",
    also=(
        "common/impossible-accept",
        "common/answers-match-the-contract",
        "common/wrong-method",
        "common/no-server-errors",
        "common/unknown-parameter",
    ),
)
def identifier_in_path(reference: Reference) -> App:
    return _with_parameter(reference, "xx_tax", "path", "/x-xx/taxpayers/{xx_tax}")


@wrong(
    "common/identifiers-not-in-addresses",
    "A list can be filtered by a number of another member state.",
    also=("common/repeated-parameter",),
)
def identifier_of_neighbour(reference: Reference) -> App:
    def change(document: Json) -> None:
        document["components"]["parameters"]["Dni"] = {"name": "hnDni", "in": "query", "schema": {"type": "string"}}
        document["paths"]["/requests"]["get"]["parameters"].append({"$ref": "#/components/parameters/Dni"})

    return _publishing(reference, change)


# Stages


@wrong(
    "common/claimed-stage-possible",
    "The declaration claims one stage more than there is.",
    also=("common/answers-match-the-contract",),
)
def stage_beyond_the_last(reference: Reference) -> App:
    return _declaring(reference, lambda document: document.update(claimed=6))


@wrong("common/claimed-stage-possible", "The declaration claims another stage than the manifest.")
def stage_of_two_tongues(reference: Reference) -> App:
    def change(document: Json) -> None:
        document["claimed"] = 4
        document["perStage"] = [entry for entry in document["perStage"] if entry["stage"] <= document["claimed"]]

    return _declaring(reference, change)


@wrong("common/stage-operations-exist", "A stage names an operation by its name of last year.")
def stage_names_old_operation(reference: Reference) -> App:
    def change(document: Json) -> None:
        for entry in document["perStage"]:
            entry["operations"] = [name.replace("createFeeQuote", "calculateFee") for name in entry["operations"]]

    return _declaring(reference, change)


@wrong("common/stage-operations-exist", "A stage is claimed, and nothing is said to carry it.")
def stage_without_operations(reference: Reference) -> App:
    def change(document: Json) -> None:
        document["perStage"] = [entry for entry in document["perStage"] if entry["stage"] != 3]  # noqa: PLR2004 - a stage

    return _declaring(reference, change)


# The schema of the national additions


def _national(reference: Reference, change: Callable[[Json], object]) -> App:
    def changed(call: Call, reply: Reply) -> None:
        document = reply.json if call.is_for("getNationalSchema") and reply.status == 200 else None
        if document is not None:
            change(document)
            reply.put(document)

    return reference.answering(changed)


@wrong("common/national-schema-served", "The schema of the additions uses types that JSON Schema does not have.")
def national_schema_with_java_types(reference: Reference) -> App:
    added = {"properties": {"municipality": {"type": "String"}}}
    return _national(reference, lambda document: document.update(added))


@wrong(
    "common/national-schema-served",
    "The schema of the additions is of an older draft.",
    also=("common/answers-match-the-contract",),
)
def national_schema_of_draft_7(reference: Reference) -> App:
    old = {"$schema": "http://json-schema.org/draft-07/schema#"}
    return _national(reference, lambda document: document.update(old))


@wrong("common/national-schema-served", "The schema of the additions needs a file that nobody serves.")
def national_schema_elsewhere(reference: Reference) -> App:
    added = {"properties": {"address": {"$ref": "https://registry.example/schemas/address.json"}}}
    return _national(reference, lambda document: document.update(added))
