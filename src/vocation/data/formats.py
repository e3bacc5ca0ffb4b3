"""The formats in which a table may come, by the endings of file names."""

from __future__ import annotations

from pathlib import PurePath

TEXT = (".csv", ".tsv", ".txt")
"""Endings of tables of text lines, which one reader takes whatever their delimiter."""
TABLES = (*TEXT, ".xlsx", ".xlsm", ".json", ".jsonl", ".parquet")
"""Endings of every kind of table."""
READ = ".csv, .tsv, .txt, .xlsx, .json, .jsonl, .parquet, one of these as .gz, or a .zip of them"
"""The formats as messages name them."""


def ending_of(name: str) -> str:
    """Return the ending that tells the format, in lower case: ".csv" of "Profiles.CSV.gz"."""
    return PurePath(_without_gz(name)).suffix.lower()


def stem_of(name: str) -> str:
    """Return a file's name without the ending: "profiles" of "data.zip/profiles.csv.gz"."""
    return PurePath(_without_gz(name)).stem


def is_table(name: str) -> bool:
    """Whether a file of this name is a table that can be read, by its ending."""
    return ending_of(name) in TABLES


def _without_gz(name: str) -> str:
    return name[:-3] if name.lower().endswith(".gz") else name
