"""How much a request may ask, and how many are answered at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vocation.api.problems import Problem, overloaded
from vocation.machine import cores

MOST_BYTES = 1_000_000
"""Bytes of a body."""

MOST_TEXTS = 32
"""Texts of a request, as many as text-embeddings-inference takes."""

MOST_CHARACTERS = 20_000
"""Characters of a text that are read; of a longer one the answer says that its end was not read."""

DEADLINE_S = 10.0
"""Seconds from the end of a request to its answer."""

BODY_S = 10.0
"""Seconds from the head of a request to the end of its body."""

_SMALL = 64_000  # bytes of a body that any request may hold in memory
_ALL_LARGE = 32_000_000  # bytes of all larger bodies together
# To read on after a refusal: a client that still sends would not see the answer.
_LINGER_S, _LINGER_BYTES = 2.0, 4 * MOST_BYTES

T = TypeVar("T")


class Late(Exception):  # noqa: N818
    """The deadline has passed while a request was computed."""


class Slots:
    """Places for requests: one is computed on each core, `queue` more wait, others are refused.

    A batch gains nothing on CPUs, so each request has a thread of its own.
    """

    def __init__(self, queue: int | None = None) -> None:
        """`queue` is 4 for each core if not given."""
        self.cores = cores()
        self._most = self.cores + (4 * self.cores if queue is None else queue)
        self._pool = ThreadPoolExecutor(self.cores, "answer")
        self._lock, self._taken = threading.Lock(), 0

    def full(self) -> bool:
        """Tell whether one more request would be refused."""
        return self._taken >= self._most

    def waiting(self) -> int:
        """Return how many requests wait for a core."""
        return max(0, self._taken - self.cores)

    async def run(self, work: Callable[[float], T]) -> T:
        """Return what `work` returns; it gets the time.monotonic() of its deadline.

        Raises Problem if there is no place, and if the deadline passes. Then a `work` that has not
        begun never does; one that has keeps its place until it ends.
        """
        with self._lock:
            if self.full():
                raise overloaded()
            self._taken += 1
        future = self._pool.submit(work, time.monotonic() + DEADLINE_S)
        future.add_done_callback(self._leave)
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await asyncio.wrap_future(future)
        except (TimeoutError, Late):
            raise Problem(
                503,
                f"no answer within {DEADLINE_S:.0f} seconds: ask later, or for less at a time",
                headers={"Retry-After": "1"},
            ) from None

    def _leave(self, _: Future[T]) -> None:
        with self._lock:
            self._taken -= 1

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Body:
    """ASGI middleware that reads a body to its end before anything is computed.

    It counts what comes and trusts no header; who sends slowly holds no place of `Slots`. Where no
    place is free, the body is not parsed: that costs the requests that are being answered.
    """

    def __init__(self, app: ASGIApp, full: Callable[[], bool]) -> None:
        """`full` tells whether all places are taken."""
        self._app, self._full = app, full
        self._large = 0  # bytes of large bodies that are being read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        body = await self._read(scope, receive)
        if body is None:
            return  # the client has gone
        if self._full():
            raise overloaded()
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, replay, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if declared.isdigit() and int(declared[:20]) > MOST_BYTES:
            raise _too_large()
        parts: list[bytes] = []
        size = held = 0
        try:
            async with asyncio.timeout(BODY_S):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > MOST_BYTES:
                        raise _too_large()
                    if not message.get("more_body"):
                        return b"".join(parts)
                    if size > _SMALL:
                        self._large += size - held
                        held = size
                        if self._large > _ALL_LARGE:
                            raise overloaded()
        except TimeoutError:
            raise Problem(
                408, f"the body did not end within {BODY_S:.0f} seconds", closing=True
            ) from None
        finally:
            self._large -= held


def _too_large() -> Problem:
    return Problem(413, f"expected a body of {MOST_BYTES:,} bytes at most", closing=True)


async def linger(receive: Receive) -> None:
    """Read for a moment what a refused client still sends.

    Closing at once would make the system drop the answer before it is read.
    """
    left = _LINGER_BYTES
    try:
        async with asyncio.timeout(_LINGER_S):
            while left > 0 and (message := await receive()).get("more_body"):
                left -= len(message.get("body", b""))
    except TimeoutError:
        return
