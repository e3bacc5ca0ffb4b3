"""Find the tables in a data folder, and say which of its files are not read, and why.

A file that is passed over in silence is missing from the training while the report looks complete.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vocation.data.schema import KINDS, kind_named

SUFFIXES = (".csv", ".tsv", ".txt")
"""How the names of tables end; in any case."""

_SHOWN = 5  # names in one sentence
# Files about the data, by the first word of their names, and files of operating systems.
_ABOUT = re.compile(r"(read_?me|notes?|licen[cs]e|copying|notice|authors|changelog)([\W_]|$)", re.I)
_SYSTEM = frozenset(("thumbs.db", "desktop.ini", "__pycache__", "__macosx"))
# A folder with one of these was written by a training or a tuning.
_OWN_FILES = frozenset(("manifest.json", "model_metadata.json", "study.db", "tuning.md"))

# Words for rows that are kept for measuring, as the last word of a file's name.
_HELD_OUT = frozenset(
    ("test", "tests", "testset", "holdout", "valid", "val", "validation", "eval", "evaluation")
)
# These name trades as well (web_dev, software_testing), so that they count alone only.
_HELD_OUT_ALONE = frozenset(("dev", "testing"))
# Words that say nothing about what a file is for.
_FILLERS = frozenset(
    (
        *("data", "dataset", "set", "split", "fold", "part", "file", "files", "rows", "v", "final"),
        *("copy", "new", "old", "people", "resumes", "texts", "labelled", "labeled"),
        *(word for kind in KINDS for word in kind.file.removesuffix(".csv").split("_")),
    )
)


@dataclass(frozen=True, slots=True)
class Found:
    """The files to read. `named`: whether the user named them one by one.

    `left_out` has a sentence for each reason why files of the folder are not read, `problems` one
    for each file that must be readable and is not.
    """

    paths: tuple[Path, ...] = ()
    named: bool = True
    left_out: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def find(given: str | Path | Sequence[str | Path]) -> Found:
    """Return what to read of a folder, of one file, or of several."""
    paths = [Path(given)] if isinstance(given, (str, Path)) else [Path(path) for path in given]
    reasons = {path: unreadable(path) for path in paths}
    if len(paths) == 1 and reasons[paths[0]] == _FOLDER:
        return _list(paths[0])
    problems = [
        f"{path}: there is no such file or folder."
        if reason == _MISSING
        else f"{path} is no readable file: {reason}."
        for path, reason in reasons.items()
        if reason
    ]
    return Found(
        tuple(path for path, reason in reasons.items() if not reason),
        problems=tuple(problems if paths else ["No file was named."]),
    )


_FOLDER, _MISSING = "it is a folder", "it is not there"
_TYPES = (
    (stat.S_ISDIR, _FOLDER),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)


def unreadable(path: Path) -> str:
    """Return why `path` cannot be read as a file, "" where it can; a pipe is never opened."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            return f"it is a link to {os.readlink(path)}, which is not there"
        return _MISSING
    except ValueError:  # a NUL in the name
        return _MISSING
    except OSError as error:
        return error.strerror or str(error)
    return next((reason for is_type, reason in _TYPES if is_type(mode)), "")


def for_measuring(stem: str) -> bool:
    """Whether the name of a file says that its rows are kept for measuring: test, holdout-2024."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem).lower()
    words = re.findall("[a-z]+", re.sub(r"h[eo]ld[\W_]*out", " holdout ", spaced))
    words = [word for word in words if word not in _FILLERS]
    return bool(words) and (words[-1] in _HELD_OUT or (set(words) <= _HELD_OUT_ALONE))


def some(names: Sequence[str]) -> str:
    """Return the first of the names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _list(folder: Path) -> Found:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        return Found(problems=(f"{folder}: the folder cannot be read ({error.strerror}).",))
    tables: list[Path] = []
    problems: list[str] = []
    others: list[str] = []
    folders: list[str] = []
    broken: list[str] = []
    measuring: list[Path] = []
    for path in entries:
        table = path.suffix.lower() in SUFFIXES
        reason = unreadable(path)
        if _is_passed_over(path):
            continue
        if reason and table and kind_named(path.name):
            problems.append(
                f"{path.name} is no readable file: {reason}. Put the file there, or take"
                f" {path.name} away."
            )
        elif reason == _FOLDER:
            folders += [path.name] if _holds_something(path) else []
        elif reason:
            broken.append(f"{path.name} ({reason})")
        elif not table:
            others.append(path.name)
        elif for_measuring(path.stem):
            measuring.append(path)
        else:
            tables.append(path)
    left_out = _sentences(folder, others, folders, broken, measuring)
    if not tables and not problems:
        names = ", ".join(kind.file for kind in KINDS[:5])
        problems = [
            f"{folder}: expected at least one of {names}; found no .csv, .tsv or .txt file to train"
            " on.",
            *left_out,
        ]
    return Found(tuple(tables), False, tuple(left_out), tuple(problems))


def _is_passed_over(path: Path) -> bool:
    """Whether nobody expects the file to be read: hidden, an office program's lock, a note."""
    return (
        path.name.startswith((".", "~$"))
        or path.name.lower() in _SYSTEM
        or path.suffix.lower() == ".md"
        or (path.suffix.lower() not in (".csv", ".tsv") and bool(_ABOUT.match(path.name)))
    )


def _holds_something(folder: Path) -> bool:
    """Whether a folder holds files that are not the output of a training."""
    try:
        names = [path.name for path in folder.iterdir() if not _is_passed_over(path)]
    except OSError:
        return True
    records = folder.name == "runs" and all(name.endswith(".json") for name in names)
    return bool(names) and not records and _OWN_FILES.isdisjoint(names)


def _sentences(
    folder: Path,
    others: Sequence[str],
    folders: Sequence[str],
    broken: Sequence[str],
    measuring: Sequence[Path],
) -> list[str]:
    """Return a sentence for each reason why something in the folder is not read."""
    first = shlex.quote(str(measuring[0])) if measuring else ""
    sentences = (
        (
            others,
            f"{some(others)}: not read, only .csv, .tsv and .txt files are. Save as CSV what should"
            " be trained on.",
        ),
        (
            folders,
            f"{some(folders)}: not read, since no folder within {folder} is. Move up what should be"
            " trained on.",
        ),
        (broken, f"{some(broken)}: not read, since it is no readable file."),
        (
            measuring,
            f"{some([path.name for path in measuring])}: left out of training, since the name says"
            " that the rows are for testing. To train on them, name the file alone or rename it; to"
            f" measure a bundle:  vocation evaluate {first} --text-column NAME --label-column NAME",
        ),
    )
    return [sentence for found, sentence in sentences if found]
