"""Write the default data of some careers as files to start from."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

from vocation.data.dataset import default_folder
from vocation.data.schema import KINDS
from vocation.data.tables import read_folder
from vocation.errors import DataError
from vocation.records import Career

FIRST_CAREERS = (
    "Web Developer",
    "Registered Nurse",
    "Accountant",
    "Automotive Technician",
    "Graphic Designer",
)
"""Careers of an example: of five families, so that whatever somebody writes, some are far from it.
Five of one family would be told apart by shades, and a text about engines would fit none.
"""


def default_careers() -> list[Career]:
    """Return the careers of the default data, with their aliases."""
    tables = read_folder(default_folder())
    aliases = {role: some for table in tables for role, some in table.aliases.items()}
    roles = dict.fromkeys(row.role for table in tables for row in table.rows)
    return [Career(role, aliases=aliases.get(role, ())) for role in roles]


def write_examples(folder: str | Path, careers: Collection[str] | None = None) -> list[Path]:
    """Write a file of each kind with the rows of default `careers` into `folder`.

    Something to train on at once, and to replace. `careers` are names of `default_careers`; None
    takes FIRST_CAREERS. Returns the paths. Nothing is overwritten: raises DataError where one of
    the files is there, or the folder cannot be made.
    """
    folder, chosen = Path(folder), FIRST_CAREERS if careers is None else careers
    paths = [folder / kind.file for kind in KINDS if (default_folder() / kind.file).is_file()]
    if there := [path.name for path in paths if path.exists()]:
        raise DataError(
            f"{folder} already holds {', '.join(there)}; nothing was written. Name another folder."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            with (default_folder() / path.name).open(encoding="utf-8", newline="") as file:
                header, *rows = csv.reader(file)
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(
                    [header, *(row for row in rows if row[0] in chosen)]
                )
    except OSError as error:
        raise DataError(
            f"{folder}: the example files cannot be written there ({error.strerror})."
        ) from error
    return paths
