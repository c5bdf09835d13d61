"""The OpenAPI document that the server serves, held against the rules of OpenAPI, against itself and against what the
server takes. That its answers are as described is seen in every other test (ground/contract.py)."""

import json
import re
import xml.etree.ElementTree as ElementTree

import openapi_spec_validator
import pytest
from ground.contract import Contract
from ground.rest import HOST
from ground.secrets import Secrets

BODY = "application/json"
# A body that is no JSON, of which there is no example.
FILE = "application/octet-stream"


@pytest.fixture(scope="module")
def contract(shared_world):
    return Contract.of(shared_world.rest)


def test_it_is_openapi_3_1_and_open_to_all(shared_world, contract):
    rest = shared_world.rest
    stranger = rest.get("/openapi.json", Authorization="Bearer nobody").must(200)
    assert stranger.json == contract.document and contract.document["openapi"].startswith("3.1.")
    openapi_spec_validator.OpenAPIV31SpecValidator(contract.document).validate()
    tag = stranger.headers["ETag"]
    assert rest.get("/openapi.json", If_None_Match=tag).must(304).body == b""


def test_every_scope_and_type_of_problem_is_in_it(contract):
    bearer = contract.document["components"]["securitySchemes"]["bearer"]["description"]
    used = {scope for _, _, operation in contract.operations() for way in operation["security"]
            for scopes in way.values() for scope in scopes}
    assert used == {"vpn:read", "vpn:write", "vpn:secrets", "admin"}
    assert all(f"`{scope}`" in bearer for scope in used)
    types = {choice["const"] for choice in contract.document["components"]["schemas"]["ProblemType"]["anyOf"]}
    told = {f"/problems/{name}" for _, _, operation in contract.operations()
            for response in operation["responses"].values()
            for name in response.get("content", {}).get("application/problem+json", {}).get("examples", {})}
    assert types - told == {"/problems/method-not-allowed"}, "a path without the method is no operation"
    assert told <= types


def test_every_example_is_as_its_schema_has_it(contract):
    seen = 0
    for method, path, operation in contract.operations():
        forms = [("body", operation.get("requestBody", {}).get("content", {}))]
        forms += [(status, response.get("content", {})) for status, response in operation["responses"].items()]
        for place, content in forms:
            for kind, form in content.items():
                for name, example in form.get("examples", {}).items():
                    contract.validate((method, path, place, kind), form["schema"], contract.resolved(example)["value"])
                    seen += 1
    assert seen > 200


def test_every_operation_has_words_for_whoever_reads_it(contract):
    for method, path, operation in contract.operations():
        place = f"{method} {path}"
        assert operation["summary"] and operation["description"] and operation["tags"], place
        parameters = [contract.resolved(parameter) for parameter in operation.get("parameters", [])]
        assert all(parameter["description"] for parameter in parameters), place
        assert all(response["description"] for response in operation["responses"].values()), place
        if "requestBody" in operation:
            # A file is nothing that could be shown here.
            forms = operation["requestBody"]["content"].items()
            assert all(form["examples"] for kind, form in forms if kind not in ("application/zip", FILE)), place


# MARK: Requests

# What must be there before a request can be taken, by the names of the path's parameters: each gives its id.
MAKERS = {
    "/api/v1/vpn/wg/{id}": lambda rest, ids: rest.tunnel(name="ground", interface="wg77", listen_port=51977,
                                                         address="10.77.0.1/24")["id"],
    "/api/v1/vpn/wg/{id}/peers/{peer}": lambda rest, ids: rest.peer({"id": ids["id"]}, "ground")["id"],
    "/api/v1/vpn/ipsec/{id}": lambda rest, ids: rest.association(name="ground", dst_addr="198.51.100.77",
                                                                 enabled=False)["id"],
    "/api/v1/users/{id}": lambda rest, ids: rest.post("/users", {
        "username": "ground", "password": "a password for tests", "scopes": ["vpn:read"]}).must(201).data["id"],
    "/api/v1/webhooks/{id}": lambda rest, ids: rest.post("/webhooks", {
        "name": "ground", "url": "https://192.0.2.77/", "enabled": False}).must(201).data["id"],
}


# Examples whose form is right, and which are refused all the same: for names and codes that are made up.
REFUSED = {"logIn": 401, "setUp": 403, "confirmOneTimePassword": 409}


def _made(rest, path):
    """`path` with its parameters filled in, of objects made for it."""
    ids = {}
    for template, make in MAKERS.items():
        if path.startswith(template):
            ids[re.findall(r"\{(\w+)\}", template)[-1]] = make(rest, ids)
    return path.format(**ids).removeprefix("/api/v1")


def _bodies():
    """Every operation that takes a body, for each of its examples; from the source of truth, so by name only."""
    return ["createToken", "createTunnel", "replaceTunnel", "changeTunnel", "createPeer", "replacePeer", "changePeer",
            "createAssociation", "replaceAssociation", "changeAssociation", "createPeers", "createUser", "changeUser",
            "confirmOneTimePassword", "logIn", "setUp", "createWebhook", "changeWebhook", "importTunnels"]


def _operation(contract, name):
    return next(found for found in contract.operations() if found[2]["operationId"] == name)


def test_no_body_is_left_out_below(contract):
    assert {operation["operationId"] for _, _, operation in contract.operations()
            if FILE not in operation.get("requestBody", {"content": {FILE: {}}})["content"]} == set(_bodies())


@pytest.mark.parametrize("name", _bodies())
def test_every_example_of_a_request_is_taken(world, name):
    contract = Contract.of(world.rest)
    method, path, operation = _operation(contract, name)
    target = _made(world.rest, path)
    # What an example has for a password is in the document, and nobody's.
    rest = world.rest.by(world.rest.token, Secrets())
    for kind, form in operation["requestBody"]["content"].items():
        for label, example in form.get("examples", {}).items():
            value = example["value"].encode() if kind.startswith("text/") else example["value"]
            answer = rest.request(method, target, value, Content_Type=kind)
            if answer.status == 502 and example["value"].get("enabled", True) and "ipsec" in path:
                continue  # The kernel of this host has no ESP; the example is still one that is taken.
            assert answer.status in ({REFUSED[name]} if name in REFUSED else {200, 201}), f"{label}: {answer.body}"


@pytest.mark.parametrize("name", _bodies())
def test_a_body_is_described_with_exactly_the_members_that_are_read(world, name):
    contract = Contract.of(world.rest)
    method, path, operation = _operation(contract, name)
    schema = contract.resolved(operation["requestBody"]["content"][BODY]["schema"])
    assert schema["additionalProperties"] is False
    example = next(iter(operation["requestBody"]["content"][BODY]["examples"].values()))["value"]
    stray = "something_that_nobody_would_ever_ask_for"
    rest = world.rest.by(world.rest.token, Secrets())
    answer = rest.request(method, _made(world.rest, path), example | {stray: 1}).must(422)
    (fault,) = [fault for fault in answer.json["errors"] if fault["field"] == stray]
    known = fault["detail"].removeprefix("is not known here; what is: ").split(", ")
    assert sorted(known) == sorted(schema["properties"])
    required = schema.get("required", []) or schema.get("allOf", [])
    answer = world.rest.request(method, _made_again(world.rest, path, method), {}).status
    assert (answer == 422) == bool(required), f"{name} takes an empty object: {answer}"


def _made_again(rest, path, method):
    """The path once more: what was made before is still there."""
    ids = {}
    if "/vpn/wg/{id}" in path:
        ids["id"] = rest.get("/vpn/wg").must(200).data[0]["id"]
    if "{peer}" in path:
        ids["peer"] = rest.get(f"/vpn/wg/{ids['id']}/peers").must(200).data[0]["id"]
    if "/users/{id}" in path:
        ids["id"] = rest.get("/users").must(200).data[0]["id"]
    if "/webhooks/{id}" in path:
        ids["id"] = rest.get("/webhooks").must(200).data[0]["id"]
    if "/vpn/ipsec/{id}" in path:
        ids["id"] = rest.get("/vpn/ipsec").must(200).data[0]["id"]
    return path.format(**ids).removeprefix("/api/v1")


# MARK: The page

def test_the_page_is_well_formed_and_whole_without_anything_from_elsewhere(shared_world, contract):
    rest = shared_world.rest
    answer = rest.get("//docs", Authorization="Bearer nobody").must(200)
    text = answer.body.decode()
    page = ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>"))
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "an id is there twice"
    links = {element.get("href") for element in page.iter() if element.get("href")}
    assert {link.removeprefix("#") for link in links if link.startswith("#")} <= set(ids), "a link leads nowhere"
    assert {link for link in links if not link.startswith("#")} == {"/docs/style.css", "/api/v1/openapi.json"}
    assert not [element.tag for element in page.iter() if element.tag in ("script", "iframe", "img", "form", "object")]
    assert not [element for element in page.iter() if element.get("style") or element.get("src")]
    assert {operation["operationId"] for _, _, operation in contract.operations()} <= set(ids)
    policy = answer.headers["Content-Security-Policy"]
    assert policy == ("default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'")
    style = rest.get("//docs/style.css").must(200)
    assert style.headers["Content-Type"] == "text/css; charset=utf-8"
    assert b"url(" not in style.body and b"@import" not in style.body


def test_nothing_in_it_says_anything_of_this_host(shared_world, contract):
    said = json.dumps(contract.document) + shared_world.rest.get("//docs").body.decode()
    assert str(shared_world.folder) not in said and HOST not in said
    assert contract.document["servers"] == [{"url": "/", "description": "This host"}]
