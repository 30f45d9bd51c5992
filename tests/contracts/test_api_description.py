"""The description is whole: what it says of an operation is what the operation does."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema
import pytest
from tests.contracts.calling import Caller

from twoparks.site.api import api
from twoparks.site.calls.description import MEANS, examples

WRITES = ("post", "put", "patch", "delete")


@cache
def schema() -> dict[str, Any]:
    """What /api/openapi.json gives."""
    return dict(json.loads(json.dumps(api.get_openapi_schema(), default=str)))


@cache
def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """{operation id: (method, path, operation)}."""
    return {
        operation["operationId"]: (method, path, operation)
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
    }


def test_an_operation_id_is_used_once() -> None:
    assert len(operations()) == sum(len(methods) for methods in schema()["paths"].values())


def test_every_operation_is_recorded_and_no_other() -> None:
    """An id that changes breaks programs: examples.yaml, made by tools/api_examples.py, is the list of ids."""
    assert set(examples()) == set(operations())


def test_the_description_is_served_as_it_is_made(call: Caller) -> None:
    assert call("sz", "GET", "/openapi.json").json() == schema()


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(schema())
    found = {part.split('"')[0] for part in text.split('"$ref": "#/')[1:]}
    assert [name for name in found if not _at(name)] == []


def _at(name: str) -> Any:
    found: Any = schema()
    for part in name.split("/"):
        found = found.get(part) if isinstance(found, dict) else None
    return found


@pytest.mark.parametrize("name", sorted(examples()))
def test_examples_fit_the_shapes_they_illustrate(name: str) -> None:
    _method, _path, operation = operations()[name]
    contents = list(operation.get("requestBody", {}).get("content", {}).values())
    contents += [c for a in operation["responses"].values() for c in a.get("content", {}).values()]
    for content in contents:
        shape = {**content["schema"], "components": schema()["components"]}
        for example in content.get("examples", {}).values():
            wrong = jsonschema.Draft202012Validator(shape).iter_errors(example["value"])
            assert [f"{error.json_path}: {error.message}"[:200] for error in wrong] == []


def test_every_body_and_answer_has_an_example() -> None:
    bare = []
    for name, (_method, _path, operation) in operations().items():
        contents = list(operation.get("requestBody", {}).get("content", {}).values())
        contents += [
            content
            for answer in operation["responses"].values()
            for kind, content in answer.get("content", {}).items()
            if kind == "application/json"
        ]
        bare += [name for content in contents if not content.get("examples")]
    assert bare == []


@pytest.mark.parametrize("status", MEANS)
def test_every_problem_has_an_example_of_its_shape(status: int) -> None:
    content = schema()["components"]["responses"][f"Problem{status}"]["content"]["application/problem+json"]
    told = [example["value"] for example in content["examples"].values()]
    for problem in told:
        jsonschema.validate(problem, schema()["components"]["schemas"]["Problem"])
    assert {problem["status"] for problem in told} == {status}


def test_what_writes_takes_a_key() -> None:
    without = [
        name
        for name, (method, _path, operation) in operations().items()
        if (method in WRITES)
        != ({"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"])
    ]
    assert without == []


def test_both_ways_to_sign_in_are_described() -> None:
    ways = schema()["components"]["securitySchemes"]
    assert {name: way["type"] for name, way in ways.items()} == {"token": "http", "session": "apiKey"}


def test_the_page_shows_every_operation_with_its_examples(call: Caller) -> None:
    page = call("sz", "GET", "/").content.decode()
    assert [name for name in operations() if f'<details id="{name}">' not in page] == []
    assert "SEAL-448120" in page
