"""Rows whose label may be wrong: what an audit found, in words and as a file. Nothing here changes
a row.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vocation.serving.batch import defused, replacing
from vocation.text.clean import percent

SHOWN = 20
_START = 200  # characters of a text that a suspect quotes
_COLUMNS = ("file", "line", "career", "suggested", "doubt", "text")


@dataclass(frozen=True, slots=True)
class LabelIssue:
    """A row whose label may be wrong: `doubt` is the probability of that (0 to 1), by a model that
    has not seen the row, `suggested` its first answer among the other careers, `text` the row's
    start.
    """

    file: str
    line: int
    career: str
    suggested: str
    doubt: float
    text: str

    def __str__(self) -> str:
        text = self.text if len(self.text) <= 80 else f"{self.text[:79]}…"
        return (
            f"{self.file}, line {self.line}: {self.career} -> {self.suggested}?"
            f" ({percent(self.doubt)}) {text}"
        )


def start(text: str) -> str:
    """As much of a text as a suspect quotes."""
    return text if len(text) <= _START else f"{text[: _START - 1]}…"


@dataclass(frozen=True, slots=True)
class LabelReport:
    """The suspects among `judged` rows, the most doubtful first. `right` is the share of these rows
    whose own career was the first answer, `share` the estimated share of wrong labels; `unjudged`
    rows belong to careers with too few texts to judge them by.
    """

    suspects: tuple[LabelIssue, ...]
    judged: int
    unjudged: int
    right: float
    share: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def write(self, path: str | Path) -> None:
        """All suspects as CSV, one a row, made so that a spreadsheet shows them and runs none.
        Raises DataError where that is impossible.
        """
        with replacing(Path(path), mode="w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_COLUMNS)
            for suspect in self.suspects:
                cells = asdict(suspect) | {"doubt": round(suspect.doubt, 4)}
                writer.writerow([defused(cells[name]) for name in _COLUMNS])

    def text(self, most: int = SHOWN) -> str:
        """The first `most` suspects and what to do about them."""
        return "\n".join(self._lines(most))

    def _lines(self, most: int) -> Iterator[str]:
        if not self.judged:
            yield (
                "Labels that may be wrong: cannot be told; too few careers have three different"
                f" texts and more ({self.unjudged:,} rows unjudged)."
            )
            return
        yield (
            f"Labels that may be wrong: {len(self.suspects):,} of {self.judged:,} rows. A model"
            " that had not seen the row was asked; its first answer was the row's own career in"
            f" {percent(self.right)} of them. Nothing was changed."
        )
        if self.suspects:
            yield (
                f"Estimated share of wrong labels: {percent(self.share)}. Behind each suggestion"
                " stands how probable a wrong label is."
            )
        yield from (f"  {suspect}" for suspect in self.suspects[:most])
        if len(self.suspects) > most:
            yield (
                f"  and {len(self.suspects) - most:,} more (--audit-limit {len(self.suspects)}"
                " shows them, --output suspects.csv writes them all)"
            )
        if self.unjudged:
            yield (
                f"  {self.unjudged:,} rows were not judged: their careers have fewer than three"
                " different texts."
            )
        if not self.suspects:
            yield (
                "  No row speaks clearly of another career than its own. That is no proof: what the"
                " model cannot tell apart it cannot doubt."
            )
            return
        yield (
            "Read them one by one, and correct the label in your file where it is wrong. It may be"
            " right all the same, as where a text speaks of a neighbouring career or of a former"
            " job."
        )
        pairs = Counter(
            tuple(sorted((suspect.career, suspect.suggested))) for suspect in self.suspects
        )
        (one, other), times = pairs.most_common(1)[0]
        if times >= 3 and 5 * times >= len(self.suspects):
            yield (
                f"{times:,} of them lie between {one!r} and {other!r}: if your users would not tell"
                " these two apart, make them one career."
            )
