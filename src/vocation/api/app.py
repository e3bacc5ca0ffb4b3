"""The endpoints. `vocation.api.server` puts them on a socket; any ASGI server can."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Query, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from vocation import __version__
from vocation.api import answers, forms, problems
from vocation.api.keys import OPEN, Keys
from vocation.api.limits import Body, Slots
from vocation.api.metrics import Metrics
from vocation.api.problems import Problem
from vocation.api.swap import Bundle, Served
from vocation.api.watch import CAREER, NOTES, Notes, Watch
from vocation.records import Recommendation

DECISION = "X-Vocation-Decision"
"""The header in which foreign forms tell the decision of each text, with commas between them."""

_PAGE = Path(__file__).with_name("page.html")
_JSON = "application/json"
# The page loads nothing at all; its style is written in it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": forms.ErrorAnswer}
    for status in (400, 401, 404, 405, 408, 413, 422, 429, 500, 503)
}
_PREDICT_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": forms.PredictError} for status in _ERRORS
}
_DECISION: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            DECISION: {
                "description": "match, unsure or help for each text, with commas between them",
                "schema": {"type": "string"},
            }
        }
    }
}

T = TypeVar("T")


class Api:
    """What the endpoints share: the bundle, the places for requests, the counters."""

    def __init__(self, bundle: Bundle, metrics: Metrics, queue: int | None = None) -> None:
        self.bundle, self.metrics, self.slots = bundle, metrics, Slots(queue)
        metrics.watch_queue(self.slots.waiting)

    def asgi(self, keys: Sequence[bytes] = ()) -> ASGIApp:
        """Return the application, for everybody or for those with one of `keys`."""
        app = FastAPI(
            title="vocation",
            version=__version__,
            summary="Careers for a text, or an honest 'I cannot tell'.",
            docs_url=None,  # FastAPI's pages load scripts from elsewhere
            redoc_url=None,
            redirect_slashes=False,
            # Described alone; Keys checks them.
            dependencies=[Security(HTTPBearer(auto_error=False))] if keys else [],
            responses=_ERRORS,
        )
        self._ask(app)
        self._look(app)
        known = forms.field_names()

        async def refused(request: Request, error: Exception) -> Response:
            if isinstance(error, RequestValidationError):
                error = problems.of_validation(error, known)
            elif isinstance(error, HTTPException):
                error = Problem(error.status_code, _said(error), headers=error.headers)
            elif not isinstance(error, Problem):
                error = problems.bug()
            return problems.response(request.url.path, error)

        for kind in (RequestValidationError, HTTPException, Problem, Exception):
            app.add_exception_handler(kind, refused)
        paths = app.openapi()["paths"]  # made now: it takes a while
        for operation in (one for path in OPEN for one in paths[path].values()):
            operation.pop("security", None)
        return Watch(
            Keys(Body(app, self.slots.full), tuple(keys)), lambda: self.bundle.current, self.metrics
        )

    def _ask(self, app: FastAPI) -> None:
        """Add the endpoints that answer texts."""

        @app.post("/v1/recommend", response_model=forms.Answer | list[forms.Answer])
        async def recommend(request: Request, asked: forms.Recommend) -> Response:
            """Careers for one text, or a list of answers for several."""
            served, answered = self._noting(request)
            body = await self.slots.run(
                lambda late: answers.recommend(served, asked, late, answered)
            )
            return Response(body, media_type=_JSON)

        @app.post(
            problems.PREDICT,
            response_model=list[forms.Score] | list[list[forms.Score]],
            responses=_PREDICT_ERRORS | _DECISION,
        )
        async def predict(request: Request, asked: forms.Predict) -> Response:
            """The form of text-embeddings-inference. The scores of an unsure text mean nothing."""
            served, answered = self._noting(request)
            body, decision = await self.slots.run(
                lambda late: answers.predict(served, asked, late, answered)
            )
            return Response(body, headers={DECISION: decision}, media_type=_JSON)

        @app.post("/v1/classify", response_model=forms.ClassifyAnswer, responses=_DECISION)
        async def classify(request: Request, asked: forms.Classify) -> Response:
            """The form of vLLM and SGLang. The probabilities of an unsure text mean nothing."""
            served, answered = self._noting(request)
            body, decision = await self.slots.run(
                lambda late: answers.classify(served, asked, late, answered)
            )
            return Response(body, headers={DECISION: decision}, media_type=_JSON)

    def _look(self, app: FastAPI) -> None:
        """Add the endpoints that tell of careers, bundle and server."""

        @app.get("/v1/careers", response_model=list[forms.CareerEntry])
        async def careers(
            request: Request,
            q: Annotated[str, Query(max_length=200, description="Part of a name or title.")] = "",
            family: Annotated[str, Query(max_length=200, description="Of this family.")] = "",
        ) -> Response:
            """The careers of the bundle, or those that fit q, the best first."""
            served = _served(request)
            return await self._told(lambda: answers.careers(served, q, family))

        @app.get(CAREER.replace("}", ":path}"), response_model=forms.CareerPage)
        async def career(request: Request, name: str) -> Response:
            """All that is publicly known of one career."""
            served = _served(request)
            return await self._told(lambda: answers.career(served, name))

        @app.get("/v1/model", response_model=forms.Model)
        async def model(request: Request) -> Response:
            """The figures of the model card and the hashes of the bundle."""
            served = _served(request)
            return await self._told(lambda: answers.model(served))

        @app.head("/health", include_in_schema=False)
        @app.get("/health", response_model=forms.State)
        async def health() -> Response:
            """That the server runs."""
            return Response(b'{"status":"ok"}', media_type=_JSON)

        @app.head("/ready", include_in_schema=False)
        @app.get("/ready", response_model=forms.State)
        async def ready() -> Response:
            """That a bundle is loaded and answers."""
            return Response(b'{"status":"ready"}', media_type=_JSON)

        @app.get("/metrics", response_class=Response)
        async def metrics() -> Response:
            """Counters, for Prometheus."""
            return Response(self.metrics.text_format(), media_type="text/plain; version=0.0.4")

        page = _PAGE.read_bytes()

        @app.get("/", include_in_schema=False)
        async def index() -> Response:
            return Response(
                page, media_type="text/html", headers={"Content-Security-Policy": _POLICY}
            )

    async def _told(self, work: Callable[[], bytes]) -> Response:
        return Response(await self.slots.run(lambda _: work()), media_type=_JSON)

    def _noting(self, request: Request) -> tuple[Served, answers.Answered]:
        """Return the bundle of a request, and what notes the answer to each of its texts."""
        notes: Notes = request.scope[NOTES]

        def answered(text: str, answer: Recommendation) -> None:
            notes.answered(text, answer)
            self.metrics.text(answer)

        return notes.served, answered


def _served(request: Request) -> Served:
    notes: Notes = request.scope[NOTES]
    return notes.served


def _said(error: HTTPException) -> str:
    """What Starlette and FastAPI say of a request, in our words: theirs may quote it."""
    return {
        400: "the body is not readable JSON",
        404: "there is nothing at this address: /openapi.json lists what there is",
        405: "this address does not take this method: /openapi.json lists what there is",
    }.get(error.status_code, "the request was refused")
