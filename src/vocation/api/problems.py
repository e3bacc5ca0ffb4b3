"""What a request gets that cannot be answered: one form, and that of text-embeddings-inference.

No message repeats what was sent: it may be a person's text, and answers end up in others' logs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

PREDICT = "/predict"
"""The path whose errors have the form of text-embeddings-inference."""

_SHOWN = 10  # wrong fields that an answer names

_KINDS = {
    400: ("invalid", "Validation"),
    401: ("unauthorized", "Unauthorized"),
    404: ("not_found", "NotFound"),
    405: ("method_not_allowed", "MethodNotAllowed"),
    408: ("timeout", "Timeout"),
    413: ("too_large", "Validation"),
    422: ("invalid", "Validation"),
    429: ("overloaded", "Overloaded"),
    500: ("error", "Backend"),
    503: ("late", "Overloaded"),
}
"""By status: our word for it, and that of text-embeddings-inference where it has one."""


class Problem(Exception):  # noqa: N818
    """A request that is refused with `status`; `message` says why, without a word of it.

    With `closing` the connection ends with the answer: its body was not read to the end.
    """

    def __init__(
        self,
        status: int,
        message: str,
        details: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        closing: bool = False,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.details = status, message, list(details)
        self.headers = {**(headers or {}), **({"Connection": "close"} if closing else {})}
        self.closing = closing


def overloaded() -> Problem:
    """Return the answer to a request for which there is no place."""
    return Problem(429, "all places are taken: ask again in a second", headers={"Retry-After": "1"})


def as_json(value: Any) -> bytes:
    """Return `value` as JSON in ASCII: no character of a text can steer a terminal."""
    return json.dumps(value, separators=(",", ":")).encode()


def response(path: str, problem: Problem) -> Response:
    """Return the answer to a request at `path`."""
    ours, theirs = _KINDS.get(problem.status, _KINDS[500])
    if path == PREDICT:
        said = [problem.message, *(f"{one['where']}: {one['message']}" for one in problem.details)]
        body: dict[str, Any] = {"error": "; ".join(said), "error_type": theirs}
    else:
        error = {"type": ours, "message": problem.message, "details": problem.details}
        body = {"error": error}
    headers = dict(problem.headers)
    return Response(as_json(body), problem.status, headers, "application/json")


def of_validation(error: RequestValidationError, known: frozenset[str]) -> Problem:
    """Return what is wrong with the fields of a request; `known` are the names of all fields.

    FastAPI's own answer repeats the values, and keys that the client has made up.
    """
    details = []
    for one in error.errors()[:_SHOWN]:
        if one["type"] == "json_invalid":
            return Problem(422, "the body is not readable JSON")
        if one["type"] == "model_attributes_type":
            return Problem(422, "expected a JSON object, sent with  Content-Type: application/json")
        # Of a field that may be left out; its other error says what is expected.
        if one["type"] == "none_required":
            continue
        place = [str(part) for part in one["loc"] if isinstance(part, int) or part in known]
        message = str(one["msg"]).removeprefix("Value error, ")
        details.append({"where": ".".join(place) or "body", "message": message})
    return Problem(422, "the request does not have the form that /openapi.json describes", details)


def bug() -> Problem:
    """Return the answer to a request that has shown a bug in vocation."""
    return Problem(500, "this is a bug in vocation; the server's log says where")
