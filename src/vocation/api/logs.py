"""One line of JSON for each request and event, without texts, queries, keys or values of errors."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

LOGGER = logging.getLogger("vocation.api")


class _Line(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        entry: dict[str, Any] = {"time": moment.isoformat(timespec="milliseconds")}
        if fields := getattr(record, "fields", None):
            entry |= fields
        else:
            # What libraries say goes on with representations of objects from the second line on.
            message = next(iter(record.getMessage().splitlines()), "")
            entry |= {"level": record.levelname.lower(), "message": message[:500]}
        if record.exc_info and record.exc_info[1]:
            entry |= _fault(record.exc_info[1])
        return json.dumps(entry)


def _fault(error: BaseException) -> dict[str, Any]:
    """Where an error came from. Its message is left out: it may quote what was asked."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames[-8:]]
    return {"error": type(error).__name__, "at": places}


def configure(stream: TextIO) -> None:
    """Write everything that is logged to `stream`, as lines of JSON; our own from INFO on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in (LOGGER.name, "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.INFO)


def request(fields: dict[str, Any]) -> None:
    """Log one answered request."""
    LOGGER.info("", extra={"fields": fields})


def event(message: str, **fields: Any) -> None:
    """Log what happened to the server itself, in one sentence of our own."""
    LOGGER.info("", extra={"fields": {"message": message, **fields}})


def fault(route: str) -> None:
    """Log the exception that is being handled: its type and places, never its message."""
    LOGGER.error(
        "", extra={"fields": {"message": "a request failed", "route": route}}, exc_info=True
    )
