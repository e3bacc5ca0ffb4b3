"""What is counted, for Prometheus. No label comes from a text or from an unknown path."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from vocation.records import Recommendation

# An answer takes 5 ms alone and some hundred in a queue; 10 s is the deadline.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The counters of one server, in a registry of their own."""

    def __init__(self) -> None:
        # A time beside each counter, which nobody asks for.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)  # memory, CPU seconds, open files
        PlatformCollector(registry=registry)
        self._requests = Counter(
            "vocation_requests", "Requests answered.", ("route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "vocation_request_seconds",
            "From the head of a request to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._texts = Counter(
            "vocation_texts",
            "Texts answered. A text that needs a person counts as unsure, empty.",
            ("decision", "reason"),
            registry=registry,
        )
        self._waiting = Gauge(
            "vocation_queue_waiting", "Requests that wait for a core.", registry=registry
        )
        self._bundle = Gauge(
            "vocation_bundle_info", "The bundle in use.", ("hash", "version"), registry=registry
        )
        self._swaps = Counter(
            "vocation_swaps",
            "New bundles: in use (done), refused and left (refused), or the same one (same).",
            ("result",),
            registry=registry,
        )
        for result in ("done", "refused", "same"):
            self._swaps.labels(result)  # there from the start, so that a rate can be told

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, answer: Recommendation) -> None:
        """Count the answer to one text."""
        self._texts.labels(*told(answer)).inc()

    def watch_queue(self, waiting: Callable[[], int]) -> None:
        """Ask `waiting` for the requests in the queue whenever somebody looks."""
        self._waiting.set_function(waiting)

    def bundle(self, name: str, version: str) -> None:
        """Name the bundle in use by its hash and the version of the package that wrote it."""
        self._bundle.clear()
        self._bundle.labels(name, version).set(1)

    def swap(self, result: str) -> None:
        """Count what became of a new bundle: "done", "refused" or "same"."""
        self._swaps.labels(result).inc()

    def text_format(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self._registry)


def told(answer: Recommendation) -> tuple[str, str]:
    """Return the decision and the reason that logs and counters may tell of an answer.

    That somebody was in distress is told nowhere: such a text passes for an empty one.
    """
    if answer.decision == "help":
        return "unsure", "empty"
    return answer.decision, answer.reason_code or ""
