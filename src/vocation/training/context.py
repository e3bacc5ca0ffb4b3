"""The surroundings of a training run: a working folder, quiet libraries, and Ctrl-C."""

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
    """`checkpoints`, or without it a temporary folder that is removed at the end."""
    if checkpoints is not None:
        checkpoints.mkdir(parents=True, exist_ok=True)
        # Not removed afterwards: a later run may resume from it.
        yield checkpoints
        return
    # Each process makes a folder, all use the one of the main process.
    folder = Path(device.broadcast(tempfile.mkdtemp(prefix="vocation-")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence warnings, progress bars and log lines below ERROR of the training libraries."""
    loggers = [logging.getLogger(name) for name in ("transformers", "accelerate", "optuna")]
    levels = [logger.level for logger in loggers]
    bars = transformers.logging.is_progress_bar_enabled()
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    transformers.logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        # Only where they were on before: the user may have switched them off.
        if bars:
            transformers.logging.enable_progress_bar()


@contextmanager
def ctrl_c() -> Iterator[threading.Event]:
    """Let the first Ctrl-C set the event, so that the loop saves and stops after the current step.

    A second Ctrl-C interrupts at once. Outside the main thread, which alone gets signals, nothing
    is set.
    """
    stop = threading.Event()
    # signal.signal raises ValueError outside the main thread.
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(*_: Any) -> None:
        stop.set()
        # From now on Ctrl-C raises KeyboardInterrupt, as usual in Python.
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
