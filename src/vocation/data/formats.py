"""The formats in which a table may come, by the endings of file names, and how rows are counted."""

from __future__ import annotations

from pathlib import PurePath

TEXT = (".csv", ".tsv", ".txt")
"""Endings of tables of text lines, which one reader takes whatever their delimiter."""
TABLES = (*TEXT, ".xlsx", ".xlsm", ".json", ".jsonl", ".parquet")
"""Endings of every kind of table."""
READ = ".csv, .tsv, .txt, .xlsx, .json, .jsonl, .parquet, one of these as .gz, or a .zip of them"
"""The formats as messages name them."""

# How people who look for a row count them; all others have lines.
_UNITS = {".xlsx": "row", ".xlsm": "row", ".parquet": "row", ".json": "item"}


def ending_of(name: str) -> str:
    """Return the ending that tells the format, in lower case: ".csv" of "Profiles.CSV.gz"."""
    return PurePath(_without_gz(name)).suffix.lower()


def stem_of(name: str) -> str:
    """Return a file's name without the ending: "profiles" of "data.zip/profiles.csv.gz"."""
    return PurePath(_without_gz(name)).stem


def is_table(name: str) -> bool:
    """Whether a file of this name is a table that can be read, by its ending."""
    return ending_of(name) in TABLES


def unit(file: str) -> str:
    """Return what the rows of a file are counted in: "line", "row" of a sheet, "item"."""
    return _UNITS.get(ending_of(file), "line")


def where(file: str, number: int) -> str:
    """Return a place as messages name it: "people.xlsx, row 14"; 0 stands for the whole file."""
    return f"{file}, {unit(file)} {number}" if number else file


def _without_gz(name: str) -> str:
    return name[:-3] if name.lower().endswith(".gz") else name
