"""The bundle in use, and how a new one takes its place while requests are answered."""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from vocation.api import logs
from vocation.api.metrics import Metrics
from vocation.bundle import place, reader
from vocation.errors import BundleError, explained
from vocation.reports.checklist import answers_checked
from vocation.serving.recommend import Recommender
from vocation.text.clean import label_key

POLL_S = 2.0
"""Seconds between two looks at the bundle's files."""


@dataclass(frozen=True)
class Served:
    """A loaded bundle. `hash` is the SHA-256 of its manifest, `files` those of each file.

    `failing` are the lines of the production checklist that it fails, `keys` the place of each
    career by its key.
    """

    recommender: Recommender
    hash: str
    files: Mapping[str, str]
    failing: frozenset[str]
    keys: Mapping[str, int]

    @property
    def version(self) -> str:
        """The version of the package that wrote it, "" if it does not tell."""
        versions = self.recommender.metadata.get("versions") or {}
        return str(versions.get("vocation", ""))


def load(path: str | Path) -> Served:
    """Load the bundle at `path` and put the questions of `vocation check` to it.

    Raises BundleError.
    """
    opened = reader.read(path)
    recommender = Recommender(opened, threads=1)
    failing = frozenset(one.name for one in answers_checked(recommender) if not one.passed)
    return Served(
        recommender,
        opened.fingerprint,
        opened.hashes,
        failing,
        {label_key(career.name): i for i, career in enumerate(recommender.careers)},
    )


class Bundle:
    """The bundle at a path: `current` is the one reference that requests take.

    A thread looks every POLL_S seconds whether the files have changed, and loads them beside the
    ones in use. For that moment the memory is that of two bundles.
    """

    def __init__(self, path: str | Path, metrics: Metrics) -> None:
        """Load it. Raises BundleError."""
        self._path, self._metrics = Path(path), metrics
        self._seen = _state(self._path)
        self.current = load(path)
        metrics.bundle(self.current.hash, self.current.version)
        # Not an Event: a second signal that comes while the first one sets it would wait for ever.
        self._asked: SimpleQueue[None] = SimpleQueue()
        self._stopped = False

    def look(self) -> None:
        """Load the bundle again now, if it is another one; from a signal's handler, too."""
        self._asked.put(None)

    def watch(self) -> None:
        """Start to look for new bundles."""
        threading.Thread(target=self._watch, name="bundle", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped = True
        self._asked.put(None)

    def _watch(self) -> None:
        while not self._stopped:
            asked = True
            try:
                self._asked.get(timeout=POLL_S)
            except Empty:
                asked = False
            state = _state(self._path)
            if not self._stopped and (asked or state != self._seen):
                self._seen = state
                if self.swap() != "same":
                    _trim()

    def swap(self) -> str:
        """Take the bundle that lies at the path now, if it is a good one; return what was done.

        "done", "same" for the one in use, or "refused": then nothing changes.
        """
        before = self.current
        try:
            if place.fingerprint(self._path) == before.hash:
                result, said = "same", "nothing was loaded: manifest.json is the one in use"
            else:
                new = load(self._path)
                # What the one in use fails, too, is the owner's choice.
                if worse := sorted(new.failing - before.failing):
                    raise BundleError(f"it fails what the bundle in use passes: {', '.join(worse)}")
                self.current = new
                self._metrics.bundle(new.hash, new.version)
                result, said = "done", "a new bundle is in use"
        except Exception as error:  # whatever is wrong with it must not end the watching
            why = explained(error) or type(error).__name__
            result, said = "refused", f"the new bundle is refused: {' '.join(why.split())[:400]}"
        self._metrics.swap(result)
        logs.event(said, swap=result, bundle=self.current.hash)
        return result


def _trim() -> None:
    """Give the memory of the bundle that went back to the system; glibc would keep 100 MB of it."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # other systems lack the call
        ctypes.CDLL(None).malloc_trim(0)


def _state(path: Path) -> tuple[object, ...]:
    """What tells the files at `path` from others: names, inodes, sizes and times of change.

    Of all files, since a copy in place may write the manifest before the others.
    """
    try:
        entries = list(os.scandir(path)) if path.is_dir() else [path]
        found = [(one.name, one.stat()) for one in entries]
    except OSError:
        return ()
    return tuple(sorted((name, it.st_ino, it.st_size, it.st_mtime_ns) for name, it in found))
