"""The owner's files: what the training would make of them, repaired, and saved with a way back."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from vocation.data.dataset import Dataset, load
from vocation.data.folder import find
from vocation.data.formats import READ, is_table, stem_of
from vocation.data.numbers import INTERESTS
from vocation.data.schema import KINDS
from vocation.data.tables import Table, read_folder
from vocation.errors import DataError
from vocation.files import atomic_write
from vocation.format import line_of, place
from vocation.owner.own_tests import FILE
from vocation.records import Facts, Row

LARGEST = 50
"""Megabytes of a file that is uploaded: the default data have 5."""
LONGEST_PASTE = 2_000_000
"""Characters of a table that is pasted: what a browser still takes into a box."""
_LONGEST_NAME = 100  # characters of a file's name


@dataclass(frozen=True, slots=True)
class Remark:
    """What became of a row: `row` is the place in the sheet's own words, `column` "" for all."""

    file: str
    row: str
    column: str
    what: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a training would make of the folder with the `new` files in it.

    `data` is None where it cannot be read, and `problems` say why then. `repaired` holds the rows
    of the new files that are used, as CSV in UTF-8 by name.
    """

    new: tuple[str, ...]
    data: Dataset | None
    problems: tuple[str, ...]
    repaired: Mapping[str, bytes]

    @property
    def careers(self) -> dict[str, int]:
        """The rows of each career, most first."""
        return dict(Counter(row.role for row in self.data.rows).most_common()) if self.data else {}

    def remarks(self) -> list[Remark]:
        """What was dropped or merged of the new files (of all, where none is new)."""
        if self.data is None:
            return []
        report = self.data.report
        found = [
            Remark(one.file, line_of(one.file, one.line), one.column, one.reason)
            for one in report.dropped
            if self._is_new(one.file)
        ]
        return found + [
            Remark(
                one.file,
                line_of(one.file, one.line),
                "",
                f"repeats {place(one.kept_file, one.kept_line)}",
            )
            for one in report.merged
            if self._is_new(one.file)
        ]

    def _is_new(self, file: str) -> bool:
        return not self.new or _of(file, self.new)


def check(folder: Path, new: Mapping[str, bytes], add_to_defaults: bool = False) -> Checked:
    """Read the files in `folder` together with `new` ones (content by name), which stand in for
    those of the same name. Nothing is written to `folder`.
    """
    names = tuple(safe_name(name) for name in new)
    with tempfile.TemporaryDirectory(prefix="vocation-") as made:
        together = Path(made)
        for path in _kept(folder, names):
            _show(path, together / path.name)
        for name, content in zip(names, new.values(), strict=True):
            (together / name).write_bytes(content)
        try:
            data = load(together, add_to_defaults=add_to_defaults)
        except DataError as error:
            told = tuple(
                one.replace(f"{together}/", "").replace(made, str(folder)) for one in error.problems
            )
            return Checked(names, None, told, {})
        repaired = _repaired(data.rows, read_folder(together), names or None)
    return Checked(names, data, (), repaired)


def stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes where a file in `folder` does."""
    found = [(path.name, path.stat()) for path in _kept(folder, ())]
    return tuple((name, one.st_mtime_ns, one.st_size) for name, one in found)


def has_files(folder: Path) -> bool:
    """Whether there is anything to train on in `folder`."""
    return folder.is_dir() and bool(find(folder).sources)


def safe_name(name: str) -> str:
    """The name under which an uploaded file is kept. Raises DataError where it names no table."""
    plain = PurePath(name.replace("\\", "/")).name
    usable = plain.isprintable() and not plain.startswith(".") and len(plain) <= _LONGEST_NAME
    if not usable or not (is_table(plain) or plain.lower().endswith(".zip")):
        raise DataError(f"{name[:_LONGEST_NAME]!r} is no file that is read here: expected {READ}.")
    return plain


def by_name(files: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """`files` by the name under which they are kept. Raises DataError where two have the same."""
    found: dict[str, bytes] = {}
    for name, content in files:
        kept = safe_name(name)
        if kept in found:
            raise DataError(f"two files are called {kept}: take one of them out, or rename it")
        found[kept] = content
    return found


def save(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write `files` into `folder`; those that they replace go to `backup_of(folder)`.

    Returns where the replaced ones are. Raises DataError for a name that is no table's, OSError
    where the disk refuses.
    """
    named = {safe_name(name): content for name, content in files.items()}
    folder.mkdir(parents=True, exist_ok=True)
    kept = []
    for name, content in named.items():
        replaced = [path for path in folder.iterdir() if _same(path.name, name)]
        made = folder / f".{name}.new"
        # Rows may hold what people wrote about themselves: for the owner alone.
        atomic_write(made, content, mode=0o600)
        for path in replaced:
            kept.append(_move(path, backup_of(folder)))
        made.replace(folder / name)
    return kept


def backup_of(folder: Path) -> Path:
    """The folder with files that were replaced: beside the data, where no training looks."""
    return folder.with_name(f"{folder.name}-backup")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """`files` as one zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def csv_file(rows: Iterable[Sequence[object]]) -> bytes:
    """`rows` as CSV, in UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


# --------------------------------------------------------------------------------------------------


def _kept(folder: Path, names: Sequence[str]) -> list[Path]:
    """The files in `folder` that the files called `names` do not replace."""
    if not folder.is_dir():
        return []
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.name != FILE)
    return [path for path in paths if not any(_same(path.name, name) for name in names)]


def _show(path: Path, seen: Path) -> None:
    """Let `path` be read at `seen`, too: by a link, since the files may be large."""
    try:
        seen.symlink_to(path.resolve())
    except OSError:  # Windows lets only some users link
        shutil.copyfile(path, seen)


def _same(one: str, other: str) -> bool:
    """Whether two tables differ in their ending at most: the reader takes only one of them."""
    return is_table(one) == is_table(other) and stem_of(one).casefold() == stem_of(other).casefold()


def _move(path: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for number in range(1, 1000):
        target = folder / f"{stamp}{f'-{number}' if number > 1 else ''}-{path.name}"
        if not target.exists():
            return path.rename(target)
    raise FileExistsError(0, "too many backups in one second", str(folder))


def _of(file: str, names: Iterable[str]) -> bool:
    """Whether `file` is one of the files called `names`, or in a zip of them."""
    return any(file == name or file.startswith(f"{name}/") for name in names)


def _repaired(
    rows: Iterable[Row], tables: Iterable[Table], names: Sequence[str] | None
) -> dict[str, bytes]:
    """The rows that are used, in the contract's columns, by the name of their file as CSV."""
    of_file: dict[str, list[Row]] = {}
    for row in rows:
        of_file.setdefault(row.file, []).append(row)
    found = {}
    for table in tables:
        if names and not _of(table.file, names):
            continue
        name = f"{stem_of(table.file)}.csv"
        if table.kind == "careers" and table.facts:
            found[name] = csv_file(_facts(table))
        elif table.file in of_file:
            found[name] = csv_file(_rows(of_file[table.file]))
    return found


def _rows(rows: Sequence[Row]) -> Iterator[Sequence[object]]:
    kind = next(one for one in KINDS if one.name == rows[0].source)
    there = {name for row in rows for name in row.cells}
    columns = [*kind.columns, *(name for name in kind.optional if name in there)]
    yield ["role", *columns]
    for row in rows:
        yield [row.role, *(row.cells.get(name, "") for name in columns)]


_PAY = ("p10", "p25", "median", "p75", "p90")


def _facts(table: Table) -> Iterator[Sequence[object]]:
    """The lines of careers.csv that `table` was read from, but for what was left out of them."""
    lines = [
        {"role": role, "aliases": "|".join(table.aliases.get(role, ())), **_cells(facts)}
        for role, facts in table.facts.items()
    ]
    columns = [name for name in lines[0] if name == "role" or any(line[name] for line in lines)]
    yield columns
    for line in lines:
        yield [line[name] for name in columns]


def _cells(facts: Facts) -> dict[str, object]:
    return {
        "family": facts.family,
        "isco08": "|".join(facts.isco08),
        "onet_soc": "|".join(facts.soc),
        "onet_title": facts.title.replace("; ", "|"),
        "job_zone": facts.job_zone or "",
        **{name: facts.interests.get(name, "") for name in INTERESTS},
        "interests_source": facts.interests_source,
        "oews_title": facts.pay_title.replace("; ", "|"),
        "us_employment": _number(facts.employment),
        **{f"annual_{name}_usd": _number(getattr(facts, f"pay_{name}")) for name in _PAY},
        "top_coded": "true" if facts.top_coded else "",
        "pay_source": facts.pay_source,
        "entry_route": facts.entry_route,
    }


def _number(value: int | None) -> object:
    return "" if value is None else value
