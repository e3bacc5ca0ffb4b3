"""Progress of a long call: finished lines, and a bar for what takes more than two seconds."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
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

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Bar]:
        """A bar for `total` steps, open as long as the context is."""
        # A disabled bar of tqdm has the same methods and shows nothing.
        with tqdm(total=total, disable=True) as bar:
            yield bar


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
