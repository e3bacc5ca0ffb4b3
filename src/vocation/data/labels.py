"""Make careers of what stands in the column of careers: several in a cell, forms of one title.

Nothing is changed that the user has not asked for; what could be is offered.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from vocation.data.csv_records import MAX_ROLE
from vocation.data.report import LabelMerge, TitleMerges
from vocation.data.tables import BEHIND_SEPARATOR, Table
from vocation.errors import ConfigError
from vocation.records import Row
from vocation.text.clean import label_key
from vocation.text.skill_lists import split_outside_brackets, split_skills
from vocation.text.title_forms import other_forms, without_level, without_marks

_MOST_LABELS = 10_000  # more are no careers but a wrong column: looking at them takes minutes

_STRONG, _WEAK = r"[;|；｜]", r"[,/，、،]"

# Labels that name nothing: 0, 3.0, B, C12, LABEL_3, cluster 4, 29-1141.
_CODE = re.compile(
    r"[\W\d_]*\d[\W\d_]*|[a-z]"
    r"|(?:[a-z]|label|class|category|cat|cluster|target|code|id|role|job|career|group)[\W_]*\d[\d.-]*"
)


class Labels(NamedTuple):
    """Tables with careers as asked for. `copies` counts the rows added for further careers;
    `titles` what could be, or was, merged.
    """

    tables: list[Table]
    copies: int
    titles: TitleMerges | None
    hints: list[str]


def arrange(
    tables: Sequence[Table],
    multi_label: str | None = None,
    merge_titles: bool = False,
    known: Collection[str] = (),
) -> Labels:
    """Return the tables, if asked with several careers in a cell split and forms of titles merged.

    `known` are other careers that titles may be merged into. Raises ConfigError for an unknown
    `multi_label`.
    """
    if multi_label not in (None, "split"):
        raise ConfigError(f"multi_label must be 'split' or None, found {multi_label!r}")
    tables = list(tables)
    several = _several(tables)
    hints, copies = [], 0
    if several and multi_label:
        tables, copies = _split(tables, several)
    elif several:
        hints = [_several_hint(tables, several)]
    counts = Counter(row.role for table in tables for row in table.rows)
    names = _title_merges(counts, known) if merge_titles or len(counts) <= _MOST_LABELS else {}
    titles = _told(counts, names, merge_titles)
    if merge_titles and names:
        tables = [_renamed(table, names) for table in tables]
    return Labels(tables, copies, titles, hints)


# --- several careers in a cell --------------------------------------------------------------------


def careers_in(label: str, known: Collection[str], lines: Sequence[str] = ()) -> list[str]:
    """Return the careers that a cell names; one or none where it names no several.

    Semicolons, bars and lists of JSON separate careers; commas and slashes only where each part is
    a career elsewhere, one of `known` (as `label_key` writes them); line breaks (`lines` of the
    cell) where one part is.
    """
    if parts := _listed(label):
        return parts
    if any(label_key(line) in known for line in lines):
        return _unique(lines)
    parts = _unique(split_outside_brackets(label, _WEAK))
    if all(label_key(part) in known for part in parts) and label_key(without_marks(label)) == (
        label_key(label)  # "Koch/Köchin" is one
    ):
        return parts
    return []


def _listed(label: str) -> list[str]:
    """The careers of a cell that is a list for certain."""
    if label[:1] == "[" and label[-1:] == "]":
        return _unique(split_skills(label))
    pieces = list(split_outside_brackets(label, _STRONG))
    # "m|w|d" names no careers.
    marks = any(len(piece.strip()) == 1 and piece.strip().isalpha() for piece in pieces)
    return _unique(pieces) if len(pieces) > 1 and not marks else []


def _unique(pieces: Iterable[str]) -> list[str]:
    parts = map(str.strip, pieces)
    return list({label_key(part): part for part in parts if label_key(part)}.values())


def _several(tables: Sequence[Table]) -> dict[str, list[str]]:
    """The careers of each label that names several, or one in a list."""
    roles = dict.fromkeys(row.role for table in tables for row in table.rows)
    lines = {role: parts for table in tables for role, parts in table.wrapped.items()}
    known = {label_key(part) for role in roles for part in (_listed(role) or [role])}
    known -= {label_key(role) for role in lines}
    found = {role: careers_in(role, known, lines.get(role, ())) for role in roles}
    return {
        role: parts
        for role, parts in found.items()
        if parts and parts != [role] and all(len(part) <= MAX_ROLE for part in parts)
    }


def _split(
    tables: Sequence[Table], several: Mapping[str, Sequence[str]]
) -> tuple[list[Table], int]:
    """The tables with a row for each career of a row, and how many rows that adds."""
    split, copies = [], 0
    for table in tables:
        rows = tuple(
            row if role == row.role else Row(role, row.source, row.cells, row.file, row.line)
            for row in table.rows
            for role in several.get(row.role, (row.role,))
        )
        copies += len(rows) - len(table.rows)
        # That hint asks what is answered now.
        hints = tuple(hint for hint in table.hints if BEHIND_SEPARATOR not in hint)
        split.append(replace(table, rows=rows, hints=hints))
    return split, copies


def _several_hint(tables: Sequence[Table], several: Mapping[str, Sequence[str]]) -> str:
    rows = [row for table in tables for row in table.rows if row.role in several]
    first = rows[0]
    number = "1 row names" if len(rows) == 1 else f"{len(rows):,} rows name"
    return (
        f"{number} several careers in a cell (first: {first.place}:"
        f" {first.role[:60]!r}), which is one career as it is. To count such a row for each of its"
        " careers, add --multi-label split."
    )


# --- forms of one title ---------------------------------------------------------------------------


def _title_merges(counts: Mapping[str, int], known: Collection[str]) -> dict[str, str]:
    """The title that each label becomes; labels that stay are left out.

    Marks of gender and place go where another label has the same title. A level goes where the
    title without it is a label, or where several levels of it are.
    """
    labels = sorted(counts, key=lambda label: -counts[label])  # the most frequent spelling first
    marked = {label: without_marks(label) for label in labels}
    spelling: dict[str, str] = {}
    for name in (*labels, *known, *marked.values()):
        spelling.setdefault(label_key(name), name)
    titles = {}
    for label, title in marked.items():
        forms = (form for form in other_forms(title) if label_key(form) in spelling)
        titles[label] = next(forms, title)
    levels = {label: without_level(title) for label, title in titles.items()}
    shared: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for level in levels.values():
        if level.sure:
            shared[label_key(level.rest)].add(level.levels)
    groups: dict[str, list[str]] = defaultdict(list)
    for label, level in levels.items():
        key = label_key(level.rest)
        if key in spelling or (level.sure and len(shared[key]) > 1):
            spelling.setdefault(key, level.rest)
        elif level.levels and level.sure:
            # "Sr. Nurse" and "Senior Nurse": one level, so it is part of the name.
            key = f"{' '.join(level.levels)} {key}"
            spelling.setdefault(key, titles[label])
        else:
            key = label_key(titles[label])
        groups[key].append(label)
    found: dict[str, str] = {}
    for key, members in groups.items():
        existing = key in map(label_key, (*members, *known))
        if existing or len(set(map(label_key, members))) > 1:
            found |= dict.fromkeys(members, spelling[key])
    return {label: name for label, name in found.items() if label_key(label) != label_key(name)}


def _told(counts: Mapping[str, int], names: Mapping[str, str], done: bool) -> TitleMerges | None:
    if not names:
        return None
    after = {label_key(names.get(role, role)) for role in counts}
    merges = (LabelMerge(label, counts[label], name) for label, name in names.items())
    return TitleMerges(
        done,
        before=len(set(map(label_key, counts))),
        after=len(after),
        merges=tuple(sorted(merges, key=lambda merge: (merge.career, merge.spelling))),
    )


def _renamed(table: Table, names: Mapping[str, str]) -> Table:
    """The table with its careers under their new names; of several facts the first ones count."""
    rows = tuple(
        Row(names[row.role], row.source, row.cells, row.file, row.line)
        if row.role in names
        else row
        for row in table.rows
    )
    facts = {names.get(role, role): fact for role, fact in [*table.facts.items()][::-1]}
    aliases = {names.get(role, role): some for role, some in [*table.aliases.items()][::-1]}
    return replace(table, rows=rows, facts=facts, aliases=aliases)


# --- codes ----------------------------------------------------------------------------------------


def code_hints(rows: Iterable[Row]) -> list[str]:
    """Return a hint where careers are codes, which nobody can read in an answer."""
    first: dict[str, Row] = {}
    for row in rows:
        if row.role not in first and _CODE.fullmatch(label_key(row.role)):
            first[row.role] = row
    if not first:
        return []
    row = next(iter(first.values()))
    key = row.role if row.role.isdecimal() else repr(row.role)
    shown = ", ".join(list(first)[:5]) + (f" and {len(first) - 5:,} more" if len(first) > 5 else "")
    whose = f"{len(first):,} careers are codes" if len(first) > 1 else "one career is a code"
    return [
        f"{whose}, which nobody can read in an answer (first: {row.place}):"
        f" {shown}. Write names in place of them (in pandas: df['label'].map({{{key}: 'Nurse',"
        " ...}); with a label encoder: encoder.inverse_transform), or read a column that has the"
        " names: --columns role=YourColumn."
    ]
