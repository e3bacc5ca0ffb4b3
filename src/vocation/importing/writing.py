"""Write the files of a catalogue in one step, so that nobody ever finds half of them."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vocation import __version__
from vocation.bundle.exchange import exchange
from vocation.data.folder import NOTICE
from vocation.data.numbers import INTERESTS
from vocation.errors import DataError
from vocation.files import atomic_write
from vocation.importing.download import shown
from vocation.importing.occupations import Catalogue, Occupation

_FEWEST, _MOST = 4, 6  # tasks in one job description
_FILES = ("careers.csv", "skills_mapping.csv", "job_descriptions.csv", NOTICE)
_FACTS = (
    *("role", "aliases", "family", "isco08", "onet_soc", "onet_title", "job_zone"),
    *INTERESTS,
    "interests_source",
)


def write(catalogue: Catalogue, folder: str | Path, replace: bool = False) -> dict[str, int]:
    """Write the guide's files into `folder`, and return the rows of each.

    The folder is made elsewhere and takes its name when it is complete. One that is there is only
    replaced with `replace`, and only if it holds files of an import and nothing else. Raises
    DataError where it is in the way, OSError where the disk refuses.
    """
    place = Path(os.path.realpath(folder))
    _check_place(place, Path(folder), replace)
    tables: dict[str, list[Sequence[object]]] = {
        "careers.csv": [_FACTS, *map(_facts, catalogue.occupations)],
        "skills_mapping.csv": [
            ("role", "skills", "description"),
            *(
                (one.title, ", ".join(one.skills), one.description)
                for one in catalogue.occupations
                if one.skills or one.description
            ),
        ],
        "job_descriptions.csv": [
            ("role", "description", "requirements"),
            *(row for one in catalogue.occupations for row in _jobs(one)),
        ],
    }
    counts = {name: len(rows) - 1 for name, rows in tables.items() if len(rows) > 1}
    place.parent.mkdir(parents=True, exist_ok=True)
    # Beside the place: a rename works within one file system only.
    made = Path(tempfile.mkdtemp(prefix=f".{place.name[:40]}-", dir=place.parent))
    try:
        for name in counts:
            atomic_write(made / name, _csv(tables[name]))
        atomic_write(made / NOTICE, _notice(catalogue))
        os.chmod(made, 0o755)  # mkdtemp makes a folder for its owner alone
        _put(made, place)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return counts


def _check_place(place: Path, given: Path, replace: bool) -> None:
    if not place.exists():
        return
    if not place.is_dir():
        raise DataError(f"{given} is a file; nothing was written. Name a folder.")
    there = sorted(entry.name for entry in place.iterdir())
    if others := [name for name in there if name not in _FILES]:
        raise DataError(
            f"{given} holds {shown(others)}, which no import wrote; nothing was written. Name"
            " another folder."
        )
    if there and not replace:
        raise DataError(
            f"{given} already holds {shown(there)}; nothing was written. Name another folder, or"
            " replace these files with --replace."
        )


def _put(made: Path, place: Path) -> None:
    """Give the finished folder its name; what was there has the other name then."""
    if place.exists() and any(place.iterdir()):
        exchange(made, place)
        return
    if place.exists():
        place.rmdir()  # empty; Windows renames onto no folder
    os.rename(made, place)


def groups(tasks: Sequence[str]) -> list[Sequence[str]]:
    """Cut tasks into runs of four to six, as equal as can be; seven make four and three."""
    count = max(1, len(tasks) // _FEWEST, -(-len(tasks) // _MOST))
    return [tasks[i * len(tasks) // count : (i + 1) * len(tasks) // count] for i in range(count)]


def _jobs(one: Occupation) -> Iterable[tuple[str, str, str]]:
    """A job description for each group of tasks."""
    needs = " ".join(one.needs)
    for group in groups(one.tasks) if one.tasks else ():
        yield one.title, " ".join(group), needs


def _facts(one: Occupation) -> tuple[object, ...]:
    return (
        one.title,
        "|".join(one.titles),
        one.family,
        one.isco08,
        one.soc,
        one.soc_title.replace("|", "/"),
        one.job_zone or "",
        *(one.interests.get(name, "") for name in INTERESTS),
        one.figures_from,
    )


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _notice(catalogue: Catalogue) -> str:
    """What must stand beside a model that learnt from these files, and where they are from."""
    lines = [
        *catalogue.notice,
        "",
        "Show these lines wherever the data, or a model trained on them, is used.",
        "",
        f"Release: {catalogue.name}",
        f"Language: {catalogue.language}",
        f"Written by: vocation {__version__}",
        "Read (SHA-256, file):",
        *(f"  {one.sha256}  {one.name}" for one in catalogue.sources),
        "Left out:",
        *(f"  {sentence}" for sentence in catalogue.left_out),
        *(f"Note: {sentence}" for sentence in catalogue.remarks),
    ]
    return "\n".join(lines) + "\n"


def summary(catalogue: Catalogue, counts: Mapping[str, int], folder: str | Path) -> str:
    """Return what was written and what was left out, as the command prints it."""
    titles = sum(len(one.titles) for one in catalogue.occupations)
    lines = [
        f"{catalogue.name} ({catalogue.language}): {len(catalogue.occupations):,} careers with"
        f" {titles:,} other titles written to {folder}.",
        *(f"  {name:22}{count:,} rows" for name, count in counts.items()),
        f"  {NOTICE:22}what must be said beside the data and the model",
    ]
    if catalogue.left_out:
        lines += ["", "Left out:", *(f"  - {sentence}" for sentence in catalogue.left_out)]
    return "\n".join(lines + (["", *catalogue.remarks] if catalogue.remarks else []))
