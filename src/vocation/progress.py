"""Progress of a long call: finished lines, and a bar for what takes more than two seconds."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from tqdm.std import tqdm

from vocation.text.clean import printable


class Bar(Protocol):
    """The part of a progress bar that a step uses."""

    def update(self, n: int = 1) -> object:
        """`n` more steps are done."""


class NullProgress:
    """Shows nothing: the default of library calls."""

    def line(self, text: str = "") -> None:
        """One finished line of text."""

    def epoch(self, figures: Mapping[str, float]) -> None:
        """The figures of a finished epoch: an entry of the history that training returns."""

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Bar]:
        """A bar for `total` steps, open as long as the context is."""
        # A disabled bar of tqdm has the same methods and shows nothing.
        with tqdm(total=total, disable=True) as bar:
            yield bar


class JsonProgress(NullProgress):
    """JSON lines to standard output, for a program that shows them: "line", "epoch", or "bar" with
    what is "done" of "total".
    """

    def line(self, text: str = "") -> None:
        self._say({"line": text})

    def epoch(self, figures: Mapping[str, float]) -> None:
        self._say({"epoch": dict(figures)})

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Bar]:
        """As in `NullProgress`, told at most once a second."""
        yield _Told(lambda done: self._say({"bar": label, "done": done, "total": total}))

    def _say(self, event: Mapping[str, Any]) -> None:
        sys.stdout.write(f"{json.dumps(event)}\n")
        sys.stdout.flush()


class _Told:
    """A bar that calls `tell` with the steps that are done."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell, self._done, self._next = tell, 0, 0.0

    def update(self, n: int = 1) -> None:
        self._done += n
        if time.monotonic() >= self._next:
            self._tell(self._done)
            self._next = time.monotonic() + 1


class ConsoleProgress(NullProgress):
    """Lines to standard output; bars to standard error where that is a terminal or a notebook."""

    def line(self, text: str = "") -> None:
        # tqdm.write moves an open bar out of the way; print would tear it.
        tqdm.write(printable(text), file=sys.stdout)
        sys.stdout.flush()

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Bar]:
        """As in `NullProgress`, shown from the third second on."""
        kind: Any = tqdm
        hidden = not sys.stderr.isatty()
        # A notebook's standard error is no terminal. tqdm's widget bar needs ipywidgets.
        if "ipykernel" in sys.modules and importlib.util.find_spec("ipywidgets") is not None:
            from tqdm.notebook import tqdm as widget

            kind, hidden = widget, False
        with kind(
            total=total, desc=label, delay=2, leave=False, disable=hidden, dynamic_ncols=True
        ) as bar:
            yield bar
