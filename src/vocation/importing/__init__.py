"""Turn the official catalogues of occupations, O*NET and ESCO, into files to train on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vocation.errors import ConfigError
from vocation.importing import crosswalk as walk
from vocation.importing import esco, onet
from vocation.importing.occupations import (
    Catalogue,
    drop_empty,
    select,
    settle_titles,
    tell_apart,
    tell_missing,
)

READERS = {"onet": onet.read, "esco": esco.read}


def read_catalogue(
    kind: str,
    path: str | Path,
    language: str | None = None,
    only: Sequence[str] | None = None,
    limit: int | None = None,
    crosswalk: str | Path | None = None,
    us: str | Path | None = None,
) -> Catalogue:
    """Read the download at `path`, a zip or a folder; `kind` is "onet" or "esco".

    `only` keeps the occupations whose code begins with one of these, `limit` so many of them at
    most. `crosswalk` and `us` as in `crosswalk.borrow`, for ESCO alone. Nothing is fetched. Raises
    DataError for files that cannot be used, ConfigError for options that exclude each other.
    """
    if kind == "onet" and (crosswalk or us):
        raise ConfigError("--crosswalk and --onet bring US figures to ESCO; O*NET has its own")
    if us and not crosswalk:
        raise ConfigError("--onet is for --crosswalk FILE: name both")
    catalogue = READERS[kind](path, language)
    tell_apart(catalogue)
    drop_empty(catalogue)
    whole = catalogue.occupations
    select(catalogue, only, limit)
    settle_titles(catalogue, whole)
    if crosswalk:
        walk.borrow(catalogue, crosswalk, us)
    tell_missing(catalogue)
    return catalogue
