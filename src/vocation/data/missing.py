"""Say which columns a file lacks, with the option that names the user's own for them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from vocation.data.csv_reader import Header, plain_name
from vocation.data.looks import TEXT, Rows
from vocation.data.schema import TITLES, Kind, did_you_mean, places
from vocation.errors import DataError


class ColumnsMissingError(DataError):
    """A file with the name of a kind lacks columns of it."""


def sentence(
    where: str,
    header: Header,
    kind: Kind,
    positions: Mapping[str, int],
    named: bool,
    rows: Rows,
    is_row: bool,
) -> str:
    """Say which columns of a kind a file lacks, and how to name them.

    `positions` has those that are known, `named` is whether the file has the name of the kind,
    `is_row` whether its first line seems to be a row.
    """
    columns = own_columns(header)
    free = [at for at in columns if at not in positions.values() and len(header.names[at]) <= 100]
    missing = [name for name in needed(kind, positions) if name not in positions]
    pairs: dict[str, int] = {}
    for name in missing:
        at = _candidate(name, header, [at for at in free if at not in pairs.values()], rows)
        if at is not None:
            pairs[name] = at
    option = columns_option(header, pairs, missing)
    shown = ", ".join(cell[:40] for cell in header.names[:12]) or "nothing"
    if is_row:
        return (
            f"{where}: expected the column names, found what seems to be a row: {shown}. Put a line"
            f" with the names above it, such as role,profile; or, if these are names: {option}"
        )
    expected = ("role", *kind.columns) if kind.columns else ("role", *kind.optional[:3], "...")
    enough = " and ".join(kind.any_of) if not kind.must else ""
    enough = f" (one of {enough} is enough)" if enough else ""
    names = [header.names[at] for at in free]
    lost = ", ".join(f"{name!r}{did_you_mean(name, names)}" for name in missing)
    unread = f" the file was not read; it fits no kind of file, the nearest is {kind.file}:"
    return (
        f"{where}:{'' if named else unread} expected the columns {', '.join(expected)}{enough} in"
        f" this line; found {shown}. Missing: {lost}."
        f" {_advice(header, missing, free, rows)}{option if free else ''}"
    )


def needed(kind: Kind, positions: Mapping[str, int]) -> tuple[str, ...]:
    """Return the columns that a kind cannot do without; of several that will do, one."""
    if kind.must:
        return ("role", *kind.must)
    choice = kind.any_of or kind.optional
    return ("role", next((name for name in choice if name in positions), choice[0]))


def own_columns(header: Header) -> list[int]:
    """Return the columns that have a name; spreadsheets and pandas add some that have none."""
    return [
        at
        for at, name in enumerate(header.names)
        if name and not re.fullmatch(r"unnamed\d*", plain_name(name))
    ]


def _candidate(name: str, header: Header, free: Sequence[int], rows: Rows) -> int | None:
    """Return the likeliest of the free columns for a missing one."""
    names = [header.names[at] for at in free]
    near = re.search(r"'(.*)'", did_you_mean(name, names))
    if near:
        return free[names.index(near[1])]
    if len(free) == 1:
        return free[0]
    if name == "role":
        titles = [at for at in places(header, TITLES) if at in free]
        labels = titles or [at for at in free if rows[at].is_label]
        return max(labels, key=lambda at: (rows[at].repeated, -rows[at].values), default=None)
    texts = [at for at in free if rows[at].length >= TEXT]
    return max(texts, key=lambda at: rows[at].length, default=None)


def _advice(header: Header, missing: Sequence[str], free: Sequence[int], rows: Rows) -> str:
    """Say what to do about columns that are missing; an option may follow, to be copied."""
    if not free:
        if missing == ["role"]:
            return "Add a column 'role' with the career of each row."
        return f"Add the column {missing[0]!r}."
    if "role" not in missing:
        return "Rename the column, or say which one it is: "
    labels = [header.names[at] for at in free if rows[at].is_label][:5]
    which = f"careers may stand in {' or '.join(map(repr, labels))}" if len(labels) > 1 else ""
    people = any(plain_name(header.names[at]) in ("title", "name") for at in free)
    doubt = "a title or name may be a book's or a person's" if people else ""
    reasons = "; ".join(filter(None, (which, doubt)))
    reasons = f" ({reasons})" if reasons else ""
    return f"Rename the column, or say which one it is{reasons}: "


def columns_option(header: Header, pairs: Mapping[str, int], missing: Sequence[str] = ()) -> str:
    """Return the option `--columns` as one can copy it into a shell."""
    said = []
    for name in missing or pairs:
        # A quote within the name is no part of what columns are compared by.
        theirs = header.names[pairs[name]].replace('"', "") if name in pairs else "YourColumn"
        said.append(f'{name}="{theirs}"' if "," in theirs else f"{name}={theirs}")
    return f"--columns {shlex.quote(','.join(said))}"
