"""A bundle in the making: a copy of an honest one, ways to spoil it, and the list of techniques
that do.
"""

from __future__ import annotations

import json
import os
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vocation.bundle import ensemble, layout

READING = ("recommend", "score", "evaluate", "app", "ensemble", "pull", "check")
"""Roads that open the serving part of a bundle."""
WHOLE = ("pull", "push", "check")
"""Roads that open every file of it."""
START = ("start-from",)


@dataclass
class Case:
    """`folder` holds the bundle; `path` is what the command is given; `canary` must never come into
    being; `secret` never be read.
    """

    folder: Path
    rng: random.Random
    road: str = ""
    path: Path = field(init=False)
    note: str = ""
    sealed: bool = True

    def __post_init__(self) -> None:
        self.path = self.folder
        self.canary = self.folder.parent / "canary"
        self.secret = self.folder.parent / "secret.bin"

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def put(self, name: str, content: bytes) -> None:
        """Write a file anew: those of the copy are links to the honest one's."""
        (self.folder / name).unlink(missing_ok=True)
        (self.folder / name).write_bytes(content)

    def json(self, name: str) -> Any:
        return json.loads(self.read(name))

    def put_json(self, name: str, value: Any) -> None:
        self.put(name, json.dumps(value).encode())

    def file(self, name: str) -> str:
        """The name under which the bundle has the serving file `name`: an ensemble's have
        numbers.
        """
        return name if (self.folder / name).exists() else ensemble.file_of(1, name)

    def names(self) -> list[str]:
        """The files of the bundle but manifest and zip."""
        kept = (layout.MANIFEST, layout.ZIP)
        return sorted(
            entry.name
            for entry in os.scandir(self.folder)
            if entry.is_file() and entry.name not in kept
        )

    def seal(self) -> None:
        """A manifest that fits the files as they are: an attacker can do that, too."""
        self.put(
            layout.MANIFEST, layout.manifest_of({name: self.read(name) for name in self.names()})
        )

    def zipped(self, method: int = zipfile.ZIP_STORED, shuffle: bool = False) -> Path:
        """A zip of the files as they are, in a folder of its own; `path` from now on."""
        names = (
            [*self.names(), layout.MANIFEST]
            if (self.folder / layout.MANIFEST).exists()
            else self.names()
        )
        if shuffle:
            self.rng.shuffle(names)
        self.path = self.folder.parent / layout.ZIP
        with zipfile.ZipFile(
            self.path, "w", method, compresslevel=1 if method == zipfile.ZIP_DEFLATED else None
        ) as archive:
            for name in names:
                archive.writestr(zipfile.ZipInfo(name), self.read(name), method)
        return self.path


@dataclass(frozen=True)
class Technique:
    """`spoil` turns the honest copy into a hostile bundle; `roads` are the commands that must
    refuse it; `bases` the bundles it can be made of.
    """

    name: str
    source: str
    spoil: Callable[[Case], None]
    roads: Sequence[str]
    bases: Sequence[str]
    as_zip: bool | None  # None: either; decided by the seed


TECHNIQUES: list[Technique] = []


def technique(
    source: str,
    roads: Sequence[str] = READING,
    bases: Sequence[str] = ("tiny", "tasks", "ensemble", "default"),
    as_zip: bool | None = None,
) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    """Enter a function into the list under its own name; `source` is where the technique was
    published.
    """

    def enter(spoil: Callable[[Case], None]) -> Callable[[Case], None]:
        TECHNIQUES.append(Technique(spoil.__name__, source, spoil, roads, bases, as_zip))
        return spoil

    return enter


def copy(source: Path, folder: Path) -> Path:
    """The bundle in `source`, without its zip, as hard links: writing through `Case.put` leaves the
    honest one alone.
    """
    folder.mkdir(parents=True)
    for entry in os.scandir(source):
        if entry.name != layout.ZIP:
            os.link(entry.path, folder / entry.name)
    return folder
