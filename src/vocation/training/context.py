"""What a training run needs around it: a folder, quiet libraries, and a way out with Ctrl-C."""

from __future__ import annotations

import logging
import shutil
import signal
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import transformers

from vocation.training import device


@contextmanager
def working_folder(checkpoints: Path | None) -> Iterator[Path]:
    """`checkpoints`, or without it a temporary folder that is gone in the end."""
    if checkpoints is not None:
        checkpoints.mkdir(parents=True, exist_ok=True)
        yield checkpoints
        return
    folder = Path(device.broadcast(tempfile.mkdtemp(prefix="vocation-")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def quiet() -> Iterator[None]:
    """The Trainer's own chatter is for people who know the Trainer."""
    level = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_error()
    accelerate = logging.getLogger("accelerate")
    before, accelerate.level = accelerate.level, logging.ERROR
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers.logging.set_verbosity(level)
        accelerate.level = before


@contextmanager
def ctrl_c() -> Iterator[threading.Event]:
    """The first Ctrl-C asks the loop to save and leave after the current step; a second one
    interrupts at once.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(*_: Any) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
