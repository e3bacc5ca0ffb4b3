"""Rows whose label may be wrong: what was found, in words and as a CSV file. No row is changed."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vocation.format import percent, place
from vocation.serving.writing import defused, text_output

SHOWN = 20
"""Issues that the terminal shows where no number is given."""

_START = 200  # characters of a text that an issue quotes
_COLUMNS = ("file", "line", "career", "suggested", "probability", "text")


@dataclass(frozen=True, slots=True)
class LabelIssue:
    """A row whose label may be wrong.

    probability: that of a wrong label (0 to 1), by a model that has not seen the row. suggested:
    that model's first answer among the other careers. text: the start of the row's text.
    """

    file: str
    line: int
    career: str
    suggested: str
    probability: float
    text: str

    def __str__(self) -> str:
        text = self.text if len(self.text) <= 80 else f"{self.text[:79]}…"
        return (
            f"{place(self.file, self.line)}: {self.career} -> {self.suggested}?"
            f" ({percent(self.probability)}) {text}"
        )


def start(text: str) -> str:
    """As much of a text as an issue quotes."""
    return text if len(text) <= _START else f"{text[: _START - 1]}…"


@dataclass(frozen=True, slots=True)
class LabelReport:
    """The label issues of a data set, the most probable first.

    judged: how many rows were judged; unjudged: how many belong to careers with too few texts.
    accuracy: the share of judged rows whose own career was the model's first answer. share: the
    estimated share of wrong labels.
    """

    issues: tuple[LabelIssue, ...]
    judged: int
    unjudged: int
    accuracy: float
    share: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def write(self, path: str | Path) -> None:
        """Write all issues as CSV, with formulas defused for spreadsheets.

        Raises DataError where `path` cannot be written.
        """
        # The byte order mark tells Excel that the file is UTF-8.
        with text_output(Path(path), "utf-8-sig") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_COLUMNS)
            for issue in self.issues:
                cells = asdict(issue) | {"probability": round(issue.probability, 4)}
                writer.writerow([defused(cells[name]) for name in _COLUMNS])

    def text(self, most: int = SHOWN) -> str:
        """The first `most` issues and what to do about them."""
        return "\n".join(self._lines(most))

    def _lines(self, most: int) -> Iterator[str]:
        if not self.judged:
            yield (
                "Labels that may be wrong: unknown, too few careers have at least three different"
                f" texts ({self.unjudged:,} rows not judged)."
            )
            return
        yield (
            f"Labels that may be wrong: {len(self.issues):,} of {self.judged:,} rows. Each row was"
            " judged by a model that had not seen it; its first answer was the row's own career in"
            f" {percent(self.accuracy)} of them. Nothing was changed."
        )
        if self.issues:
            yield (
                f"Estimated share of wrong labels: {percent(self.share)}. The percentage of a row"
                " is the probability that its label is wrong."
            )
        yield from (f"  {issue}" for issue in self.issues[:most])
        if len(self.issues) > most:
            yield (
                f"  and {len(self.issues) - most:,} more (--issue-limit {len(self.issues)}"
                " shows them, --output label_issues.csv writes them all)"
            )
        if self.unjudged:
            yield (
                f"  {self.unjudged:,} rows were not judged: their careers have fewer than three"
                " different texts."
            )
        yield from self._advice()

    def _advice(self) -> Iterator[str]:
        if not self.issues:
            yield (
                "  No row clearly points to another career than its own. That is no proof: between"
                " careers that the model cannot tell apart, wrong labels stay hidden."
            )
            return
        yield (
            "Read them one by one, and correct the label in your file where it is wrong. It may"
            " still be right, for example where a text is about a related career or a former job."
        )
        # Sorted: a mix-up in either direction is one pair.
        pairs = Counter(tuple(sorted((issue.career, issue.suggested))) for issue in self.issues)
        (one, other), times = pairs.most_common(1)[0]
        # Fewer than three, or less than a fifth of the list, may be one pair by chance.
        if times >= 3 and 5 * times >= len(self.issues):
            yield (
                f"{times:,} of them are between {one!r} and {other!r}: if your users would not tell"
                " these two apart, merge them into one career."
            )
