"""Report what became of every row of the files: kept, merged or dropped, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vocation.data.csv_reader import RowIssue
from vocation.data.warnings import by_reason
from vocation.format import place

_HINTS = 40  # shown to people; JSON has them all
_CAREERS = 20  # the same, of careers in one line


@dataclass(frozen=True, slots=True)
class Merge:
    """A row with the same text as an earlier one of its role. `similarity` is 1.0 for equal words,
    else the share of common word runs.
    """

    role: str
    kept_file: str
    kept_line: int
    file: str
    line: int
    similarity: float

    def __str__(self) -> str:
        return (
            f"{place(self.file, self.line)} repeats {place(self.kept_file, self.kept_line)}"
            f" ({self.similarity:.2f}, {self.role})"
        )


@dataclass(frozen=True, slots=True)
class LabelMerge:
    """Another spelling of a career's name and the number of rows that use it."""

    spelling: str
    rows: int
    career: str

    def __str__(self) -> str:
        return (
            f"{self.spelling!r} ({self.rows:,} {'row' if self.rows == 1 else 'rows'}) is read as"
            f" {self.career!r}"
        )


@dataclass(frozen=True, slots=True)
class TitleMerges:
    """Titles that differ in marks of gender, level or place alone; `done` if they were merged.

    `before` and `after` count the careers with them and without. Only titles that change are in
    `merges`.
    """

    done: bool
    before: int
    after: int
    merges: tuple[LabelMerge, ...]

    def lines(self) -> list[str]:
        """The same for people, a line for each career."""
        of: dict[str, list[str]] = {}
        for merge in self.merges:
            of.setdefault(merge.career, []).append(
                f"{merge.spelling} ({_count(merge.rows, 'row')})"
            )
        title = (
            f"Titles merged ({self.before:,} careers became {self.after:,}):"
            if self.done
            else f"--merge-titles would make {self.after:,} careers of {self.before:,}:"
        )
        shown = list(of.items())[:_CAREERS]
        more = [f"  and {len(of) - _CAREERS:,} more careers"] if len(of) > _CAREERS else []
        return [title, *(f"  {career} <- {_some(titles)}" for career, titles in shown), *more]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The same or nearly the same text under several careers: one (career, file, line) for each."""

    places: tuple[tuple[str, str, int], ...]

    def __str__(self) -> str:
        shown = [f"{role} ({place(file, line)})" for role, file, line in self.places[:4]]
        return " = ".join(shown) + (" ..." if len(self.places) > 4 else "")


@dataclass(frozen=True, slots=True)
class Additions:
    """What the user's careers change in the default catalogue.

    `kept` default careers stay, `added` are the user's new careers, `replaced` has (the user's
    career, the default one whose place it takes), and `moved` (alias, the default career that
    loses it, the user's career that it names now).
    """

    kept: int
    added: Sequence[str] = ()
    replaced: Sequence[tuple[str, str]] = ()
    moved: Sequence[tuple[str, str, str]] = ()

    @property
    def careers(self) -> list[str]:
        """The user's careers."""
        return [*self.added, *dict.fromkeys(own for own, _ in self.replaced)]

    def lines(self) -> list[str]:
        """The same for people."""
        gone = len({default for _, default in self.replaced})
        pairs = [own if own == default else f"{own} -> {default}" for own, default in self.replaced]
        moved = [f"{alias!r} of {default} -> {own}" for alias, default, own in self.moved]
        found = (
            (self.added, f"Adds {_count(len(self.added), 'career')}"),
            (pairs, f"Replaces {_count(gone, 'default career')} (new -> default)"),
            (moved, f"Takes {_count(len(moved), 'alias', 'es')} of default careers"),
        )
        return [
            f"Default careers: {self.kept:,} of {self.kept + gone:,} kept.",
            *(f"  {what}: {_some(items)}" for items, what in found if items),
        ]


def _count(number: int, what: str, plural: str = "s") -> str:
    return f"{number:,} {what}{plural if number != 1 else ''}"


def _some(items: Sequence[str]) -> str:
    more = len(items) - _CAREERS
    return ", ".join(items[:_CAREERS]) + (f" and {more:,} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every row. `rows_in` + `copies` == `used` + len(`merged`) + len(`dropped`);
    `copies` are the rows added for the second career and further ones of a row. `unique` counts
    exactly different (role, text) pairs.

    `level` is what the guide calls the data: "below minimum", "minimum", "recommended" or "best";
    `missing` says what the next level needs. `additions` is None unless the default careers were
    kept beside the user's, `titles` unless some could be, or were, merged.
    """

    rows_in: int
    used: int
    unique: int
    roles: int
    sources: Mapping[str, int]
    merged: tuple[Merge, ...]
    dropped: tuple[RowIssue, ...]
    label_merges: tuple[LabelMerge, ...]
    contradictions: tuple[Contradiction, ...]
    warnings: tuple[str, ...]
    hints: tuple[str, ...]
    level: str
    missing: str
    additions: Additions | None = None
    copies: int = 0
    titles: TitleMerges | None = None

    def __post_init__(self) -> None:
        if self.rows_in + self.copies != self.used + len(self.merged) + len(self.dropped):
            raise RuntimeError(
                f"rows are lost: {self.rows_in} in, {self.copies} copied, {self.used} used,"
                f" {len(self.merged)} merged, {len(self.dropped)} dropped"
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `additions` and `titles` only where there are some."""
        absent = [name for name in ("additions", "titles") if getattr(self, name) is None]
        return {name: value for name, value in asdict(self).items() if name not in absent}

    def __str__(self) -> str:
        lines = [
            "Merged dataset created:",
            f"  Total samples: {self.used:,}",
            f"  Unique roles: {self.roles:,}",
            "",
            "  Samples per source:",
        ]
        lines += [f"  {source:<8} {count:,}" for source, count in self.sources.items()]
        lines += ["", *self.additions.lines()] if self.additions else []
        merged, dropped = len(self.merged), len(self.dropped)
        copies = f" + {self.copies:,} for further careers of a row" if self.copies else ""
        lines += [
            "",
            (
                f"Rows: {self.rows_in:,} read{copies} = {self.used:,} used + {merged:,} merged +"
                f" {dropped:,} dropped ({self.unique:,} unique)"
            ),
        ]
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
            if items is self.dropped and len(reasons := by_reason(self.dropped)) > 1:
                lines += ["", "Dropped, by reason:", *(f"  {n:,}: {why}" for why, n in reasons)]
            shown = items[: _HINTS if title == "Hints" else 3]
            lines += ["", f"{title}:", *(f"  {item}" for item in shown)] if items else []
            lines += [f"  and {len(items) - len(shown):,} more"] if len(items) > len(shown) else []
            if title.startswith("Spellings") and self.titles:
                lines += ["", *self.titles.lines()]
        return "\n".join(lines)
