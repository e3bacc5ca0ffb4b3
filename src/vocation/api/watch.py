"""The outermost layer: it notes each request, names the bundle, and answers what went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vocation.api import logs, problems
from vocation.api.limits import linger
from vocation.api.metrics import Metrics, told
from vocation.api.problems import Problem
from vocation.api.swap import Served
from vocation.records import Recommendation

NOTES = "vocation.notes"
"""Where a request's `Notes` lie in its ASGI scope."""

CAREER = "/v1/careers/{name}"
ROUTES = frozenset(
    (
        "/",
        "/health",
        "/metrics",
        "/openapi.json",
        "/predict",
        "/ready",
        "/v1/careers",
        "/v1/classify",
        "/v1/model",
        "/v1/recommend",
    )
)
"""The paths that logs and counters name; any other is "other"."""

_GONE = 499  # what nginx logs where the client has left before the answer

# The answers quote people's texts: nobody keeps a copy, and no browser guesses their type.
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass
class Notes:
    """What is noted of a request: the bundle that answers it, and its texts without their words."""

    served: Served
    decisions: list[str] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)

    def answered(self, text: str, answer: Recommendation) -> None:
        """Note one text of the request."""
        self.decisions.append(told(answer)[0])
        self.lengths.append(len(text))


def route(path: str) -> str:
    """Return the template of a path: names of careers are no part of it."""
    if path.startswith("/v1/careers/"):
        return CAREER
    return path if path in ROUTES else "other"


class Watch:
    """ASGI middleware that logs, counts, and turns problems and bugs into answers."""

    def __init__(self, app: ASGIApp, current: Callable[[], Served], metrics: Metrics) -> None:
        self._app, self._current, self._metrics = app, current, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        notes = scope[NOTES] = Notes(self._current())
        begun, status = time.perf_counter(), _GONE

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Vocation-Bundle"] = notes.served.hash
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, named)
        except Problem as problem:
            await _refuse(problem, scope, receive, named)
        except Exception:
            logs.fault(route(scope["path"]))
            if status == _GONE:
                await problems.response(scope["path"], problems.bug())(scope, receive, named)
        finally:
            self._note(scope, notes, status, time.perf_counter() - begun)

    def _note(self, scope: Scope, notes: Notes, status: int, seconds: float) -> None:
        template = route(scope["path"])
        self._metrics.request(template, status, seconds)
        fields = {
            "method": scope["method"] if scope["method"] in ("GET", "HEAD", "POST") else "other",
            "route": template,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "bundle": notes.served.hash[:12],
        }
        if notes.lengths:
            fields |= {
                "decision": notes.decisions,
                "texts": len(notes.lengths),
                "lengths": notes.lengths,
            }
        logs.request(fields)


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once; of a body that was not read to the end, read on for a moment before the end
    of the answer.
    """
    response = problems.response(scope["path"], problem)
    if not problem.closing:
        await response(scope, receive, send)
        return
    head: Message = {
        "type": "http.response.start",
        "status": response.status_code,
        "headers": response.raw_headers,
    }
    await send(head)
    await send({"type": "http.response.body", "body": bytes(response.body), "more_body": True})
    await linger(receive)
    await send({"type": "http.response.body", "body": b""})
