"""Find the tables in a data folder or a zip, and say which files are not read, and why.

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

from vocation.data.archives import files_of, member, open_zip
from vocation.data.formats import READ, ending_of, is_table, stem_of
from vocation.data.schema import KINDS, kind_named
from vocation.data.sources import Source
from vocation.errors import DataError

_SHOWN = 5  # names in one sentence
# Files about the data, by the first word of their names, and files of operating systems.
_ABOUT = re.compile(r"(read_?me|notes?|licen[cs]e|copying|notice|authors|changelog)([\W_]|$)", re.I)
_SYSTEM = frozenset(("thumbs.db", "desktop.ini", "__pycache__", "__macosx"))
# A folder with one of these was written by a training or a tuning.
NOTICE = "NOTICE"
"""The file of a folder with the credit lines that licences of the data ask for."""
_LONGEST_NOTICE = 4_000  # bytes
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

    sources: tuple[Source, ...] = ()
    named: bool = True
    left_out: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def find(given: str | Path | Sequence[str | Path]) -> Found:
    """Return what to read of a folder or a zip, of one file, or of several."""
    paths = [Path(given)] if isinstance(given, (str, Path)) else [Path(path) for path in given]
    reasons = {path: unreadable(path) for path in paths}
    if len(paths) == 1 and reasons[paths[0]] == _FOLDER:
        return _needed(_in_folder(paths[0]), str(paths[0]))
    if len(paths) == 1 and not reasons[paths[0]] and _is_zip(paths[0].name):
        return _needed(_in_zip(Source(paths[0].name, paths[0])), str(paths[0]))
    problems = [
        f"{path}: there is no such file or folder."
        if reason == _MISSING
        else f"{path} is no readable file: {reason}."
        for path, reason in reasons.items()
        if reason
    ]
    listed = _Listing()
    names = [path.name for path in paths]
    for path in (path for path, reason in reasons.items() if not reason):
        name = path.name if names.count(path.name) == 1 else str(path)
        listed.add_file(Source(name, path), known=True)
    found = listed.found("")
    problems += [*found.problems, *found.left_out] if paths else ["No file was named."]
    return Found(found.sources, problems=tuple(problems))


def _needed(found: Found, place: str) -> Found:
    """Return what was found in a place, with a problem where there is nothing to read."""
    if found.sources or found.problems:
        return found
    names = ", ".join(kind.file for kind in KINDS[:5])
    problem = f"{place}: expected at least one of {names}; found no table to train on ({READ})."
    return Found((), False, found.left_out, (problem, *found.left_out))


def one_table(path: Path) -> Source:
    """Return the file to read at `path`, or the only table of a zip. Raises DataError."""
    source = Source(path.name, path, streams=True)
    if not _is_zip(path.name):
        return source
    listed = _unpacked(source)
    tables = [*listed.sources, *listed.measuring]
    if len(tables) != 1:
        shown = some([table.name for table in tables]) or "none"
        raise DataError(
            f"{path}: expected a zip of one table, found {shown}. Unpack it, and name one."
        )
    return tables[0]


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


def notice_of(given: object) -> str:
    """Return what the file NOTICE of a folder says must stand beside data and model, "" if nothing.

    What an import left out, which it says behind that, belongs to the data alone.
    """
    if not isinstance(given, (str, Path)):
        return ""
    try:
        text = (Path(given) / NOTICE).read_bytes()[:_LONGEST_NOTICE].decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
    return text.split("\nLeft out:")[0].strip()


def some(names: Sequence[str]) -> str:
    """Return the first of the names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


class _Listing:
    """Sorts the entries of a folder, or of a zip, into what is read and what is not, and why."""

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.problems: list[str] = []
        self.sentences: list[str] = []  # about a zip within the folder
        self.others: list[str] = []
        self.folders: list[str] = []
        self.broken: list[str] = []
        self.measuring: list[Source] = []

    def add_broken(self, name: str, reason: str) -> None:
        """Take an entry that cannot be read as a file."""
        if is_table(name) and kind_named(name):
            self.problems.append(
                f"{name} is no readable file: {reason}. Put the file there, or take {name} away."
            )
        else:
            self.broken.append(f"{name} ({reason})")

    def add_file(self, source: Source, known: bool = False) -> None:
        """Take a file; `known`: it was named, so that it is read whatever its name is."""
        if _is_zip(source.name):
            found = _in_zip(source)
            if found.problems and not known and not kind_named(source.name):
                self.sentences += found.problems
            else:
                self.problems += found.problems
            self.sources += found.sources
            self.sentences += found.left_out
            if not found.sources and not found.problems:
                self.others.append(source.name)
        elif known or (is_table(source.name) and not for_measuring(stem_of(source.name))):
            self.sources.append(source)
        elif is_table(source.name):
            self.measuring.append(source)
        else:
            self.others.append(source.name)

    def found(self, place: str) -> Found:
        """Return what to read; `place` names the folder in messages."""
        return Found(
            tuple(self.sources),
            False,
            (
                *self.sentences,
                *_sentences(place, self.others, self.folders, self.broken, self.measuring),
            ),
            tuple(self.problems),
        )


def _in_folder(folder: Path) -> Found:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        return Found(problems=(f"{folder}: the folder cannot be read ({error.strerror}).",))
    listed = _Listing()
    for path in entries:
        reason = unreadable(path)
        if _is_passed_over(path.name):
            continue
        if reason == _FOLDER and not (is_table(path.name) and kind_named(path.name)):
            listed.folders += [path.name] if _holds_something(path) else []
        elif reason:
            listed.add_broken(path.name, reason)
        else:
            listed.add_file(Source(path.name, path))
    return listed.found(str(folder))


def _in_zip(source: Source) -> Found:
    try:
        return _unpacked(source).found(source.name)
    except DataError as error:
        return Found((), False, problems=error.problems)


def _unpacked(source: Source) -> _Listing:
    """List the files of a zip, at its top or in the one folder that it holds. Raises DataError."""
    packed = open_zip(source.read(), source.name)
    files = files_of(packed)
    if not _OWN_FILES.isdisjoint(files):
        raise DataError(f"{source.name} is a bundle that vocation wrote, not tables.")
    for catalogue, sign in (("onet", "Occupation Data."), ("esco", "ISCOGroups_")):
        if any(name.startswith(sign) for name in files):
            raise DataError(
                f"{source.name} is a download of an official catalogue: make files to train on of"
                f" it with  vocation import {catalogue}"
            )
    listed = _Listing()
    for name, info in files.items():
        own, top = f"{source.name}/{name}", name.partition("/")[0]
        if any(map(_is_passed_over, name.split("/"))):
            continue
        if top != name:
            listed.folders += [top] if top not in listed.folders else []
        elif _is_zip(name):
            listed.broken.append(f"{own} (a zip within a zip)")
        else:
            content = member(packed, info, own) if is_table(name) else b""
            listed.add_file(Source(own, source.path, content))
    return listed


def _is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def _is_passed_over(name: str) -> bool:
    """Whether nobody expects the file to be read: hidden, an office program's lock, a note."""
    ending = ending_of(name)
    return (
        name.startswith((".", "~$"))
        or name.lower() in _SYSTEM
        or ending == ".md"
        or ((ending == ".txt" or not is_table(name)) and bool(_ABOUT.match(name)))
    )


def _holds_something(folder: Path) -> bool:
    """Whether a folder holds files that are not the output of a training."""
    try:
        names = [path.name for path in folder.iterdir() if not _is_passed_over(path.name)]
    except OSError:
        return True
    records = folder.name == "runs" and all(name.endswith(".json") for name in names)
    return bool(names) and not records and _OWN_FILES.isdisjoint(names)


def _sentences(
    folder: str,
    others: Sequence[str],
    folders: Sequence[str],
    broken: Sequence[str],
    measuring: Sequence[Source],
) -> list[str]:
    """Return a sentence for each reason why something in the folder is not read."""
    first = shlex.quote(str(measuring[0].path)) if measuring else ""
    sentences = (
        (
            others,
            f"{some(others)}: not read; what is read ends in {READ}. Save as .xlsx or .csv what"
            " should be trained on.",
        ),
        (
            folders,
            f"{some(folders)}: not read, since no folder within {folder} is. Move up what should be"
            " trained on.",
        ),
        (broken, f"{some(broken)}: not read, since it is no readable file."),
        (
            measuring,
            f"{some([source.name for source in measuring])}: left out of training, since the name"
            " says that the rows are for testing. To train on them, name the file alone or rename"
            f" it; to measure a bundle:  vocation evaluate {first} --text-column NAME"
            " --label-column NAME",
        ),
    )
    return [sentence for found, sentence in sentences if found]
