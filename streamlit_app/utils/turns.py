"""A queue for visitors: few are answered at a time, a few more wait, the others come again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class BusyError(Exception):
    """The queue is full, or waiting took too long."""


class Turns:
    """So many are `answered` at once, so many more are `waiting`, each at most `seconds` long."""

    def __init__(self, answered: int, waiting: int, seconds: float) -> None:
        self._places = threading.Semaphore(answered + waiting)
        self._turns = threading.Semaphore(answered)
        self._seconds = seconds

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and keep it during the block. Raises BusyError."""
        if not self._places.acquire(blocking=False):
            raise BusyError
        try:
            if not self._turns.acquire(timeout=self._seconds):
                raise BusyError
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._places.release()


TURNS = Turns(answered=4, waiting=16, seconds=15)
"""The queue of the page. A text of 50,000 characters takes a second on two cores; more at a time
would end no earlier and take more memory.
"""
