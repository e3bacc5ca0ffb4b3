"""Warn of data that a model cannot learn from or be tested on. Nothing here changes a row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from vocation.data.csv_reader import RowIssue
from vocation.data.split import FEWEST_GROUPS
from vocation.format import line_of, place
from vocation.records import Row
from vocation.text.clean import mask_role, model_input

LEVELS = (("minimum", 50, 5, 1), ("recommended", 500, 15, 2), ("best", 1000, 25, 4))
"""Name, rows, careers, kinds of file: what the training guide asks for. Careers and their rows
count where the career can be tested: with one row each, a thousand of them tell nothing.
"""

MANY_DROPPED, MANY_MERGED = 0.25, 0.5
"""From these shares of the rows on the report warns: a quarter is more than a few slips, while what
a merged row says is learnt.
"""

TOO_RARE = 0.7
"""From this share of careers with too few rows on, the labels are hardly careers: of job postings
by their titles it is 75 % and more, of careers that people chose it was half at most.
"""

SAME_TEXT = 0.5
"""From this share of a file's rows whose text is the career's name on, its column is wrong."""

_ENOUGH = f"with {FEWEST_GROUPS} different texts"
_NAME_AND_MORE = 20  # signs, blanks and a plural that may stand around a name that is the text


def level_of(rows: Sequence[Row], untestable: Collection[str], sources: int) -> tuple[str, str]:
    """The guide's level that `rows` reach, and what the next one needs ("" at the best one).

    `untestable` are the careers with too few different texts, `sources` the kinds of file.
    """
    careers = Counter(row.role for row in rows)
    rows_tested = sum(count for role, count in careers.items() if role not in untestable)
    careers_tested = len(careers) - len(untestable)
    reached = "below minimum"
    for name, need_rows, need_careers, need_sources in LEVELS:
        lacking = [
            *_lacking("row{s}", need_rows, len(rows), rows_tested, f" in careers {_ENOUGH}"),
            *_lacking("career{s}", need_careers, len(careers), careers_tested, f" {_ENOUGH}"),
            *_lacking("kind{s} of file", need_sources, sources, sources, ""),
        ]
        if len(rows) >= need_rows and len(untestable) >= TOO_RARE * len(careers):
            lacking = [f"{FEWEST_GROUPS} different texts a career"]
        if lacking:
            return reached, f"for {name!r}: {', '.join(lacking)}"
        reached = name
    return reached, ""


def _lacking(what: str, need: int, found: int, counted: int, which: str) -> Iterator[str]:
    # `which` is said only where it matters: there are enough, but not enough that count.
    if counted < need:
        gap, which = (need - counted, which) if found >= need else (need - found, "")
        yield f"{gap:,} more {what.format(s='s' if gap > 1 else '')}{which}"


def data_warnings(
    read: Sequence[Row],
    used: Sequence[Row],
    dropped: Sequence[RowIssue],
    level: str,
    missing: str,
    split_notes: Sequence[str],
) -> Iterator[str]:
    """Yield what makes the data unfit to trust or to test, the gravest first.

    `read` are the usable rows, `used` those without duplicates; `level` and `missing` as in the
    report, `split_notes` those of `split.planned`.
    """
    yield from _many_dropped(dropped, len(read) + len(dropped))
    # A text that is the label explains why each row seems to have a career of its own.
    yield from list(_text_is_label(read)) or _label_of_its_own(read)
    yield from _many_merged(len(read), len(used))
    if level == "below minimum":
        yield (
            f"this is less than a model needs ({missing}). Training runs, but do not trust its"
            " answers before there is more data."
        )
    yield from split_notes


def by_reason(dropped: Sequence[RowIssue]) -> list[tuple[str, int]]:
    """Return each kind of reason, told by the first row that has it, and how many rows have it.

    The most frequent kind comes first. Numbers in a reason make no other kind.
    """
    kinds = Counter(map(_kind, dropped))
    # Reversed: of a kind the first row's reason overwrites the others.
    told = {_kind(issue): issue.reason for issue in reversed(dropped)}
    return [(told[kind], count) for kind, count in kinds.most_common()]


def _kind(issue: RowIssue) -> str:
    return re.sub(r"\d[\d,]*", "0", issue.reason)


def _many_dropped(dropped: Sequence[RowIssue], rows_in: int) -> Iterator[str]:
    # What a limit left out was asked for.
    lost = [issue for issue in dropped if not issue.reason.startswith("left out by the limit")]
    if not lost or len(lost) < MANY_DROPPED * rows_in:
        return
    (reason, count), *others = by_reason(lost)
    why = f"the main reason, for {count:,}: {reason}" if others else reason
    first = next(issue for issue in lost if issue.reason == reason)
    yield (
        f"{len(lost):,} of {rows_in:,} rows ({100 * len(lost) // rows_in}%) were dropped; {why}"
        f" (first: {place(first.file, first.line)})."
    )


def _many_merged(read: int, used: int) -> Iterator[str]:
    if read - used >= MANY_MERGED * read:
        yield (
            f"{read - used:,} of {read:,} rows ({(read - used) / read:.0%}) repeat another one of"
            f" their career, or nearly so: {used:,} are left after merging."
        )


def _text_is_label(rows: Sequence[Row]) -> Iterator[str]:
    of_file = Counter(row.file for row in rows)
    same: dict[str, list[Row]] = {}
    for row in rows:
        if _is_name(model_input(row.source, row.cells), row.role):
            same.setdefault(row.file, []).append(row)
    for file, found in same.items():
        if len(found) >= SAME_TEXT * of_file[file]:
            column = next(name for name, value in found[0].cells.items() if value)
            yield (
                f"{file}: in {len(found):,} of {of_file[file]:,} rows the text is the career itself"
                f" (every text is its own label; first: {line_of(file, found[0].line)},"
                f" {found[0].role!r}):"
                " nothing can be learnt from these. Probably the same column was taken twice: name"
                f" the one with the texts (--columns {column}=NAME)."
            )


def _is_name(text: str, role: str) -> bool:
    # The length first: masking every long text would take seconds.
    return len(text) <= len(role) + _NAME_AND_MORE and not re.search(
        r"\w", mask_role(text, role, "")
    )


def _label_of_its_own(rows: Sequence[Row]) -> Iterator[str]:
    # The default rows are not the user's to change.
    own = [row for row in rows if not row.file.startswith("default ")] or rows
    rows_of = Counter(row.role for row in own)
    few = sum(count < FEWEST_GROUPS for count in rows_of.values())
    # Of few careers each may be meant: such data are only too small.
    if len(rows_of) < LEVELS[0][2] or few < TOO_RARE * len(rows_of):
        return
    yield (
        f"{len(rows_of):,} careers in {len(own):,} rows, and {few:,} of them have fewer than"
        f" {FEWEST_GROUPS} rows: hardly anything can be learnt of these, and nothing measured. "
        + (
            "Skills and books alone are too little: add questions, job descriptions or people's own"
            " texts for each career."
            if {row.source for row in own} <= {"skills", "books"}
            else "Probably the wrong column was taken for the career (name another: --columns"
            " role=NAME), or it holds free job titles, which must be grouped into careers first."
        )
    )
