"""`vocation serve`: the application behind uvicorn, with timeouts and signals."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from vocation.api import logs
from vocation.api.app import Api
from vocation.api.limits import DEADLINE_S
from vocation.api.metrics import Metrics
from vocation.api.swap import Bundle

KEEP_ALIVE_S = 5
"""Seconds that a connection stays open without a request."""

_LOOK_S = 5.0  # between two looks at a connection
_HEAD, _WRITE = 2, 6  # looks after which a head that does not end, an answer nobody reads, ends
_MOST_HEAD = 16_384  # bytes of a head
_CONNECTIONS = 900  # at once; the usual limit of open files is 1,024


def serve(
    path: str | Path,
    host: str,
    port: int,
    keys: Sequence[bytes] = (),
    queue: int | None = None,
    loaded: Callable[[], None] = lambda: None,
) -> None:
    """Answer requests until SIGINT or SIGTERM; SIGHUP loads the bundle at `path` again.

    `loaded` is called before it listens. Raises BundleError before that.
    """
    logs.configure(sys.stderr)
    metrics = Metrics()
    bundle = Bundle(path, metrics)
    loaded()
    api = Api(bundle, metrics, queue)
    config = uvicorn.Config(
        api.asgi(keys),
        host=host,
        port=port,
        http=_Patient,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # it has queries in it
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=int(DEADLINE_S) + 5,
        h11_max_incomplete_event_size=_MOST_HEAD,
    )
    bundle.watch()
    try:
        _Server(config, bundle).run()
    finally:
        bundle.stop()
        api.slots.close()


class _Server(uvicorn.Server):
    """uvicorn's server that ends well after SIGTERM, and passes SIGHUP on."""

    def __init__(self, config: uvicorn.Config, bundle: Bundle) -> None:
        super().__init__(config)
        self._bundle = bundle

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Not uvicorn's own: it raises the signal again after all requests were answered."""
        handlers = {signal.SIGINT: self.handle_exit, signal.SIGTERM: self.handle_exit}
        if sys.platform != "win32":
            handlers[signal.SIGHUP] = lambda *_: self._bundle.look()
        before = {number: signal.signal(number, take) for number, take in handlers.items()}
        try:
            yield
        finally:
            for number, take in before.items():
                signal.signal(number, take)


class _Patient(H11Protocol):
    """uvicorn's protocol, which waits for ever for the rest of a head and for a slow reader.

    Looked at every few seconds, a connection is cut that is in the same place too often.
    """

    _timer: asyncio.TimerHandle | None = None
    _place: tuple[str, object] | None = None
    _looks = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer = self.loop.call_later(_LOOK_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        place = self._where()
        self._looks = self._looks + 1 if place and place == self._place else 0
        self._place = place
        if place and self._looks >= (_WRITE if place[0] == "write" else _HEAD):
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(_LOOK_S, self._look)

    def _where(self) -> tuple[str, object] | None:
        """What the connection waits for since which request; None if for nothing slow."""
        if self.transport.get_write_buffer_size():
            return "write", self.cycle
        answered = self.cycle is None or self.cycle.response_complete
        # The timer runs while the connection is allowed to be silent.
        return ("head", self.cycle) if answered and not self.timeout_keep_alive_task else None
