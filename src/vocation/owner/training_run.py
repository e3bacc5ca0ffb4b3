"""One training at a time in a process of its own: it outlives the page, and can be stopped.

BUNDLE.training   state.json: when and as which process; log.jsonl: what it said; lock: held by
                  every process of the training as long as it runs
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.errors import ConfigError
from vocation.files import atomic_write
from vocation.install import install_command
from vocation.owner.access import KEY, VARIABLE
from vocation.training import NEEDED

_STATE, _LOG, _LOCK = "state.json", "log.jsonl", "lock"
_OWN = (VARIABLE, KEY)  # variables of the page: Streamlit makes one of each secret
_PATIENCE = 15.0  # seconds from the polite signal to the other one
_PAUSE = 0.05
_LONGEST = 5_000_000  # bytes of a log that are read: its end
_SHOWN = 12  # lines


@dataclass(frozen=True, slots=True)
class Run:
    """The last training that was started here. `state` is "none", "running", "done", "failed" or
    "stopped"; `started` in seconds since 1970.

    `lines` are the last that it said, `epochs` entries of its history, `step` (what, done, total)
    the step that it is at; `error` says why it failed.
    """

    state: str
    started: float = 0.0
    lines: tuple[str, ...] = ()
    epochs: tuple[Mapping[str, float], ...] = ()
    step: tuple[str, int, int] | None = None
    error: str = ""


def folder_of(bundle: Path) -> Path:
    """Where the training of a candidate for `bundle` keeps its state."""
    return bundle.with_name(f"{bundle.name}.training")


def missing() -> str:
    """What to do before anything can be trained here; "" where nothing is missing."""
    if sys.platform == "win32":
        return "vocation train"
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        return install_command("train")
    return ""


def start(
    bundle: Path,
    data: Path,
    preset: str = "auto",
    add_to_defaults: bool = False,
    config: str = "",
) -> None:
    """Begin to train a candidate for `bundle` on the files in `data`.

    `config` is a file with settings, "" for none. Raises ConfigError where a training runs already.
    """
    folder = folder_of(bundle)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # the log may quote the owner's rows
    lock = _lock(folder)
    if lock is None:
        raise ConfigError("a training is running already: wait for its end, or stop it")
    command = [sys.executable, "-m", "vocation.cli", "train", str(data), "--output", str(bundle)]
    command += ["--candidate", "--progress", "json", "--preset", preset]
    command += ["--add-to-defaults"] if add_to_defaults else []
    command += ["--config", config] if config else []
    try:
        # Until the new one is written: to stop the process that it names could hit another one.
        (folder / _STATE).unlink(missing_ok=True)
        with open(folder / _LOG, "wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={name: value for name, value in os.environ.items() if name not in _OWN},
                pass_fds=(lock,),
                start_new_session=True,
            )
        _write(folder, {"pid": process.pid, "started": time.time(), "stopped": False})
    finally:
        os.close(lock)  # the process holds it now, and whatever it starts
    # Somebody must take its exit status, or it stays in the table of processes.
    threading.Thread(target=process.wait, daemon=True).start()


def look(bundle: Path) -> Run:
    """How the training is, or how the last one ended."""
    folder = folder_of(bundle)
    state = _read(folder)
    if not state:
        return Run("none")
    running = _runs(folder)  # before the log: what it says last is there when it has ended
    lines: list[str] = []
    epochs: list[Mapping[str, float]] = []
    step, other, done = None, [], False
    for event in _events(folder):
        if isinstance(event, str):
            other.append(event)
        elif "line" in event:
            lines += str(event["line"]).splitlines()
        elif "epoch" in event:
            epochs.append(event["epoch"])
        elif "bar" in event:
            step = (str(event["bar"]), int(event["done"]), int(event["total"]))
        done = done or (isinstance(event, dict) and "done" in event and "bar" not in event)
    ended = "done" if done else "stopped" if state.get("stopped") else "failed"
    said = next((one for one in reversed(other) if one.startswith("vocation: ")), "")
    return Run(
        "running" if running else ended,
        float(state.get("started", 0)),
        tuple(one for one in lines if one.strip())[-_SHOWN:],
        tuple(epochs),
        step if running else None,
        "" if running or ended != "failed" else said.removeprefix("vocation: ") or _end(other),
    )


def stop(bundle: Path) -> None:
    """End the training and all that it has started; nothing where none runs."""
    folder = folder_of(bundle)
    state = _read(folder)
    if not state or not _runs(folder):
        return
    _write(folder, {**state, "stopped": True})
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(int(state["pid"]), number)
        except ProcessLookupError:
            return
        until = time.monotonic() + _PATIENCE
        while _runs(folder):
            if time.monotonic() > until:
                break
            time.sleep(_PAUSE)
        else:
            return


def _lock(folder: Path) -> int | None:
    """The lock of a training as an open file; None where one runs."""
    import fcntl

    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    for _ in range(5):  # somebody who looks whether it is held has it for a moment
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except OSError:
            time.sleep(_PAUSE)
    os.close(handle)
    return None


def _runs(folder: Path) -> bool:
    """Whether a training holds the lock: unlike its number, nobody else can have that."""
    import fcntl

    try:
        handle = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _write(folder: Path, state: Mapping[str, Any]) -> None:
    atomic_write(folder / _STATE, json.dumps(state), mode=0o600)


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / _STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _events(folder: Path) -> list[Any]:
    """What the training said, in order: its events, and other lines as texts."""
    try:
        with open(folder / _LOG, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    found: list[Any] = []
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            event = line
        found.append(event if isinstance(event, dict) else line)
    return found


def _end(lines: list[str]) -> str:
    """What a process that was killed says last."""
    return " ".join(lines[-3:]) or "it ended without a word: was it killed, for memory perhaps?"
