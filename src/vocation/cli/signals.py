"""End a command cleanly when the system ends it: its temporary files hold people's texts."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def stopping() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into SystemExit (143 and 129) while the block runs.

    Without it the process ends at once, and no `finally` removes a temporary file. A signal that
    somebody has set otherwise, such as SIGHUP under nohup, keeps its meaning.
    """
    # Windows has no SIGHUP.
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]

    def stop(number: int, frame: FrameType | None) -> None:
        # A second one, as a closed terminal sends, must not interrupt the cleaning up.
        for each in taken:
            signal.signal(each, signal.SIG_IGN)
        # 128 and the number is what shells report of a process that a signal ended.
        raise SystemExit(128 + number)

    # signal.signal raises ValueError outside the main thread.
    if threading.current_thread() is not threading.main_thread():
        taken = []
    for number in taken:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
