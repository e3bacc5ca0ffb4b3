"""Answer every row of a file, or measure the answers against labels. Needs no training library."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO, TypeVar

import numpy as np

from vocation import metrics
from vocation.data.csv_reader import RowIssue, is_empty
from vocation.errors import DataError, MissingExtra
from vocation.files import replacing
from vocation.progress import NullProgress
from vocation.records import Recommendation
from vocation.serving.inputs import AT_ONCE, InputTable, parts, read
from vocation.serving.recommend import Recommender
from vocation.serving.sheet import MOST_ROWS, write_sheet
from vocation.text.clean import MAX_TEXT, clean, label_key, mask_role

T = TypeVar("T")

CHUNK = 128
"""Rows that are answered together."""

NOT_JUDGED = {
    "empty_text": "the text is empty",
    "empty_label": "the career is empty",
    "unknown_label": "the career is not among those that the bundle knows",
    "unread": "the row could not be read as part of the table",
}
"""Why `evaluate` does not judge a row, which counts once."""

UNREAD = "unread"
"""What stands for the reason of a row that is no row of the table, in the output of `score`."""
# json.loads makes half a pair of "\ud83d" alone.
_HALF = re.compile("[\ud800-\udfff]")
# What spreadsheets may pass over before a formula.
_UNSEEN = (
    "(?:[^\\S\\t\\r\\n]|[\"'\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\\xad"
    "\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff])*"
)
_SIGN = (  # begins a formula; also in their full-width forms
    "[=+\\-@|%\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212]"
)
# Puts an apostrophe before "=1+1" and into "a;=1"; "a=1" stays. "'a" gets a second one, so that
# `original` takes away only what was added.
_LIVE = re.compile(f"(?:^(?=[\\t\\r\\n'])|(?:^|(?<=[,;|\\t\\r\\n]))(?={_UNSEEN}{_SIGN}))")
_DEFUSED = re.compile(f"^'|(?<=[,;|\\t\\r\\n])'(?={_UNSEEN}{_SIGN})")


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


def score(
    source: str | Path,
    output: str | Path,
    text_column: str,
    recommender: Recommender,
    top_k: int = 5,
    excel: bool = False,
    progress: NullProgress | None = None,
    **choice: Any,
) -> ScoreReport:
    """Write one row to `output` for every row of `source`: its columns, then the answer's.

    The ending tells the format: every one that training reads, and of the output one of .csv,
    .tsv, .xlsx, .jsonl, .parquet. Confidence is 0 to 1.
    A row that cannot be read as a row of the table has the decision "error" and no career. `excel`
    writes a byte order mark and puts an apostrophe before what a spreadsheet would run as a
    formula. The last columns are the directions of an answer that has several, and the
    `reason_code` of one that is no match. `choice` is what
    `recommend` is told besides: `exclude`, `only`. `output` appears complete or not at all. Raises
    DataError where a file cannot be read or written, or a column is missing.
    """
    source, output = Path(source), Path(output)
    if source.is_file() and output.exists() and output.samefile(source):
        raise DataError(
            f"{output} is the file that is read, and would be replaced: name another output"
        )
    write = _WRITERS.get(output.suffix.lower())
    if write is None:
        raise DataError(
            f"{output}: expected an output that ends in {', '.join(_WRITERS)}, found"
            f" {output.suffix or 'no ending'}"
        )
    table = read(source, [text_column])
    k = min(top_k, len(recommender.classes))
    answered = (name for i in range(1, k + 1) for name in (f"career_{i}", f"confidence_{i}"))
    added = ["decision", *answered, "directions", "reason"]
    clash = [name for name in added if name in table.header]
    if clash:
        raise DataError(
            f"{source.name} already has a column {clash[0]!r}, which score would write: rename it"
        )
    # All four are in the report, also those that no row had.
    decisions: Counter[str] = Counter({"match": 0, "unsure": 0, "help": 0, "error": 0})
    reasons: Counter[str] = Counter()
    issues: list[RowIssue] = []

    # A generator: the text formats are written row by row, while answers come.
    def results() -> Iterator[list[Any]]:
        """Yield the rows of the output, answered a chunk at a time."""
        done = 0
        with (progress or NullProgress()).bar("scoring", table.size) as bar:
            for rows in parts(table, CHUNK, AT_ONCE[1]):
                texts = [table.values(row)[0] for row in rows if row.issue is None]
                answers = iter(recommender.recommend(texts, top_k=k, **choice) if texts else [])
                for row in rows:
                    if row.issue is None:
                        cells = _cells(next(answers), k)
                    else:
                        cells = ["error", *[None] * (2 * k + 1), UNREAD]
                        issues.append(row.issue)
                    decisions[cells[0]] += 1
                    if cells[0] == "unsure":
                        reasons[cells[-1]] += 1
                    yield [*row.cells, *cells]
                # The bar counts lines of the file: a row can have several.
                bar.update(rows[-1].line - done)
                done = rows[-1].line

    if write is _write_xlsx:
        _fits_a_sheet(output, table)
    more = write(output, [*table.header, *added], results(), table.separator, excel)
    # Hints about rows exist only once all rows were read, so after the writing.
    return ScoreReport(
        sum(decisions.values()),
        dict(decisions),
        dict(reasons.most_common()),
        tuple(issues),
        (*table.hints(), *(more or ())),
    )


def evaluate(
    source: str | Path,
    text_column: str,
    label_column: str,
    recommender: Recommender,
    progress: NullProgress | None = None,
    learnt: Container[str] | None = None,
) -> dict[str, Any]:
    """Measure `recommender` on labelled rows.

    Returns metrics `masked` (role names replaced, the honest ones) and `unmasked`; as `mixed_up`
    the pairs of careers taken for each other (masked); and what could not be judged: under
    `not_judged` the rows for each reason of NOT_JUDGED (with `judged` these are all `rows`), the
    `unknown_labels`, and as `unread` the rows that are no rows of the table. `learnt` holds the
    texts that the model has learnt, if these are known: the result's `learnt` says how many of the
    judged rows are among them, else it is None.
    """
    table = read(Path(source), [text_column, label_column])
    index = {label_key(name): i for i, name in enumerate(recommender.classes)}
    known: list[tuple[str, int]] = []
    unknown: set[str] = set()
    unread: list[RowIssue] = []
    left_out = dict.fromkeys(NOT_JUDGED, 0)
    for row in table:
        if row.issue is not None:
            unread.append(row.issue)
            left_out["unread"] += 1
            continue
        text, label = table.values(row)
        key = "" if is_empty(clean(label)) else label_key(label)
        if key in index and not is_empty(clean(text)):
            # One more than is read, so that the answer can tell that there was more.
            known.append((text[: MAX_TEXT + 1], index[key]))
        elif key and key not in index:
            unknown.add(label)
            left_out["unknown_label"] += 1
        else:
            left_out["empty_text" if key else "empty_label"] += 1
    if not known:
        # Other values are counted, not shown: the column named by mistake may hold people's texts.
        first = f". The first row that cannot be read: {unread[0]}" if unread else ""
        raise DataError(
            f"{Path(source).name}: no row has a text and one of the bundle's careers, such as"
            f" {recommender.classes[0]!r}, in the column {label_column!r}; found {len(unknown):,}"
            f" other values{_counted(left_out)}: name the column with the right career{first}"
        )
    labels = np.array([label for _, label in known])
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
    masked = (mask_role(text, recommender.classes[label]) for text, label in known)
    with (progress or NullProgress()).bar("evaluating", 2 * len(known)) as bar:
        for name, texts in (("masked", masked), ("unmasked", plain)):
            found = []
            for chunk in _chunks(texts, CHUNK):
                found.append(recommender.probabilities(chunk))
                bar.update(len(chunk))
            probabilities = np.concatenate(found)
            result[name] = metrics.report(probabilities, labels, mass, seed=0)
            if name == "masked":
                answered = probabilities.argmax(axis=1)
                result["mixed_up"] = metrics.mixed_up(answered, labels, recommender.classes)
    return result


def _counted(left_out: Mapping[str, int]) -> str:
    found = [f"{NOT_JUDGED[key]}: {count:,}" for key, count in left_out.items() if count]
    return f" ({', '.join(found)})" if found else ""


def _cells(answer: Recommendation, k: int) -> list[Any]:
    """Return the cells of an answer: decision, k careers with confidence, directions, reason."""
    cells: list[Any] = [answer.decision]
    for one in answer.careers[:k]:
        cells += [one.career, round(one.confidence, 6)]
    # "help" and an empty text have no careers, but the row needs all its columns.
    empty = [None] * (1 + 2 * k - len(cells))
    return [*cells, *empty, "; ".join(answer.directions) or None, answer.reason_code]


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


# --- writing --------------------------------------------------------------------------------------


@contextmanager
def text_output(output: Path, encoding: str, errors: str = "strict") -> Iterator[TextIO]:
    """A text file, readable for its owner alone, that replaces `output` when it is complete."""
    with _output(output) as file:
        # newline: the csv module decides about line ends.
        text = io.TextIOWrapper(file, encoding, errors, newline="")
        yield text
        text.detach()  # flushes, and leaves the file open to be moved into place


@contextmanager
def _output(output: Path) -> Iterator[BinaryIO]:
    try:
        with replacing(output, mode=0o600) as file:
            yield file
    except OSError as error:
        raise DataError(f"{output} cannot be written ({error.strerror})") from None


def _write_csv(
    output: Path, header: list[str], rows: Iterable[list[Any]], separator: str, excel: bool
) -> None:
    # Excel takes a CSV file for UTF-8 only if it has a byte order mark.
    with text_output(output, "utf-8-sig" if excel else "utf-8") as file:
        plain = csv.writer(file, delimiter=separator, lineterminator="\n")
        # A plain writer leaves "\r" bare, which splits rows.
        quoted = csv.writer(file, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row in chain([header], rows):
            row = [_whole(cell) for cell in row]
            writer = quoted if any("\r" in cell for cell in row if isinstance(cell, str)) else plain
            writer.writerow([defused(cell) for cell in row] if excel else row)


def _whole(cell: Any) -> Any:
    """`cell` with U+FFFD for halves of surrogate pairs, which JSON can hold and UTF-8 cannot."""
    return _HALF.sub("\ufffd", cell) if isinstance(cell, str) else cell


def defused(cell: Any) -> Any:
    """`cell` with an apostrophe wherever a spreadsheet would begin to run it.

    That is at its start, and behind a separator or line break within it (a spreadsheet set to
    another separator splits the cell there). Numbers stay numbers. `original` is the inverse.
    """
    return (
        cell if cell is None or isinstance(cell, bool | int | float) else _LIVE.sub("'", str(cell))
    )


def original(cell: str) -> str:
    """The text of a cell of a file that was written with `--excel`."""
    return _DEFUSED.sub("", cell)


def _write_jsonl(
    output: Path, header: list[str], rows: Iterable[list[Any]], separator: str, excel: bool
) -> None:
    # For half of a surrogate pair a backslash escape is JSON's own way to write it.
    with text_output(output, "utf-8", errors="backslashreplace") as file:
        keys = _unique(header)
        for row in rows:
            record = dict(zip(keys, row, strict=True))
            # Dates and the like, which parquet has and JSON has not, as text.
            file.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")


def _unique(header: list[str]) -> list[str]:
    """Return column names for formats in which no two may be equal: "note", "note_2"."""
    names: list[str] = []
    for name in header:
        number, free = 1, name
        # A name made up here must not be that of a later column.
        while free in names or (number > 1 and free in header):
            number += 1
            free = f"{name or 'column'}_{number}"
        names.append(free)
    return names


def _write_parquet(
    output: Path, header: list[str], rows: Iterable[list[Any]], separator: str, excel: bool
) -> None:
    import pandas

    names = [_whole(name) for name in _unique(header)]
    frame = pandas.DataFrame([[_whole(cell) for cell in row] for row in rows], columns=names)
    try:
        # Without a path pandas returns the bytes, and `_output` writes them in one step.
        content = frame.to_parquet(index=False)
    except ImportError:
        raise MissingExtra("parquet", "parquet") from None
    except (ValueError, TypeError) as error:  # pyarrow's own kinds: values of several types
        raise DataError(
            f"{output}: cannot be written as parquet ({str(error)[:100]}); write .jsonl instead"
        ) from None
    with _output(output) as file:
        file.write(content)


def _fits_a_sheet(output: Path, table: InputTable) -> None:
    """Raise DataError for more rows than a sheet has: better now than when all are answered."""
    most = MOST_ROWS - 1
    # Lines may be fewer rows, so only many of them are worth counting.
    if table.size > most and (rows := sum(1 for _ in table)) > most:
        raise DataError(
            f"{output}: a sheet holds at most {MOST_ROWS:,} rows with the column names, and there"
            f" are {rows:,} to write. Write .csv instead"
        )


def _write_xlsx(
    output: Path, header: list[str], rows: Iterable[list[Any]], separator: str, excel: bool
) -> list[str]:
    with _output(output) as file:
        return write_sheet(file, chain([header], rows), str(output))


_WRITERS: Mapping[
    str, Callable[[Path, list[str], Iterable[list[Any]], str, bool], list[str] | None]
] = {
    ".csv": _write_csv,
    ".tsv": _write_csv,
    ".xlsx": _write_xlsx,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
