"""The API described by OpenAPI: what operations say of themselves, and what holds of every call: examples, problems, paces.

`examples.yaml` is recorded by `tools/api_examples.py` and keyed by operation id, which is the name of the function behind it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import override
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from twoparks.site.calls.once import HEADER, REPLAYED
from twoparks.site.calls.problems import PROBLEM, TYPE, says

EXAMPLES = Path(__file__).with_name("examples.yaml")
Json = dict[str, Any]  # Any: OpenAPI is JSON whose shape its own standard says

ABOUT = """One park's node: everything its pages offer, by the same rules of access.

* **Who calls**: a token in `Authorization: Bearer …`, or a browser's session with its form token in `X-CSRFToken`.
* **Write once**: send an `Idempotency-Key` with each write and the same one when you try again.
* **When it does not go**: every answer from 400 up is a problem (RFC 9457) in the language of `Accept-Language`; read `type`.
* **Pace**: `RateLimit` says how many calls are left; after 429 wait as `Retry-After` says.
* Bodies are I-JSON (RFC 7493); a field that is not known is refused.
"""
SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "twoparks_<prefix>_<secret>",
        "description": "Made by a person on the page of tokens, or by `twoparks token make`.",
    },
    "session": {
        "description": "A browser that is signed in; what writes carries the form token in `X-CSRFToken`.",
    },
}
_OF_CLASS = {"ByToken": "token", "BySession": "session"}
_PROBLEM: Json = {
    "type": "object",
    "title": "Problem",
    "description": "What could not be done (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "pattern": f"^{TYPE}[a-z_]+$",
            "description": "Which problem, for programs.",
        },
        "title": {"type": "string", "description": "The problem in a few words, in the reader's language."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {
            "type": "string",
            "description": "What happened and what to do, in the reader's language.",
        },
        "problems": {
            "type": "array",
            "description": "What is wrong, field by field.",
            "items": {
                "type": "object",
                "required": ["path", "value", "says"],
                "properties": {
                    "path": {
                        "type": "string",
                        "description": "Where: field names and row numbers joined by dots.",
                    },
                    "value": {"description": "The value found, where it can be shown."},
                    "says": {"type": "string", "description": "What would be accepted."},
                },
            },
        },
    },
}
_NO = "This is not open to you"
_NOT_NOW = "This cannot be done now"
_ROWS = {
    "invalid": {
        "path": "items.1.quantity",
        "value": -1,
        "says": "items.1.quantity: give a whole number from 1",
    },
    "malformed": {"path": "seen", "value": None, "says": "This must be a whole number."},
}
_SAID = {  # problems that rooms word themselves; those of every call are in `problems.says`
    "not_your_role": (_NO, "None of your roles may do this."),
    "not_yours": (_NO, "This belongs to others. Your roles do not reach it."),
    "not_in_token": (_NO, "This token was not given the right to do this."),
    "stale": (
        "Somebody acted meanwhile",
        "Your decision was not recorded: what you had before you has changed.",
    ),
    "no_clear": (_NOT_NOW, "Each authority the law names must have decided first."),
    "invalid": ("Please correct", _ROWS["invalid"]["says"]),
    "malformed": ("Please correct", "seen: This must be a whole number."),
}
MEANS = {
    400: ("The request cannot be read", ("malformed_request", "not_json", "key_malformed")),
    401: ("Nobody known calls", ("signed_out", "token_not_live")),
    403: ("Not open to this caller", ("not_your_role", "not_yours", "not_in_token", "no_form_token")),
    404: ("No such thing is known here", ("not_found",)),
    405: ("This address, read as another, does not take this method", ("no_such_method",)),
    409: ("Not now", ("stale", "no_clear", "being_done")),
    411: ("The body has no length", ("no_length",)),
    413: ("The body is too large", ("too_large",)),
    415: ("The body is not JSON", ("not_json",)),
    422: ("Something is to be corrected", ("invalid", "malformed", "key_reused")),
    429: ("Too many calls", ("too_many",)),
    500: ("A fault of the node", ("fault",)),
}


class _OneNameOneShape(OpenAPISchema):
    """Refuses two shapes of one name, of which only the later would be described."""

    def add_schema_definitions(self, definitions: Json) -> None:
        for name, shape in definitions.items():
            if self.schemas.setdefault(name, shape) != shape:
                raise TypeError(f"two shapes of the API are called {name}: rename one of the classes")


class DescribedAPI(NinjaAPI):
    """A NinjaAPI whose description is whole."""

    _made: OpenAPISchema | None = None

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's name: stable, whatever module it moves to."""
        return str(operation.view_func.__name__)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: Json | None = None
    ) -> OpenAPISchema:
        """OpenAPI 3.1 with everything of this module added; made once, it is the same for everybody."""
        if self._made is None:
            prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
            self._made = _complete(_OneNameOneShape(self, prefix))
        return self._made


@lru_cache(maxsize=1)
def examples() -> dict[str, Json]:
    """{operation id: {request, answer, status}}."""
    found: dict[str, Json] = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    return found


def _complete(schema: OpenAPISchema) -> OpenAPISchema:
    schema["info"] |= {
        "summary": "Permits, crossings and the log of one park",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    schema["servers"] = [{"url": "/", "description": "The node that serves this description"}]
    components = schema["components"]
    found = components.pop("securitySchemes", {})
    components["securitySchemes"] = {
        _OF_CLASS[name]: {**scheme, **SECURITY[_OF_CLASS[name]]} for name, scheme in found.items()
    }
    components["schemas"]["Problem"] = _PROBLEM
    components["responses"] = {f"Problem{status}": _answer(status) for status in MEANS}
    components["parameters"] = {"IdempotencyKey": _KEY}
    components["headers"] = _HEADERS
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            _complete_operation(path, method, operation)
    return schema


def _complete_operation(path: str, method: str, operation: Json) -> None:
    writes = method != "get"
    if "security" in operation:
        operation["security"] = [{_OF_CLASS[k]: v for k, v in need.items()} for need in operation["security"]]
    if writes:
        operation["parameters"] = [
            *operation["parameters"],
            {"$ref": "#/components/parameters/IdempotencyKey"},
        ]
    example = examples().get(operation["operationId"], {})
    answers = {str(status): answer for status, answer in operation["responses"].items() if int(status) < 400}
    for answer in answers.values():
        answer["description"] = operation["summary"]
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in _of(writes)}
        for kind, content in answer.get("content", {}).items():
            if "answer" in example and kind == "application/json":
                content["examples"] = {"recorded": {"value": example["answer"]}}
    for status in _may_end(path, writes, operation):
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = answers
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if "request" in example:
            content["examples"] = {"recorded": {"value": example["request"]}}


def _of(writes: bool) -> tuple[str, ...]:
    return ("RateLimit", "RateLimit-Policy", REPLAYED) if writes else ("RateLimit", "RateLimit-Policy")


def _may_end(path: str, writes: bool, operation: Json) -> list[int]:
    """Statuses of the problems an operation may answer."""
    own = {int(status) for status in operation["responses"] if int(status) >= 400}
    found = {400, 401, 429, 500} | own  # 401 also where nobody need sign in: for a token that is not believed
    if "security" in operation:
        found |= {403}
    if "{" in path:
        found |= {403, 404, 405, 409}  # 405: an id such as `check` that is another address
    if writes:
        found |= {404, 409, 411, 413, 415, 422}
    if operation["parameters"]:
        found |= {422}
    return sorted(found)


def _answer(status: int) -> Json:
    means, codes = MEANS[status]
    answer: Json = {
        "description": means,
        "content": {
            PROBLEM: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: {"value": _example(status, code)} for code in codes},
            }
        },
    }
    if status == 429:
        answer["headers"] = {n: {"$ref": f"#/components/headers/{n}"} for n in ("Retry-After", "RateLimit")}
    return answer


def _example(status: int, code: str) -> Json:
    with override("en"):
        title, detail = _SAID[code] if code in _SAID else says(code)
    told: Json = {"type": f"{TYPE}{code}", "title": title, "status": status, "detail": detail}
    return {**told, "problems": [_ROWS[code]]} if code in _ROWS else told


_KEY: Json = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A fresh UUID for each thing to be done, the same one when it is tried again; kept 24 hours.",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$", "minLength": 1, "maxLength": 255},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
_HEADERS: Json = {
    "RateLimit": {
        "description": "Calls left (r) and seconds until all are back (t).",
        "schema": {"type": "string"},
        "example": '"token";r=599;t=1',
    },
    "RateLimit-Policy": {
        "description": "Calls (q) in so many seconds (w).",
        "schema": {"type": "string"},
        "example": '"token";q=600;w=60',
    },
    REPLAYED: {
        "description": "true: the answer kept from the first time; nothing was done now.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
        "example": "12",
    },
}


def operations(schema: Json) -> dict[str, list[Json]]:
    """The operations as a page shows them, under the word of their room."""
    rooms: dict[str, list[Json]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            rooms.setdefault(operation["tags"][0], []).append(_row(path, method, operation))
    return rooms


def _row(path: str, method: str, operation: Json) -> Json:
    example = examples().get(operation["operationId"], {})
    statuses = [int(status) for status in operation["responses"]]
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation["description"],
        "open": "security" not in operation,
        "parameters": [p for p in operation["parameters"] if "$ref" not in p],
        "writes": method != "get",
        "request": _shown(example.get("request")),
        "status": min(statuses),
        "answer": _shown(example.get("answer")),
        "problems": [(status, *MEANS[status]) for status in sorted(statuses) if status in MEANS],
    }


def _shown(value: Any) -> str:  # Any: a JSON value
    """JSON as the page shows it; empty for none."""
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)
