"""The owner's review: only rows that a person has ticked become rows to train on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vocation.feedback import profiles
from vocation.feedback.store import Kept, Store

COLUMNS = ("day", "bundle", "decision", "career", "confidence", "verdict", "code", "text", "review")
"""The columns of the table that is exported, in their order."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What became of a review: rows `added` to the data, `known` there already, `left` out."""

    added: int
    known: int
    left: int


def waiting(rows: Sequence[Kept]) -> list[Kept]:
    """The rows with a text that nobody has reviewed yet."""
    return [row for row in rows if row.text and not row.review]


def accept(
    store: Store,
    chosen: Mapping[str, str],
    folder: str | Path,
    left_out: Sequence[str] = (),
    keep_text: bool = False,
) -> Reviewed:
    """Add the rows `chosen`, career by token, to profiles.csv of `folder`; mark them in the store.

    The career is the one that fits or the one that the owner put in its place. Rows `left_out` are
    marked as such. Texts of both leave the store unless `keep_text`. What is not waiting in the
    store, or has no career, is passed over: a row is never added twice. Raises DataError where the
    file cannot be extended; the store is then as it was. Two reviews at once wait for each other.
    """
    added: list[bool] = []
    left: list[str] = []

    def decide(rows: list[Kept]) -> dict[str, str]:
        there = {row.token: row for row in waiting(rows)}
        tokens = [token for token, career in chosen.items() if token in there and career.strip()]
        # The file first: whatever happens between the two, the text is in one of them.
        added.extend(
            profiles.append(folder, [(chosen[token], there[token].text) for token in tokens])
        )
        left.extend(token for token in left_out if token in there and token not in tokens)
        return dict.fromkeys(left, "left out") | dict.fromkeys(tokens, "added")

    store.review(decide, keep_text)
    return Reviewed(sum(added), len(added) - sum(added), len(left))
