"""Say what would make the data better. Nothing here changes a row or stops anything."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from vocation.data.tables import Table
from vocation.format import counted
from vocation.records import SOURCES, Row
from vocation.text.clean import label_key, model_input, words
from vocation.text.languages import spoken
from vocation.text.skill_lists import split_skills

_CORRUPT = re.compile(
    "\ufffd|[\u00c3\u00c2][\u0080-\u00bf]|\u00e2(?:\u20ac|\\?\u00a2|\u00a2)"
)  # the last two: UTF-8 read as Windows-1252
_LANGUAGE_ROWS, _LANGUAGE_START = 1000, 300  # rows, and characters of each, that are looked at


def _names(careers: Iterable[str]) -> str:
    names = sorted(set(careers))
    return ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")


def row_hints(rows: Sequence[Row]) -> list[str]:
    """Return what could be better, a sentence each."""
    of: dict[str, list[Row]] = {
        source: [row for row in rows if row.source == source] for source in SOURCES
    }
    descriptions: dict[str, set[str]] = defaultdict(set)
    for row in of["skills"] + of["jobs"]:
        if row.cells["description"]:
            descriptions[row.cells["description"].casefold()].add(row.role)
    kinds: dict[str, list[str]] = defaultdict(list)
    for row in of["qa"]:
        # The first word tells the kind of a question: "what", "how".
        kinds[row.role].append(row.cells["question"].casefold().split()[0])
    books = Counter(row.role for row in of["books"])
    texts = of["skills"] + of["jobs"] + of["books"]
    # A column that a file does not have is no empty cell.
    there = {(row.file, name) for row in texts for name, value in row.cells.items() if value}
    blank = [
        (row, name)
        for row in texts
        for name, value in row.cells.items()
        # Books without an author have a hint of their own.
        if not value and name != "author" and (row.file, name) in there
    ]
    corrupt = [row for row in rows if any(_CORRUPT.search(value) for value in row.cells.values())]

    return [
        *_careers(
            [role for role, asked in kinds.items() if len(asked) < 5],
            "have fewer than five questions",
        ),
        *_careers(
            [role for role, asked in kinds.items() if len(asked) > 4 and len(set(asked)) == 1],
            "have questions of one kind only",
        ),
        *_rows(
            [row for row in of["qa"] if not 50 <= len(words(row.cells["answer"])) <= 200],
            "answers are not 50 to 200 words long",
        ),
        *_rows(
            [
                row
                for row in of["skills"]
                # Empty cells have a hint of their own.
                if row.cells["skills"] and not 5 <= len(split_skills(row.cells["skills"])) <= 10
            ],
            "rows do not list 5 to 10 skills",
        ),
        *_careers(
            [role for role, count in books.items() if count < 3], "have fewer than three books"
        ),
        *_rows([row for row in of["books"] if not row.cells["author"]], "books have no author"),
        *_rows(
            [row for row, _ in blank],
            f"cells are empty in the columns {', '.join(sorted({name for _, name in blank}))}",
        ),
        *_careers(
            [role for shared in descriptions.values() if len(shared) > 1 for role in shared],
            "share a description with another one",
        ),
        *_rows(
            corrupt,
            "rows hold corrupt characters, such as \ufffd or \u00c3\u00a9 for \u00e9; save the file"
            " as UTF-8",
        ),
        *_mixed_languages(rows),
    ]


def unused_facts(rows: Sequence[Row], tables: Sequence[Table]) -> list[str]:
    """A hint for each file with facts about careers of which no row speaks; the default file has
    them for all its careers.
    """
    careers = {label_key(row.role) for row in rows}
    hints = []
    for table in tables:
        unused = [role for role in table.facts if label_key(role) not in careers]
        if unused and not table.file.startswith("default "):
            named = ", ".join(map(repr, unused[:3])) + (
                f" and {len(unused) - 3:,} more" if len(unused) > 3 else ""
            )
            whose = f"{len(unused):,} careers" if len(unused) > 1 else "one career"
            hints.append(
                f"{table.file}: the facts of {whose} are left out, since no row is about"
                f" {'these' if len(unused) > 1 else 'it'}: {named}."
            )
    return hints


def _rows(found: Sequence[Row], what: str) -> Iterator[str]:
    """A sentence about the rows `found`, if there are any."""
    if found:
        yield (
            f"{counted(len(found), what)} (first: {found[0].place}):"
            f" {_names(row.role for row in found)}."
        )


def _careers(found: Sequence[str], what: str) -> Iterator[str]:
    """A sentence about the careers `found`, if there are any."""
    if found:
        yield f"{counted(len(found), f'careers {what}')}: {_names(found)}."


def _mixed_languages(rows: Sequence[Row]) -> Iterator[str]:
    # Every k-th row, so that the sample comes from the whole data.
    sample = rows[:: 1 + len(rows) // _LANGUAGE_ROWS]
    starts = (model_input(row.source, row.cells)[:_LANGUAGE_START] for row in sample)
    # Texts without a clear language do not count.
    languages = spoken(starts)
    shown = ", ".join(f"{name} {count:,}" for name, count in languages.most_common(4))
    if len(languages) > 1 and languages.most_common(2)[1][1] > max(1, 0.02 * len(sample)):
        yield f"languages are mixed (of {len(sample):,} rows looked at: {shown}); keep to one."
