"""From tables to one data set: labels tidied, duplicates merged, careers described, and a report in which every row is accounted for.

    tables -> rows with tidy labels -> exact duplicates merged -> near-duplicates merged (within a role) or tied together (across roles) -> Dataset

Near-duplicates are found by MinHash and locality-sensitive hashing in numpy (Broder 1997; Leskovec, Rajaraman, Ullman, "Mining of Massive
Datasets", chapter 3) and then verified exactly.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from vocation.errors import DataError
from vocation.records import SOURCES, Book, Career, Facts, Question, Row
from vocation.sources import Dropped, Table, read_folder
from vocation.text import clean, label_key, mask_role, model_input

if TYPE_CHECKING:
    import pandas

    Ints = np.ndarray[Any, np.dtype[np.int64]]
    Floats = np.ndarray[Any, np.dtype[np.float64]]
    Words = np.ndarray[Any, np.dtype[np.uint64]]

T = TypeVar("T")

LEVELS = (("minimum", 50, 5, 1), ("recommended", 500, 15, 2), ("best", 1000, 25, 4))
"""Name, rows, careers, kinds of file: what the training guide asks for."""

SIMILAR = 0.72
"""Two texts are near-duplicates from this share of common three-word runs on (Jaccard). One changed word breaks three runs of each text, so
changing a share f of the words leaves (1 - 3f) / (1 + 3f): .74 at 5 %, .54 at 10 %; one word of 20 leaves 19 of 25 = .76."""
MIN_WORDS = 16
"""Shorter texts are near-duplicates only if all their words are the same: one other word may be the whole point."""

_RUN = 3
_BANDS, _BAND_SIZE = 20, 4  # chance to compare two texts at .72: 1 - (1 - .72^4)^20 = 99.8 %; at .3: 15 %
_HASHES = _BANDS * _BAND_SIZE
_AGREE = 44  # of 80 hashes before we count exactly: at .72 fewer than that come once in 2,000 pairs (binomial)
_MOST_PAIRS = 100_000  # per band, plus 4 a text: a bound for buckets in which everything resembles everything
_CHUNK = 2_000_000  # characters at once


# --- the report -------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Merge:
    """A row that says the same as an earlier one of its role. `similarity` is 1.0 for equal words, else the share of common word runs."""

    role: str
    kept_file: str
    kept_line: int
    file: str
    line: int
    similarity: float

    def __str__(self) -> str:
        return f"{self.file}, line {self.line} repeats {self.kept_file}, line {self.kept_line} ({self.similarity:.2f}, {self.role})"


@dataclass(frozen=True, slots=True)
class LabelMerge:
    """Another spelling of a career's name and the number of rows that use it."""

    spelling: str
    rows: int
    career: str

    def __str__(self) -> str:
        return f"{self.spelling!r} ({self.rows:,} {'row' if self.rows == 1 else 'rows'}) is read as {self.career!r}"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The same or nearly the same text under several careers: one (career, file, line) for each."""

    places: tuple[tuple[str, str, int], ...]

    def __str__(self) -> str:
        return " = ".join(f"{role} ({file}, line {line})" for role, file, line in self.places[:4]) + (" ..." if len(self.places) > 4 else "")


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every row. `rows_in` == `used` + len(`merged`) + len(`dropped`); `unique` counts exactly different (role, text) pairs.

    `level` is what the guide calls the data: "below minimum", "minimum", "recommended" or "best"; `missing` says what the next level needs.
    """

    rows_in: int
    used: int
    unique: int
    roles: int
    sources: Mapping[str, int]
    merged: tuple[Merge, ...]
    dropped: tuple[Dropped, ...]
    label_merges: tuple[LabelMerge, ...]
    contradictions: tuple[Contradiction, ...]
    warnings: tuple[str, ...]
    hints: tuple[str, ...]
    level: str
    missing: str

    def __post_init__(self) -> None:
        if self.rows_in != self.used + len(self.merged) + len(self.dropped):
            raise RuntimeError(f"rows are lost: {self.rows_in} in, {self.used} used, {len(self.merged)} merged, {len(self.dropped)} dropped")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        lines = ["Merged dataset created:", f"  Total samples: {self.used:,}", f"  Unique roles: {self.roles:,}", "", "  Samples per source:"]
        lines += [f"  {source:<8} {count:,}" for source, count in self.sources.items()]
        merged, dropped = len(self.merged), len(self.dropped)
        lines += ["", f"Rows: {self.rows_in:,} read = {self.used:,} used + {merged:,} merged + {dropped:,} dropped ({self.unique:,} unique)"]
        lines += [f"Level: {self.level}" + (f" ({self.missing})" if self.missing else "")]
        lines += [f"WARNING: {warning}" for warning in self.warnings]
        groups: tuple[tuple[str, Sequence[object]], ...] = (
            ("Dropped", self.dropped),
            ("Merged duplicates", self.merged),
            ("Spellings of one career", self.label_merges),
            ("The same text under several careers (kept)", self.contradictions),
            ("Hints", self.hints),
        )
        for title, items in groups:
            shown = items if title == "Hints" else items[:3]
            lines += ["", f"{title}:", *(f"  {item}" for item in shown)] if items else []
            lines += [f"  and {len(items) - len(shown):,} more"] if len(items) > len(shown) else []
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Dataset:
    """The rows to train on, in the order of SOURCES, file and line; n of them.

    `texts` (n) are the model inputs; `labels` (n, int64) index `roles`, which are sorted; `groups` (n, int64) are equal for near-duplicates,
    which must stay on one side of a split. `careers` holds what may be shown of each role; `fingerprint` is the sha256 of the rows' content.
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

    def frame(self) -> pandas.DataFrame:
        """The rows as a table with the columns role, text, source, file, line."""
        import pandas

        columns = ("role", "source", "file", "line")
        values: dict[str, Any] = {name: [getattr(row, name) for row in self.rows] for name in columns}
        return pandas.DataFrame(values | {"text": self.texts})[["role", "text", "source", "file", "line"]]


# --- loading ----------------------------------------------------------------------------------------------------------------------------


def default_folder() -> Path:
    """The folder of the default data inside the package."""
    return Path(str(importlib.resources.files("vocation") / "data"))


def load(
    folder: str | Path | Sequence[str | Path] | None = None,
    columns: Mapping[str, str] | None = None,
    with_defaults: bool = False,
    limit: int | None = None,
) -> Dataset:
    """Read the maker's files (None: the default data) into one data set.

    `columns` as in `sources.read_folder`. `with_defaults` fills kinds of file that are missing from the default data, for the maker's careers
    only. `limit` takes at most that many rows, spread over careers, the same ones each time.
    Raises DataError where a file cannot be read, no row is usable, or fewer than two careers are left.
    """
    tables = read_folder(default_folder() if folder is None else folder, columns)
    if folder is not None and with_defaults:
        tables += _defaults(tables)
    rows = [row for source in SOURCES for table in tables if table.kind == source for row in table.rows]
    dropped = [drop for table in tables if table.kind != "careers" for drop in table.dropped]
    hints = [hint for table in tables for hint in table.hints]
    hints += [f"{drop}; no facts from there." for table in tables if table.kind == "careers" for drop in table.dropped]
    rows_in = len(rows) + len(dropped)
    if limit is not None and limit < len(rows):
        rows, left_out = _spread(rows, limit)
        dropped += [Dropped(row.file, row.line, "", f"left out by the limit of {limit:,} rows") for row in left_out]
    rows, label_merges = _tidy(rows)
    _refuse(rows, tables, dropped)
    texts = [model_input(row.source, row.cells) for row in rows]
    roles = tuple(sorted({row.role for row in rows}))
    index = {role: i for i, role in enumerate(roles)}
    labels = np.fromiter((index[row.role] for row in rows), np.int64, len(rows))

    kept_as, similarity, unique, groups, clashes = _duplicates(texts, labels, roles)
    keep = np.flatnonzero(kept_as == np.arange(len(rows)))
    merged = tuple(
        Merge(rows[i].role, rows[k].file, rows[k].line, rows[i].file, rows[i].line, round(float(similarity[i]), 4))
        for i, k in enumerate(kept_as.tolist())
        if i != k
    )
    contradictions = tuple(Contradiction(tuple((rows[i].role, rows[i].file, rows[i].line) for i in cluster)) for cluster in clashes)
    used = tuple(rows[i] for i in keep)
    counts = {source: count for source in SOURCES if (count := sum(row.source == source for row in used))}
    level, missing = _level(len(used), len(roles), len(counts))
    report = Report(
        rows_in=rows_in,
        used=len(used),
        unique=unique,
        roles=len(roles),
        sources=counts,
        merged=merged,
        dropped=tuple(dropped),
        label_merges=tuple(label_merges),
        contradictions=contradictions,
        warnings=tuple(_warnings(used, level, missing)),
        hints=tuple(hints + _advice(used)),
        level=level,
        missing=missing,
    )
    facts = {label_key(role): found for table in reversed(tables) for role, found in table.facts.items()}
    return Dataset(
        rows=used,
        texts=tuple(texts[i] for i in keep),
        labels=labels[keep],
        roles=roles,
        groups=np.unique(groups[keep], return_inverse=True)[1].astype(np.int64),
        careers=_careers(used, roles, facts),
        fingerprint=_fingerprint(used),
        counts=counts,
        report=report,
    )


def _defaults(tables: Sequence[Table]) -> list[Table]:
    """The default tables of the kinds that `tables` lack, cut to the careers that `tables` name."""
    there = {table.kind for table in tables if table.rows or table.facts}
    careers = {label_key(row.role) for table in tables for row in table.rows}
    filled = []
    for table in read_folder(default_folder()):
        if table.kind is not None and table.kind not in there:
            file = f"default {table.file}"
            rows = tuple(Row(row.role, row.source, row.cells, file, row.line) for row in table.rows if label_key(row.role) in careers)
            if rows or table.facts:
                said = (f"{file}: {len(rows):,} rows of the default data stand in for the file you did not bring.",) if rows else ()
                filled.append(Table(file, table.kind, rows, facts=table.facts, hints=said))
    return filled


def _spread(rows: list[Row], limit: int) -> tuple[list[Row], list[Row]]:
    """The first `limit` rows when careers, and within them kinds of file, take turns; and the others. Both in the order of `rows`."""
    turn_of_source: Counter[tuple[str, str]] = Counter()
    ranks = []
    for i, row in enumerate(rows):
        career = label_key(row.role)
        turn_of_source[career, row.source] += 1
        ranks.append((turn_of_source[career, row.source], SOURCES.index(row.source), i, career))
    turn_of_career: Counter[str] = Counter()
    order = []
    for _, _, i, career in sorted(ranks):
        turn_of_career[career] += 1
        order.append((turn_of_career[career], career, i))
    taken = {i for _, _, i in sorted(order)[: max(limit, 0)]}
    return [row for i, row in enumerate(rows) if i in taken], [row for i, row in enumerate(rows) if i not in taken]


def _tidy(rows: Iterable[Row]) -> tuple[list[Row], list[LabelMerge]]:
    """The rows with one spelling for each career, its most frequent one (the first on ties), and the spellings given up."""
    rows = list(rows)
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    keys = {role: label_key(role) for role in dict.fromkeys(row.role for row in rows)}
    for row in rows:
        spellings[keys[row.role]][row.role] += 1
    best = {key: counter.most_common(1)[0][0] for key, counter in spellings.items()}
    merges = [
        LabelMerge(spelling, count, best[key]) for key, counter in spellings.items() for spelling, count in counter.items() if spelling != best[key]
    ]
    name = {role: best[key] for role, key in keys.items()}
    return [row if row.role == name[row.role] else Row(name[row.role], row.source, row.cells, row.file, row.line) for row in rows], merges


def _refuse(rows: Sequence[Row], tables: Sequence[Table], dropped: Sequence[Dropped]) -> None:
    """Raise DataError where nothing can be learnt from the rows."""
    files = ", ".join(table.file for table in tables) or "no file"
    if not rows:
        first = f" The first dropped row: {dropped[0]}." if dropped else ""
        raise DataError(f"Expected rows to train on; found none that is usable in {files} ({len(dropped):,} dropped).{first}")
    if len({row.role for row in rows}) < 2:
        raise DataError(f"Expected at least two careers; found only {rows[0].role!r} in {files}. Add rows of other careers.")


def _level(rows: int, careers: int, sources: int) -> tuple[str, str]:
    """The guide's level that is reached, and what the next one needs ("" at the best one)."""
    reached = "below minimum"
    for name, need_rows, need_careers, need_sources in LEVELS:
        gaps = [(need_rows - rows, "row{s}"), (need_careers - careers, "career{s}"), (need_sources - sources, "kind{s} of file")]
        lacking = [f"{gap:,} more {what.format(s='s' if gap > 1 else '')}" for gap, what in gaps if gap > 0]
        if lacking:
            return reached, f"for {name!r}: {', '.join(lacking)}"
        reached = name
    return reached, ""


def _fingerprint(rows: Iterable[Row]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        cells = (f"{name}\x1f{value}" for name, value in sorted(row.cells.items()) if value)
        digest.update("\x1e".join((row.role, row.source, *cells, "\x1d")).encode())
    return digest.hexdigest()


def _careers(rows: Sequence[Row], roles: Sequence[str], facts: Mapping[str, Facts]) -> dict[str, Career]:
    """What may be shown of each role, from every kind of row except people's own words (profiles)."""
    of_role: dict[str, dict[str, list[Mapping[str, str]]]] = {role: defaultdict(list) for role in roles}
    for row in rows:
        of_role[row.role][row.source].append(row.cells)
    careers = {}
    for role, cells in of_role.items():
        described = [row["description"] for source in ("skills", "jobs") for row in cells[source] if row["description"]]
        skills = (clean(skill) for row in cells["skills"] for skill in split_skills(row["skills"]))
        books = (Book(row["book_title"], row["author"], row["description"], row.get("level", "")) for row in cells["books"] if row["book_title"])
        careers[role] = Career(
            name=role,
            description=described[0] if described else "",
            skills=_first_of_each(skills, str.casefold),
            books=_first_of_each(books, lambda book: label_key(book.title)),
            questions=tuple(Question(row["question"], row["answer"]) for row in cells["qa"]),
            facts=facts.get(label_key(role)),
        )
    return careers


def _first_of_each(items: Iterable[T], key: Callable[[T], str]) -> tuple[T, ...]:
    first: dict[str, T] = {}
    for item in items:
        first.setdefault(key(item), item)
    return tuple(first.values())


def split_skills(text: str) -> list[str]:
    """The skills of a list with commas, semicolons or bars; those within brackets do not part: "Python (numpy, pandas), SQL" holds two."""
    return [skill for part in re.split(r"[,;|](?![^()]*\))", text) if (skill := part.strip())]


# --- duplicates -------------------------------------------------------------------------------------------------------------------------


def _duplicates(texts: Sequence[str], labels: Ints, roles: Sequence[str]) -> tuple[Ints, Floats, int, Ints, list[list[int]]]:
    """Which row each row is kept as (itself, or an earlier one of its role), how similar it is to that one, the number of exactly different
    rows, the group of each row, and the clusters of equal texts under different roles (one row of each role)."""
    kept_as = np.arange(len(texts))
    first: dict[str, int] = {}
    order = np.argsort(labels, kind="stable")
    for previous, i in zip([-1, *order[:-1].tolist()], order.tolist(), strict=True):
        if previous < 0 or labels[previous] != labels[i]:
            first = {}
        kept_as[i] = first.setdefault(texts[i].casefold(), i)
    rest = np.flatnonzero(kept_as == np.arange(len(texts)))  # positions in `rest` from here on
    plain, label = [texts[i] for i in rest], labels[rest]
    masked = _masked(plain, label, roles)
    views = [_Index(plain)] if masked == plain else [_Index(plain), _Index(masked)]
    del masked
    found = [_near_pairs(view, label) for view in views]
    left, right, likeness = (np.concatenate(parts) for parts in zip(*found, strict=True))

    within = label[left] == label[right]
    leader, similarity = _keep_first(views, left[within], right[within], likeness[within])
    groups = _join(np.arange(len(rest)), left, right)
    left, right, _ = found[0]  # only the plain view tells contradictions: masked texts of two roles are alike in every template
    across = label[left] != label[right]
    clashes = _clusters(leader[left[across]], leader[right[across]], label)

    position = np.searchsorted(rest, kept_as)
    shown = np.where(kept_as == np.arange(len(texts)), similarity[position], 1.0)
    return rest[leader[position]], shown, len(rest), groups[position], [rest[cluster].tolist() for cluster in clashes]


def _masked(texts: Sequence[str], labels: Ints, roles: Sequence[str]) -> list[str]:
    """Each text without the name of its own role; many at once, parted by a character that no clean text has."""
    masked = list(texts)
    for label in np.unique(labels).tolist():
        members = np.flatnonzero(labels == label)
        for part in np.array_split(members, 1 + len(members) // 20_000):
            joined = mask_role("\0".join([texts[i] for i in part.tolist()]), roles[label])
            for i, text in zip(part.tolist(), joined.split("\0"), strict=True):
                masked[i] = text
    return masked


def _keep_first(views: Sequence[_Index], left: Ints, right: Ints, likeness: Floats) -> tuple[Ints, Floats]:
    """For each text the first one that it repeats: itself, or a kept one that is near it. Pairs (left < right) are of one role.

    A text near a merged one is compared with what that one was merged into, so that chains of small changes do not melt together.
    """
    count = len(views[0].keys)
    leader, similarity = np.arange(count), np.ones(count)
    order = np.lexsort((left, right))
    for i, j, alike in zip(left[order].tolist(), right[order].tolist(), likeness[order].tolist(), strict=True):
        if leader[j] == j:
            kept = leader[i]
            if kept != i:
                alike = max(view.similarity(kept, j) for view in views)
            if alike >= SIMILAR:
                leader[j], similarity[j] = kept, alike
    return leader, similarity


def _clusters(left: Ints, right: Ints, labels: Ints) -> list[Ints]:
    """Connected texts, the first of each role, in order."""
    component = _join(np.arange(len(labels)), left, right)
    members = np.unique(np.concatenate([left, right]))
    by_component: dict[int, dict[int, int]] = defaultdict(dict)
    for i in members.tolist():
        by_component[int(component[i])].setdefault(int(labels[i]), i)
    return [np.array(list(firsts.values())) for firsts in by_component.values() if len(firsts) > 1]


def _join(component: Ints, left: Ints, right: Ints) -> Ints:
    """`component` (n) after joining the components of each pair; a component is named by its smallest member."""
    component = component.copy()
    while True:
        a, b = component[left], component[right]
        differ = a != b
        if not differ.any():
            return component
        a, b = a[differ], b[differ]
        np.minimum.at(component, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(component, shorter := component[component]):
            component = shorter


def _near_pairs(index: _Index, labels: Ints) -> tuple[Ints, Ints, Floats]:
    """Pairs left < right of texts that are near-duplicates, and their similarity: enough of them to connect all that belong together,
    and to name for each text an earlier one of its role."""
    count = len(labels)
    order = np.lexsort((np.arange(count), labels, index.keys))
    new_key = np.r_[True, index.keys[order][1:] != index.keys[order][:-1]][:count]
    new = new_key | np.r_[True, labels[order][1:] != labels[order][:-1]][:count]
    place = np.arange(count)
    anchor = order[np.maximum.accumulate(np.where(new, place, 0))]  # the first text with these words in this role
    anchor = np.where(new, order[np.maximum.accumulate(np.where(new_key, place, 0))], anchor)  # or in any role
    equal = anchor != order
    found = [(np.minimum(anchor, order)[equal], np.maximum(anchor, order)[equal], np.ones(int(equal.sum())))]
    component = _join(np.arange(count), *found[0][:2])
    absorbed = np.zeros(count, dtype=bool)  # has a near-duplicate before it in its role
    absorbed[order[~new]] = True
    single = np.zeros(count, dtype=bool)
    single[order[new]] = True
    rows = np.flatnonzero(single[index.long])  # rows of the signature
    for band in range(_BANDS):
        for a, b in _candidates(index.bands[rows], band):
            a, b = rows[a], rows[b]
            left, right = np.minimum(index.long[a], index.long[b]), np.maximum(index.long[a], index.long[b])
            same = labels[left] == labels[right]
            open_ = (component[left] != component[right]) | (same & ~absorbed[right])
            open_[open_] = (index.signature[a[open_]] == index.signature[b[open_]]).sum(axis=1) >= _AGREE
            left, right, same = left[open_], right[open_], same[open_]
            alike = index.jaccard(left, right)
            near = alike >= SIMILAR
            left, right = left[near], right[near]
            absorbed[right[same[near]]] = True
            component = _join(component, left, right)
            found.append((left, right, alike[near]))
    left, right, alike = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return left, right, alike


def _candidates(bands: np.ndarray[Any, Any], band: int) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of rows that agree in a band. Sorted, they stand side by side: compare each with its next neighbour, then the next but one, ...
    so that small buckets are done wholly and a giant one costs no more than the bound."""
    order = np.lexsort((bands[:, (band + 1) % _BANDS], bands[:, band]))
    key = bands[order, band]
    bound = _MOST_PAIRS + 4 * len(order)
    here, step, waiting, waits = np.arange(len(order)), 1, [], 0
    while here.size and bound > 0:
        here = here[: np.searchsorted(here, len(order) - step)]
        here = here[key[here] == key[here + step]]
        waiting.append((order[here], order[here + step]))
        waits, bound, step = waits + len(here), bound - len(here), step + 1
        if waits > 200_000 or not here.size or bound <= 0:
            a, b = np.concatenate([pair[0] for pair in waiting]), np.concatenate([pair[1] for pair in waiting])
            for part in range(0, len(a), 200_000):
                yield a[part : part + 200_000], b[part : part + 200_000]
            waiting, waits = [], 0


def _mix(values: Words) -> Words:
    """The finaliser of splitmix64: every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


_ODD = np.uint64(0x9E3779B97F4A7C15)
_PRIME = 0x100000001B3  # FNV's; its inverse modulo 2^64 takes a word's hash back to its first letter
_SALT = _mix(np.arange(1, 2 * _HASHES + 1, dtype=np.uint64) * _ODD)
_XOR, _TIMES = _SALT[:_HASHES] >> np.uint64(32), _SALT[_HASHES:] | np.uint64(1)
# By byte of UTF-8: blanks and punctuation part words (but not the signs of "C++", "C#", "$5"); each Chinese, Japanese or Korean sign is one.
_IN_WORD = np.array([byte > 32 and chr(byte) not in ".,;:!?\"'()[]{}<>/\\|-_*=~^`\x7f" for byte in range(256)])
_SIGN = np.array([0xE3 <= byte <= 0xED for byte in range(256)])


def _words(texts: Sequence[str]) -> tuple[Words, Ints]:
    """The hash of every word of the texts (case and punctuation do not count), one after the other, and the number of words of each text."""
    data = np.frombuffer(("\0".join(texts) + "\0").casefold().encode("utf-8", "replace"), np.uint8)
    inside, sign = _IN_WORD[data], _SIGN[data]
    begin = np.flatnonzero(inside & (~np.r_[False, inside[:-1]] | sign))
    end = 1 + np.flatnonzero(inside & (~np.r_[inside[1:], False] | np.r_[sign[1:], False]))
    power, back = (np.full(len(data), base, dtype=np.uint64) for base in (_PRIME, pow(_PRIME, -1, 2**64)))
    np.multiply.accumulate(power, out=power)
    np.multiply.accumulate(back, out=back)
    total = np.r_[np.uint64(0), np.cumsum(data * power, dtype=np.uint64)]
    counts = np.diff(np.searchsorted(begin, np.flatnonzero(data == 0)), prepend=0)
    return _mix((total[end] - total[begin]) * back[begin]), counts


class _Index:
    """Texts prepared for comparison.

    `keys` (n): a hash of all words in order. `runs`: the different three-word runs (hashed) of the texts of MIN_WORDS words and more, `long`;
    text i has runs[start[i] : start[i + 1]]. `signature` (len(long), 80): a byte of each MinHash; `bands` (len(long), 20): hashes of four each.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        keys, sizes, runs, signature, bands = [], [], [], [], []
        first = 0
        while first < len(texts):
            last, room = first, _CHUNK
            while last < len(texts) and (room > 0 or last == first):
                room -= len(texts[last]) + 1
                last += 1
            words, counts = _words(texts[first:last])
            keys.append(self._keys(texts[first:last], words, counts))
            run, size = self._runs(words, counts)
            sizes.append(size)
            runs.append(run)
            minimum = self._minima(run, size[size > 0])
            signature.append(minimum.astype(np.uint8))
            bands.append(_mix(minimum.reshape(-1, _BANDS, _BAND_SIZE) @ _SALT[:_BAND_SIZE]).astype(np.uint32))
            first = last
        size = np.concatenate(sizes)
        self.keys, self.runs = np.concatenate(keys), np.concatenate(runs)
        self.start, self.long = np.r_[0, np.cumsum(size)], np.flatnonzero(size)
        self.signature, self.bands = np.concatenate(signature), np.concatenate(bands)

    @staticmethod
    def _keys(texts: Sequence[str], words: Words, counts: Ints) -> Words:
        ends = np.cumsum(counts)
        place = np.arange(len(words)) - np.repeat(ends - counts, counts)
        total = np.r_[np.uint64(0), np.cumsum(_mix(words + place.astype(np.uint64) * _ODD), dtype=np.uint64)]
        keys: Words = total[ends] - total[ends - counts]
        for i in np.flatnonzero(counts == 0).tolist():  # nothing but punctuation: equal only if it is the same
            keys[i] = int.from_bytes(hashlib.blake2b(texts[i].encode(), digest_size=8).digest(), "big")
        return keys

    @staticmethod
    def _runs(words: Words, counts: Ints) -> tuple[np.ndarray[Any, np.dtype[np.uint32]], Ints]:
        """The different runs of every long text, and their number for every text (0 for short ones). Two blanks stand before and behind each
        text, so that every word is in three runs."""
        is_long = counts >= MIN_WORDS
        wide = counts[is_long] + 2 * (_RUN - 1)
        text = np.repeat(np.arange(len(wide), dtype=np.uint64), wide)
        place = np.arange(len(text)) - np.repeat(np.cumsum(wide) - wide, wide)
        padded = np.zeros(len(text), dtype=np.uint64)
        padded[(place >= _RUN - 1) & (place < np.repeat(wide, wide) - (_RUN - 1))] = words[np.repeat(is_long, counts)]
        run = _mix(padded[:-2] * _ODD + padded[1:-1] * _SALT[0] + padded[2:] * _SALT[1])
        whole = text[:-2] == text[2:]
        run = np.unique((text[:-2][whole] << np.uint64(32)) | (run[whole] >> np.uint64(32)))
        size = np.zeros(len(counts), dtype=np.int64)
        size[is_long] = np.bincount((run >> np.uint64(32)).astype(np.int64), minlength=len(wide))
        return run.astype(np.uint32), size

    @staticmethod
    def _minima(runs: np.ndarray[Any, np.dtype[np.uint32]], sizes: Ints) -> Words:
        """The MinHashes (len(sizes), 80), 32 bits each."""
        minima = np.empty((len(sizes), _HASHES), dtype=np.uint64)
        if len(sizes):
            wide, starts = runs.astype(np.uint64), np.cumsum(sizes) - sizes
            for k in range(_HASHES):
                minima[:, k] = np.minimum.reduceat((wide ^ _XOR[k]) * _TIMES[k], starts)
        return minima >> np.uint64(32)

    def jaccard(self, left: Ints, right: Ints) -> Floats:
        """The share of common runs for each pair of long texts."""
        size = np.diff(self.start)
        both = size[left] + size[right]
        result = np.empty(len(left))
        for part in np.split(np.arange(len(left)), np.flatnonzero(np.diff(np.cumsum(both) // _CHUNK)) + 1):
            sides = [self._numbered(side[part], size) for side in (left, right)]
            runs = np.sort(np.concatenate(sides))
            common = np.bincount((runs[1:][runs[1:] == runs[:-1]] >> np.uint64(32)).astype(np.int64), minlength=len(part))
            result[part] = common / np.maximum(both[part] - common, 1)
        return result

    def _numbered(self, texts: Ints, size: Ints) -> Words:
        """The runs of the texts one after the other, each with the place of its text in the upper half."""
        sizes = size[texts]
        at = np.arange(int(sizes.sum())) + np.repeat(self.start[texts] - (np.cumsum(sizes) - sizes), sizes)
        return (np.repeat(np.arange(len(texts), dtype=np.uint64), sizes) << np.uint64(32)) | self.runs[at]

    def similarity(self, a: int, b: int) -> float:
        """1.0 for equal words, else the share of common runs (0 for short texts)."""
        if self.keys[a] == self.keys[b]:
            return 1.0
        x, y = self.runs[self.start[a] : self.start[a + 1]], self.runs[self.start[b] : self.start[b + 1]]
        common = len(np.intersect1d(x, y, assume_unique=True))
        return common / max(len(x) + len(y) - common, 1)


# --- advice -----------------------------------------------------------------------------------------------------------------------------

_SPOILT = re.compile("\ufffd|[\u00c3\u00c2][\u0080-\u00bf]|\u00e2(?:\u20ac|\\?\u00a2|\u00a2)")  # the last two: UTF-8 read as Windows-1252
_SCRIPTS = {
    "Cyrillic": "\u0400-\u04ff",
    "Greek": "\u0370-\u03ff",
    "Hebrew": "\u0590-\u05ff",
    "Arabic": "\u0600-\u06ff",
    "Indic": "\u0900-\u0dff",
    "Thai": "\u0e00-\u0e7f",
    "Chinese or Japanese": "\u3040-\u30ff\u4e00-\u9fff",
    "Korean": "\uac00-\ud7af",
}
_SCRIPT = {name: re.compile(f"[{letters}]") for name, letters in _SCRIPTS.items()}
_COMMON_WORDS = {
    "English": "the and of to is for with that you are this",
    "German": "der die und ist das mit f\u00fcr nicht ein auf von",
    "French": "le les des et est pour dans une avec vous du",
    "Spanish": "el los las y es para con una por del en",
    "Portuguese": "os as e \u00e9 para com uma n\u00e3o dos em do",
    "Italian": "il gli e \u00e8 per con che una sono della di",
}
_COMMON = {language: frozenset(words.split()) for language, words in _COMMON_WORDS.items()}


def _language(text: str) -> str | None:
    """The language of a text's start by its script or its commonest words; None where there are too few to say."""
    head = text[:600].casefold()
    for script, pattern in _SCRIPT.items():
        if len(pattern.findall(head)) > 0.3 * len(head.replace(" ", "")):
            return script
    words = Counter(head.split())
    (best, hits), (_, second) = Counter({name: sum(words[word] for word in common) for name, common in _COMMON.items()}).most_common(2)
    return best if hits >= 3 and hits > second + 1 else None


def _names(careers: Iterable[str]) -> str:
    names = sorted(set(careers))
    return ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")


def _warnings(rows: Sequence[Row], level: str, missing: str) -> Iterator[str]:
    if level == "below minimum":
        yield f"this is less than a model needs ({missing}). Training runs, but do not trust its answers before there is more data."
    few = [role for role, count in Counter(row.role for row in rows).items() if count < 3]
    if few:
        yield f"{len(few):,} careers have fewer than three rows and can only be learnt, never tested: {_names(few)}."


def _advice(rows: Sequence[Row]) -> list[str]:
    """Hints that never block, a sentence each."""
    of: dict[str, list[Row]] = {source: [row for row in rows if row.source == source] for source in SOURCES}
    descriptions: dict[str, set[str]] = defaultdict(set)
    for row in of["skills"] + of["jobs"]:
        if row.cells["description"]:
            descriptions[row.cells["description"].casefold()].add(row.role)
    kinds: dict[str, list[str]] = defaultdict(list)
    for row in of["qa"]:
        kinds[row.role].append(row.cells["question"].casefold().split()[0])
    books = Counter(row.role for row in of["books"])
    blank = [(row, name) for row in of["skills"] + of["jobs"] + of["books"] for name, value in row.cells.items() if not value and name != "author"]
    spoilt = [row for row in rows if any(_SPOILT.search(value) for value in row.cells.values())]

    def rows_say(found: Sequence[Row], what: str) -> Iterator[str]:
        if found:
            yield f"{len(found):,} {what} (first: {found[0].file}, line {found[0].line}): {_names(row.role for row in found)}."

    def careers_say(found: Sequence[str], what: str) -> Iterator[str]:
        if found:
            yield f"{len(found):,} careers {what}: {_names(found)}."

    return [
        *careers_say([role for role, asked in kinds.items() if len(asked) < 5], "have fewer than five questions"),
        *careers_say([role for role, asked in kinds.items() if len(asked) > 4 and len(set(asked)) == 1], "have questions of one kind only"),
        *rows_say([row for row in of["qa"] if not 50 <= len(row.cells["answer"].split()) <= 200], "answers are not 50 to 200 words long"),
        *rows_say([row for row in of["skills"] if not 5 <= len(split_skills(row.cells["skills"])) <= 10], "rows do not list 5 to 10 skills"),
        *careers_say([role for role, count in books.items() if count < 3], "have fewer than three books"),
        *rows_say([row for row in of["books"] if not row.cells["author"]], "books have no author"),
        *rows_say([row for row, _ in blank], f"cells are empty in the columns {', '.join(sorted({name for _, name in blank}))}"),
        *careers_say([role for shared in descriptions.values() if len(shared) > 1 for role in shared], "share a description with another one"),
        *rows_say(spoilt, "rows hold spoilt characters, such as \ufffd or \u00c3\u00a9 for \u00e9; save the file as UTF-8"),
        *_mixed_languages(rows),
    ]


def _mixed_languages(rows: Sequence[Row]) -> Iterator[str]:
    sample = rows[:: 1 + len(rows) // 5000]
    languages = Counter(filter(None, (_language(model_input(row.source, row.cells)) for row in sample)))
    told = ", ".join(f"{language} {count:,}" for language, count in languages.most_common(4))
    if len(languages) > 1 and languages.most_common(2)[1][1] > max(1, 0.02 * len(sample)):
        yield f"languages are mixed (of {len(sample):,} rows looked at: {told}); keep to one."
