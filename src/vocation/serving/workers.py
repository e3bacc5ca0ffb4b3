"""Answer batches in several processes, in order.

A process of its own for each core: threads of one process wait for each other in Python, and those
of ONNX Runtime at every step of the network. Each process loads the bundle, so each takes its
memory.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from vocation.errors import VocationError

Batch = Mapping[str, Any]
Answer = Callable[[Batch], dict[str, Any]]

FEW = 8
"""Batches that are answered sooner than other processes start: each takes two seconds to load."""

_THREADS = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"
_AHEAD = 2  # batches a worker has: one to answer, and the next one


def in_order(answer: Answer, batches: Iterable[Batch], workers: int) -> Iterator[dict[str, Any]]:
    """Yield what `answer` makes of each batch, in order, by so many processes; a few are answered
    in this one.

    `answer` is sent to each process once, and is called there. `batches` are read a few ahead of
    what is yielded. What it raises is raised here. Raises VocationError where a process was ended
    from outside.
    """
    remaining = iter(batches)
    first = list(islice(remaining, FEW + 1)) if workers > 1 else []
    if len(first) <= FEW:
        yield from map(answer, chain(first, remaining))
        return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin, (answer,))
    waiting: deque[Future[dict[str, Any]]] = deque()
    try:
        for batch in chain(first, remaining):
            with _starting():  # a worker starts when it is first needed
                waiting.append(pool.submit(_answer, batch))
            if len(waiting) > _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise VocationError(
            f"one of {workers} processes was ended from outside, perhaps because memory ran out:"
            " run the same command again, with fewer --workers"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _starting() -> Iterator[None]:
    """What starts in the block ignores Ctrl-C, and computes with one thread.

    Ctrl-C is for the process that waits, which then ends the others. numpy would take a thread for
    each core, in each of them; it asks the environment once, when it is loaded.
    """
    own = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    main = threading.current_thread() is threading.main_thread()  # others may not set signals
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, before)
        for name, value in own.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


# -- in a worker -----------------------------------------------------------------------------------

_own: Answer


def _begin(answer: Answer) -> None:
    global _own
    _own = answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Windows does not hand it down
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process that is killed cannot end its workers; they would wait for it for ever."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _answer(batch: Batch) -> dict[str, Any]:
    return _own(batch)
