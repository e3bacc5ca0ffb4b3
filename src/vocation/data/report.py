"""Report what became of every row of the files: kept, merged or dropped, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vocation.data.csv_reader import RowIssue

_HINTS = 40  # shown to people; JSON has them all


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
            f"{self.file}, line {self.line} repeats {self.kept_file}, line {self.kept_line}"
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
class Contradiction:
    """The same or nearly the same text under several careers: one (career, file, line) for each."""

    places: tuple[tuple[str, str, int], ...]

    def __str__(self) -> str:
        shown = [f"{role} ({file}, line {line})" for role, file, line in self.places[:4]]
        return " = ".join(shown) + (" ..." if len(self.places) > 4 else "")


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every row. `rows_in` == `used` + len(`merged`) + len(`dropped`); `unique`
    counts exactly different (role, text) pairs.

    `level` is what the guide calls the data: "below minimum", "minimum", "recommended" or "best";
    `missing` says what the next level needs.
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

    def __post_init__(self) -> None:
        if self.rows_in != self.used + len(self.merged) + len(self.dropped):
            raise RuntimeError(
                f"rows are lost: {self.rows_in} in, {self.used} used, {len(self.merged)} merged,"
                f" {len(self.dropped)} dropped"
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [
            "Merged dataset created:",
            f"  Total samples: {self.used:,}",
            f"  Unique roles: {self.roles:,}",
            "",
            "  Samples per source:",
        ]
        lines += [f"  {source:<8} {count:,}" for source, count in self.sources.items()]
        merged, dropped = len(self.merged), len(self.dropped)
        lines += [
            "",
            (
                f"Rows: {self.rows_in:,} read = {self.used:,} used + {merged:,} merged +"
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
            shown = items[: _HINTS if title == "Hints" else 3]
            lines += ["", f"{title}:", *(f"  {item}" for item in shown)] if items else []
            lines += [f"  and {len(items) - len(shown):,} more"] if len(items) > len(shown) else []
        return "\n".join(lines)
