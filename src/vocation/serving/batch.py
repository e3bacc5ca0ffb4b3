"""Answer every row of a file, or measure the answers against labels. Needs no training library."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

import numpy as np

from vocation import metrics
from vocation.data.csv_reader import RowIssue, is_empty
from vocation.data.labels import careers_in
from vocation.errors import DataError
from vocation.progress import NullProgress
from vocation.serving import frames
from vocation.serving.answers import CHUNK, Answers, added_columns
from vocation.serving.inputs import InputTable, read
from vocation.serving.recommend import Recommender
from vocation.serving.scorer import Scorer
from vocation.serving.sheet import check_fits
from vocation.serving.writing import frame_of, writer_of
from vocation.text.clean import MAX_TEXT, label_key, mask_role, plain_text

if TYPE_CHECKING:
    import pandas

T = TypeVar("T")

NOT_JUDGED = {
    "empty_text": "the text is empty",
    "empty_label": "the career is empty",
    "unknown_label": "the career is not among those that the bundle knows",
    "unread": "the row could not be read as part of the table",
}
"""Why `evaluate` does not judge a row, which counts once."""


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What `score` did: rows, how many of each decision, of the unsure ones by reason (the most
    frequent first), rows without an answer, and hints.
    """

    rows: int
    decisions: Mapping[str, int]
    reasons: Mapping[str, int]
    issues: tuple[RowIssue, ...]
    hints: tuple[str, ...]


@overload
def score(
    source: str | Path | pandas.DataFrame | pandas.Series[Any],
    output: None = None,
    text_column: str | None = None,
    recommender: Recommender | None = None,
    top_k: int = 5,
    excel: bool = False,
    progress: NullProgress | None = None,
    encoding: str | None = None,
    **choice: Any,
) -> pandas.DataFrame: ...
@overload
def score(
    source: str | Path | pandas.DataFrame | pandas.Series[Any],
    output: str | Path,
    text_column: str | None = None,
    recommender: Recommender | None = None,
    top_k: int = 5,
    excel: bool = False,
    progress: NullProgress | None = None,
    encoding: str | None = None,
    **choice: Any,
) -> ScoreReport: ...


def score(
    source: str | Path | pandas.DataFrame | pandas.Series[Any],
    output: str | Path | None = None,
    text_column: str | None = None,
    recommender: Recommender | None = None,
    top_k: int = 5,
    excel: bool = False,
    progress: NullProgress | None = None,
    encoding: str | None = None,
    **choice: Any,
) -> ScoreReport | pandas.DataFrame:
    """Answer every row of `source`, a file or a DataFrame: its columns, then the answer's.

    With an `output` one row is written there for every row, and a report is returned. Without it a
    DataFrame is returned, with index, columns and types of the DataFrame given. The ending
    tells the format: each one that training reads; of the output .csv, .tsv, .xlsx, .jsonl or
    .parquet. `text_column` may be left out for a
    DataFrame where it has a usual name (text, profile, ...), or is the only one. Without a
    `recommender` the bundle in the folder `models` answers. Confidence is 0 to 1.

    A row that cannot be read as a row of the table has the decision "error" and no career. `excel`
    writes a byte order mark and puts an apostrophe before what a spreadsheet would run as a
    formula. The last columns are the directions of an answer that has several, and the
    `reason_code` of one that is no match. `encoding` is that of a file which is not Unicode; None
    guesses it. `choice` is what `recommend` is told besides: `exclude`, `only`. `output` appears
    complete or not at all. Raises DataError where a file cannot be read or written, or a column is
    missing.
    """
    frame = frames.as_frame(source)
    write = None if output is None else writer_of(source if frame is None else None, Path(output))
    if frame is None:
        name, table = _opened(source, encoding, text_column=text_column)
    else:
        places = [frames.text_place(frame, text_column)]
        name, table = "DataFrame", frames.table_of(frame, places, whole=write is not None)
    scorer = Scorer(recommender or "models", text_column or "text", top_k, threads=0, **choice)
    there = table.header if frame is None else list(map(str, frame.columns))
    added = added_columns(scorer, there, name)
    answering = Answers(table, scorer, progress or NullProgress())
    if frame is not None and write is None:
        return frames.with_answers(frame, added, (cells for _, cells in answering))
    rows = ([*own, *cells] for own, cells in answering)
    if write is None:
        return frame_of([*table.header, *added], rows)
    if Path(str(output)).suffix.lower() == ".xlsx":
        check_fits(table, table.size, str(output))
    more = write(Path(str(output)), [*table.header, *added], rows, table.separator, excel)
    # Hints about rows exist only once all rows were read, so after the writing.
    tally = answering.tally
    return ScoreReport(
        tally.rows,
        dict(tally.decisions),
        dict(tally.reasons.most_common()),
        tuple(tally.issues),
        (*table.hints(), *(more or ())),
    )


def _opened(source: Any, encoding: str | None, **columns: str | None) -> tuple[str, InputTable]:
    """Return the name of a file and the file, to read `columns` (argument=name) of it."""
    if not isinstance(source, (str, Path)):
        raise DataError(f"expected a file or a pandas DataFrame, found {type(source).__name__}.")
    for argument, name in columns.items():
        if name is None:
            raise DataError(f"{source}: name the column to read by {argument}.")
    return Path(source).name, read(Path(source), [str(name) for name in columns.values()], encoding)


def evaluate(
    source: str | Path | pandas.DataFrame,
    text_column: str | None = None,
    label_column: str | None = None,
    recommender: Recommender | None = None,
    progress: NullProgress | None = None,
    learnt: Container[str] | None = None,
    encoding: str | None = None,
) -> dict[str, Any]:
    """Measure `recommender` on the labelled rows of a file or a DataFrame, as for `score`; of
    several careers in a label any answer is right.

    Returns metrics `masked` (role names replaced, the honest ones) and `unmasked`; as `mixed_up`
    the pairs of careers taken for each other (masked); and what could not be judged: under
    `not_judged` the rows for each reason of NOT_JUDGED (with `judged` these are all `rows`), the
    `unknown_labels`, and as `unread` the rows that are no rows of the table. `learnt` holds the
    texts that the model has learnt, if these are known: the result's `learnt` says how many of the
    judged rows are among them, else it is None. `encoding` as for `score`.
    """
    frame = frames.as_frame(source)
    if frame is None:
        named = {"text_column": text_column, "label_column": label_column}
        name, table = _opened(source, encoding, **named)
    else:
        places = [frames.text_place(frame, text_column), frames.label_place(frame, label_column)]
        name, table = "DataFrame", frames.table_of(frame, places, whole=False)
    recommender = recommender or Recommender.load()
    known, left_out, unknown, unread = _labelled(table, recommender.classes)
    if not known:
        # Other values are counted, not shown: the column named by mistake may hold people's texts.
        column = table.header[table.positions[1]]
        first = f". The first row that cannot be read: {unread[0]}" if unread else ""
        raise DataError(
            f"{name}: no row has a text and one of the bundle's careers, such as"
            f" {recommender.classes[0]!r}, in the column {column!r}; found {len(unknown):,}"
            f" other values{_counted(left_out)}: name the column with the right career{first}"
        )
    mass = float(recommender.metadata["calibration"]["set_threshold"])
    result: dict[str, Any] = {
        "rows": len(known) + sum(left_out.values()),
        "judged": len(known),
        "not_judged": left_out,
        "learnt": None if learnt is None else sum(text in learnt for text, _ in known),
        "unknown_labels": sorted(unknown),
        "unread": [str(issue) for issue in unread],
        "hints": list(table.hints()),
    }
    # Made while they are read: a second copy of all texts would take as much memory.
    plain = (text for text, _ in known)
    masked = (_masked(text, [recommender.classes[i] for i in right]) for text, right in known)
    with (progress or NullProgress()).bar("evaluating", 2 * len(known)) as bar:
        for form, texts in (("masked", masked), ("unmasked", plain)):
            found = []
            for chunk in _chunks(texts, CHUNK):
                found.append(recommender.probabilities(chunk))
                bar.update(len(chunk))
            shares = np.concatenate(found)
            # Of several right careers the one that the answer puts first counts.
            rows = zip(shares, known, strict=True)
            labels = np.array([max(right, key=row.__getitem__) for row, (_, right) in rows])
            result[form] = metrics.report(shares, labels, mass, seed=0)
            if form == "masked":
                answered = shares.argmax(axis=1)
                result["mixed_up"] = metrics.mixed_up(answered, labels, recommender.classes)
    return result


class _Labelled(NamedTuple):
    """The rows that can be judged, as text and its right careers by number; how many others there
    are by their reason; their labels that are no career, and the rows that are none of the table.
    """

    known: list[tuple[str, list[int]]]
    left_out: dict[str, int]
    unknown: set[str]
    unread: list[RowIssue]


def _labelled(table: InputTable, classes: Sequence[str]) -> _Labelled:
    index = {label_key(name): i for i, name in enumerate(classes)}
    found = _Labelled([], dict.fromkeys(NOT_JUDGED, 0), set(), [])
    for row in table:
        if row.issue is not None:
            found.unread.append(row.issue)
            found.left_out["unread"] += 1
            continue
        text, label = table.values(row)
        text = plain_text(text[:MAX_TEXT])  # before a role name is masked in it
        key = "" if is_empty(plain_text(label)) else label_key(label)
        right = _right(label, index) if key else []
        if right and not is_empty(text):
            found.known.append((text, right))
        elif key and not right:
            found.unknown.add(label)
            found.left_out["unknown_label"] += 1
        else:
            found.left_out["empty_text" if key else "empty_label"] += 1
    return found


def _counted(left_out: Mapping[str, int]) -> str:
    found = [f"{NOT_JUDGED[key]}: {count:,}" for key, count in left_out.items() if count]
    return f" ({', '.join(found)})" if found else ""


def _right(label: str, index: Mapping[str, int]) -> list[int]:
    """The careers that a label names, by their number; `index` goes by `label_key`."""
    names = [label]
    if label_key(label) not in index:
        lines = [line for line in map(plain_text, label.splitlines()) if line]
        names = careers_in(plain_text(label), index, lines)
    return [index[key] for key in map(label_key, names) if key in index]


def _masked(text: str, careers: Iterable[str]) -> str:
    for career in careers:
        text = mask_role(text, career)
    return text


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
