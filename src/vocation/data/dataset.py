"""Make one data set of the tables: labels unified, duplicates merged, every row accounted for.

    tables -> rows with tidy labels -> exact duplicates merged -> near-duplicates merged (within a
    role) or tied together (across roles) -> Dataset

How duplicates are found is in `duplicates`, what the report says in `report` and `hints`.
"""

from __future__ import annotations

import hashlib
import importlib.resources
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import numpy as np

from vocation import notebook
from vocation.config import TrainConfig
from vocation.data import frame_of, frames, pay
from vocation.data.aliases import alias_hints
from vocation.data.catalogue import add, check_options, fill, first_by_key, spellings
from vocation.data.csv_reader import RowIssue
from vocation.data.duplicates import find_duplicates
from vocation.data.folder import notice_of
from vocation.data.hints import row_hints, unused_facts
from vocation.data.labels import Labels, arrange, code_hints
from vocation.data.limit import spread
from vocation.data.report import Additions, Contradiction, LabelMerge, Merge, Report
from vocation.data.split import planned, public_rows
from vocation.data.tables import Table, read_folder
from vocation.data.warnings import data_warnings, level_of
from vocation.errors import DataError
from vocation.format import line_of, place
from vocation.records import SOURCES, Book, Career, Facts, Question, Row
from vocation.text.clean import clean, label_key, model_input
from vocation.text.skill_lists import split_skills

if TYPE_CHECKING:
    import pandas

    from vocation.data.frames import Frames

    Ints = np.ndarray[Any, np.dtype[np.int64]]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dataset:
    """The rows to train on, in the order of SOURCES, file and line; n of them.

    `texts` (n) are the model inputs; `labels` (n, int64) index `roles`, which are sorted; `groups`
    (n, int64) are equal for near-duplicates, which must stay on one side of a split. `careers`
    holds what may be shown of each role; `fingerprint` is the sha256 of the rows' content.
    `variants` are (row, text): texts in other words that are learnt with their row alone. `notice`
    is what licences of the data ask to be said beside it.
    """

    rows: tuple[Row, ...]
    texts: tuple[str, ...]
    labels: Ints
    roles: tuple[str, ...]
    groups: Ints
    careers: Mapping[str, Career]
    fingerprint: str
    counts: Mapping[str, int]
    report: Report = field(repr=False)
    variants: tuple[tuple[int, str], ...] = ()
    notice: str = ""

    @property
    def known(self) -> tuple[str, ...]:
        """The careers, and the default ones whose place some of them take under another name."""
        replaced = self.report.additions.replaced if self.report.additions else ()
        return (*self.roles, *(default for _, default in replaced))

    def frame(self, cells: bool = False) -> pandas.DataFrame:
        """The rows as a table with the columns role, text, source, file, line.

        With `cells` the columns of the files follow (question, skills, ...), so that `load` makes
        the same data set of the table: the texts alone tell no skills or books of a career.
        """
        return frame_of.write(self.rows, self.texts, cells)

    def __repr__(self) -> str:
        kinds = ", ".join(f"{count:,} {source}" for source, count in self.counts.items())
        return (
            f"<Dataset of {len(self.rows):,} rows and {len(self.roles):,} careers ({kinds}), level"
            f" {self.report.level!r}>"
        )

    def _repr_html_(self) -> str:
        return notebook.lines(str(self.report))


# --- loading --------------------------------------------------------------------------------------


class Reading(TypedDict, total=False):
    """How files are read: the keywords of `load`, which training takes too."""

    columns: Mapping[str, str] | None
    with_defaults: bool
    limit: int | None
    add_to_defaults: bool
    multi_label: str | None
    merge_titles: bool
    encoding: str | None


def default_folder() -> Path:
    """The folder of the default data inside the package."""
    return Path(str(importlib.resources.files("vocation") / "default_data"))


def load(
    folder: str | Path | Frames | None = None,
    columns: Mapping[str, str] | None = None,
    with_defaults: bool = False,
    limit: int | None = None,
    add_to_defaults: bool = False,
    multi_label: str | None = None,
    merge_titles: bool = False,
    encoding: str | None = None,
) -> Dataset:
    """Read the user's files or DataFrames (None: the default data) into one data set.

    `folder` as in `frames.read`, `columns` and `encoding` as in `tables.read_folder`.
    `with_defaults` fills kinds of file that are missing from the default data, for the user's
    careers only; `add_to_defaults` keeps the default careers and adds the user's, see
    `catalogue.add`. `limit` takes at most that many rows, spread over careers, the same ones each
    time. `multi_label` "split" counts a row whose label names several careers for each of them;
    `merge_titles` makes one career of titles that differ in marks of gender, level or place alone.
    Raises DataError where a file cannot be read, no row of the user's is usable, or fewer than two
    careers are left, and ConfigError for options that exclude each other.
    """
    if add_to_defaults:
        check_options(folder, with_defaults)
    tables = frames.read(default_folder() if folder is None else folder, columns, encoding)
    defaults = read_folder(default_folder()) if add_to_defaults else []
    known = {row.role for table in defaults for row in table.rows}
    labels = arrange(tables, multi_label, merge_titles, known)
    tables, additions = labels.tables, None
    if add_to_defaults:
        _refuse(*_usable(tables), tables, fewest=1)
        tables, additions = add(tables, defaults)
    elif folder is not None and with_defaults:
        tables += fill(tables, read_folder(default_folder()))
    rows, dropped = _usable(tables)
    hints = [hint for table in tables for hint in table.hints] + labels.hints
    hints += [
        f"{drop}; no facts from there."
        for table in tables
        if table.kind == "careers"
        for drop in table.dropped
    ]
    rows_in = len(rows) + len(dropped) - labels.copies
    if limit is not None and limit < len(rows):
        rows, left_out = spread(rows, limit)
        dropped += [
            RowIssue(row.file, row.line, "", f"left out by the limit of {limit:,} rows")
            for row in left_out
        ]
    rows, label_merges = _tidy(rows)
    hints += code_hints(rows)
    _refuse(rows, dropped, tables)
    aliases = first_by_key([table.aliases for table in tables])
    roles = sorted({row.role for row in rows})
    hints += alias_hints(roles, {role: aliases.get(label_key(role), ()) for role in roles})
    hints += unused_facts(rows, tables)
    if limit is None:  # hints would complain about what the limit left out
        hints += row_hints(rows)
    hints += pay.collect(rows).hints
    read = _Read(tables, rows_in, dropped, label_merges, hints, additions, labels)
    return _assemble(rows, read, notice_of(folder))


def _usable(tables: Sequence[Table]) -> tuple[list[Row], list[RowIssue]]:
    """The rows to learn from, in the order of SOURCES, and those that were dropped."""
    rows = [
        row for source in SOURCES for table in tables if table.kind == source for row in table.rows
    ]
    return rows, [drop for table in tables if table.kind != "careers" for drop in table.dropped]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was found while the tables were read: for the report, and for what is shown."""

    tables: Sequence[Table]
    rows_in: int
    dropped: Sequence[RowIssue]
    label_merges: Sequence[LabelMerge]
    hints: Sequence[str]
    additions: Additions | None
    labels: Labels


def _assemble(rows: Sequence[Row], read: _Read, notice: str) -> Dataset:
    """The data set of tidy rows, duplicates merged, with its report."""
    texts = [model_input(row.source, row.cells) for row in rows]
    roles = tuple(sorted({row.role for row in rows}))
    index = {role: i for i, role in enumerate(roles)}
    labels = np.fromiter((index[row.role] for row in rows), np.int64, len(rows))

    kept_as, similarity, unique, groups, conflicts = find_duplicates(texts, labels, roles)
    keep = np.flatnonzero(kept_as == np.arange(len(rows)))
    merged = tuple(
        _merge(rows[i], rows[k], float(similarity[i]))
        for i, k in enumerate(kept_as.tolist())
        if i != k
    )
    used = tuple(rows[i] for i in keep.tolist())
    counts = {
        source: count for source in SOURCES if (count := sum(row.source == source for row in used))
    }
    labels, groups = labels[keep], np.unique(groups[keep], return_inverse=True)[1].astype(np.int64)
    facts = first_by_key([table.facts for table in read.tables])
    aliases = first_by_key([table.aliases for table in read.tables])
    careers = _careers(used, roles, facts, aliases)
    # What a training with the default seed would test: one function for both, so that they agree.
    public = public_rows(used, groups, careers)
    parts = planned(labels, groups, public, TrainConfig().seed, roles)
    level, missing = level_of(used, {roles[i] for i in parts.rare}, len(counts))
    unread = [reason for table in read.tables for reason in table.unread]
    report = Report(
        rows_in=read.rows_in,
        used=len(used),
        unique=unique,
        roles=len(roles),
        sources=counts,
        merged=merged,
        dropped=tuple(read.dropped),
        label_merges=tuple(read.label_merges),
        contradictions=_contradictions(rows, conflicts, read.labels),
        warnings=(
            *data_warnings(rows, used, read.dropped, level, missing, parts.notes),
            *unread,
        ),
        hints=tuple(read.hints),
        level=level,
        missing=missing,
        additions=read.additions,
        copies=read.labels.copies,
        titles=read.labels.titles,
    )
    variants = frame_of.variants_of(used, merged, read.tables)
    return Dataset(
        rows=used,
        texts=tuple(texts[i] for i in keep.tolist()),
        labels=labels,
        roles=roles,
        groups=groups,
        careers=careers,
        fingerprint=_fingerprint(used, variants),
        counts=counts,
        report=report,
        variants=variants,
        notice=notice,
    )


def _contradictions(
    rows: Sequence[Row], conflicts: Iterable[Sequence[int]], arranged: Labels
) -> tuple[Contradiction, ...]:
    """The clusters of equal texts under several careers that no row names together."""
    named: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in rows if arranged.copies else ():
        named[row.file, row.line].add(row.role)
    found = []
    for cluster in conflicts:
        own = [rows[i] for i in cluster]
        careers = {row.role for row in own}
        if not any(careers <= named[row.file, row.line] for row in own):
            found.append(Contradiction(tuple((row.role, row.file, row.line) for row in own)))
    return tuple(found)


def _merge(row: Row, kept: Row, similarity: float) -> Merge:
    """The record of `row`, which was merged into the row that is `kept`."""
    return Merge(row.role, kept.file, kept.line, row.file, row.line, round(similarity, 4))


def _tidy(rows: Iterable[Row]) -> tuple[list[Row], list[LabelMerge]]:
    """The rows with one spelling for each career, its most frequent one (the first on ties), and
    the spellings given up.
    """
    rows = list(rows)
    found = spellings(rows)
    best = {
        # Of a code the shortest spelling, "0" and not "0.0".
        key: key if key.lstrip("+-").isdecimal() else counter.most_common(1)[0][0]
        for key, counter in found.items()
    }
    merges = [
        LabelMerge(spelling, count, best[key])
        for key, counter in found.items()
        for spelling, count in counter.items()
        if spelling != best[key]
    ]
    name = {spelling: best[key] for key, counter in found.items() for spelling in counter}
    return [
        (
            row
            if row.role == name[row.role]
            else Row(name[row.role], row.source, row.cells, row.file, row.line)
        )
        for row in rows
    ], merges


def _refuse(
    rows: Sequence[Row], dropped: Sequence[RowIssue], tables: Sequence[Table], fewest: int = 2
) -> None:
    """Raise DataError where nothing can be learnt from the rows: not `fewest` careers."""
    files = ", ".join(table.file for table in tables if table.kind) or "no file"
    column = (
        f" (column {dropped[0].column!r})" if dropped and dropped[0].column else ""
    )  # a whole row has none
    first = f" The first dropped row: {dropped[0]}{column}." if dropped else ""
    if not rows:
        bare = [f" {hint}" for table in tables for hint in table.hints if "no rows" in hint]
        facts = [
            f" {place(table.file, 1)}: its columns are facts about careers, which teach nothing."
            for table in tables
            if table.kind == "careers"
        ]
        raise DataError(
            f"Expected rows to train on; found none that is usable in {files} ({len(dropped):,}"
            f" dropped).{(first or ''.join(bare or facts))}"
        )
    if len({row.role for row in rows}) < fewest:
        row = rows[0]
        start = f"{row.file}, from {line_of(row.file, row.line)} on, column 'role'"
        raise DataError(
            f"Expected at least two careers; found only {row.role!r} in {files} ({start}). Add"
            f" rows of other careers.{first}"
        )


def _fingerprint(rows: Iterable[Row], variants: Sequence[tuple[int, str]]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        cells = (f"{name}\x1f{value}" for name, value in sorted(row.cells.items()) if value)
        digest.update("\x1e".join((row.role, row.source, *cells, "\x1d")).encode())
    for at, text in variants:
        digest.update(f"{at}\x1f{text}\x1d".encode())
    return digest.hexdigest()


def _careers(
    rows: Sequence[Row],
    roles: Sequence[str],
    facts: Mapping[str, Facts],
    aliases: Mapping[str, tuple[str, ...]],
) -> dict[str, Career]:
    """What may be shown of each role, from every kind of row except people's own words
    (profiles).
    """
    of_role: dict[str, dict[str, list[Mapping[str, str]]]] = {
        role: defaultdict(list) for role in roles
    }
    for row in rows:
        of_role[row.role][row.source].append(row.cells)
    careers = {}
    for role, cells in of_role.items():
        described = [
            row["description"]
            for source in ("skills", "jobs")
            for row in cells[source]
            if row["description"]
        ]
        skills = (clean(skill) for row in cells["skills"] for skill in split_skills(row["skills"]))
        books = (
            Book(row["book_title"], row["author"], row["description"], row.get("level", ""))
            for row in cells["books"]
            if row["book_title"]
        )
        careers[role] = Career(
            name=role,
            description=described[0] if described else "",
            skills=_first_of_each(skills, str.casefold),
            books=_first_of_each(books, lambda book: label_key(book.title)),
            questions=tuple(Question(row["question"], row["answer"]) for row in cells["qa"]),
            facts=facts.get(label_key(role)),
            aliases=aliases.get(label_key(role), ()),
        )
    return careers


def _first_of_each(items: Iterable[T], key: Callable[[T], str]) -> tuple[T, ...]:
    first: dict[str, T] = {}
    for item in items:
        first.setdefault(key(item), item)
    return tuple(first.values())
