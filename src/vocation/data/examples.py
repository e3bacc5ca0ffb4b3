"""Write example files for a first training."""

from __future__ import annotations

import csv
from pathlib import Path

from vocation.data.dataset import default_folder
from vocation.data.schema import KINDS
from vocation.errors import DataError


def write_examples(folder: str | Path) -> list[Path]:
    """Write a file of each kind with the rows of five default careers into `folder`.

    Something to train on at once, and to replace. Returns the paths. Nothing is overwritten:
    raises DataError where one of the files is there, or the folder cannot be made.
    """
    folder = Path(folder)
    paths = [folder / kind.file for kind in KINDS if (default_folder() / kind.file).is_file()]
    if there := [path.name for path in paths if path.exists()]:
        raise DataError(
            f"{folder} already holds {', '.join(there)}; nothing was written. Name another folder."
        )
    careers: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            with (default_folder() / path.name).open(encoding="utf-8", newline="") as file:
                header, *rows = csv.reader(file)
            careers = careers or list(dict.fromkeys(row[0] for row in rows))[:5]
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(
                    [header, *(row for row in rows if row[0] in careers)]
                )
    except OSError as error:
        raise DataError(
            f"{folder}: the example files cannot be written there ({error.strerror})."
        ) from error
    return paths
