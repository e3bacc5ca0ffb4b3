"""Whole files against a bundle: score every row, or measure the answers against labels. Needs no
training library.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from vocation import metrics
from vocation.data.csv_reader import delimiter_of, long_cells
from vocation.data.encoding import decode
from vocation.errors import DataError, MissingExtra
from vocation.progress import NullProgress
from vocation.records import Recommendation
from vocation.serving.recommend import Recommender
from vocation.text.clean import label_key, mask_role

CHUNK = 128
_HALF = re.compile("[\ud800-\udfff]")
# What spreadsheets may pass over before a formula.
_UNSEEN = (
    "(?:[^\\S\\t\\r\\n]|[\"'\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\\xad"
    "\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff])*"
)
_SIGN = (  # begins a formula; also in their full-width forms
    "[=+\\-@|%\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212]"
)
_LIVE = re.compile(f"(?:^(?=[\\t\\r\\n'])|(?:^|(?<=[,;|\\t\\r\\n]))(?={_UNSEEN}{_SIGN}))")
_DEFUSED = re.compile(f"^'|(?<=[,;|\\t\\r\\n])'(?={_UNSEEN}{_SIGN})")


@dataclass(frozen=True, slots=True)
class _Input:
    """A file as rows of cells. `text` and `label` are the positions of the columns that were asked
    for.
    """

    header: list[str]
    rows: list[list[Any]]
    separator: str
    positions: list[int]


def score(
    source: str | Path,
    output: str | Path,
    text_column: str,
    recommender: Recommender,
    top_k: int = 5,
    excel: bool = False,
    progress: NullProgress | None = None,
) -> dict[str, int]:
    """Write one row to `output` for every row of `source`, its columns as they were and the
    answer's columns behind them.

    The kind of file goes by the suffix: .csv / .tsv / .txt, .jsonl, .parquet. Confidence is 0 to 1.
    `excel` writes a byte order mark and puts an apostrophe before what a spreadsheet would run as a
    formula. `output` appears complete or not at all. Returns how many rows there
    were: {"rows", "match", "unsure"}.
    """
    source, output = Path(source), Path(output)
    if source.is_file() and output.exists() and output.samefile(source):
        raise DataError(
            f"{output} is the file that is read, and would be replaced: name another output"
        )
    table = read(source, [text_column])
    k = min(top_k, len(recommender.classes))
    added = [
        "decision",
        *(name for i in range(1, k + 1) for name in (f"career_{i}", f"confidence_{i}")),
    ]
    clash = [name for name in added if name in table.header]
    if clash:
        raise DataError(
            f"{source.name} already has a column {clash[0]!r}, which score would write: rename it"
        )
    counts = {"rows": len(table.rows), "match": 0, "unsure": 0}

    def results() -> Iterator[list[Any]]:
        """The rows of the output, answered a chunk at a time."""
        with (progress or NullProgress()).bar("scoring", len(table.rows)) as bar:
            for rows in _chunks(table.rows, CHUNK):
                texts = [text_of(row, table.positions[0]) for row in rows]
                for row, answer in zip(rows, recommender.recommend(texts, top_k=k), strict=True):
                    counts[answer.decision] += 1
                    yield [*row, *[None] * (len(table.header) - len(row)), *_cells(answer, k)]
                bar.update(len(rows))

    write = _WRITERS.get(output.suffix.lower())
    if write is None:
        raise DataError(
            f"{output}: expected an output that ends in {', '.join(_WRITERS)}, found"
            f" {output.suffix or 'no ending'}"
        )
    write(output, [*table.header, *added], results(), table.separator, excel)
    return counts


def evaluate(
    source: str | Path,
    text_column: str,
    label_column: str,
    recommender: Recommender,
    progress: NullProgress | None = None,
) -> dict[str, Any]:
    """Figures of `recommender` on labelled rows: `masked` (role names replaced, the honest one) and
    `unmasked`, and what could not be judged.
    """
    table = read(Path(source), [text_column, label_column])
    index = {label_key(name): i for i, name in enumerate(recommender.classes)}
    pairs = [
        (text_of(row, table.positions[0]), text_of(row, table.positions[1])) for row in table.rows
    ]
    known = [
        (text, index[label_key(label)])
        for text, label in pairs
        if text.strip() and label_key(label) in index
    ]
    unknown = sorted({label for _, label in pairs if label and label_key(label) not in index})
    if not known:
        # whoever named the column of texts by mistake must not find them quoted in a log
        raise DataError(
            f"{Path(source).name}: no row has a text and one of the bundle's careers, such as"
            f" {recommender.classes[0]!r}, in the column {label_column!r}; found {len(unknown):,}"
            " other values: name the column with the right career"
        )
    labels = np.array([label for _, label in known])
    mass = float(recommender.metadata["calibration"]["set_threshold"])
    result: dict[str, Any] = {
        "rows": len(table.rows),
        "judged": len(known),
        "unknown_labels": unknown,
    }
    plain = [text for text, _ in known]
    masked = [mask_role(text, recommender.classes[label]) for text, label in known]
    with (progress or NullProgress()).bar("evaluating", 2 * len(known)) as bar:
        for name, texts in (("masked", masked), ("unmasked", plain)):
            parts = []
            for chunk in _chunks(texts, CHUNK):
                parts.append(recommender.probabilities(chunk))
                bar.update(len(chunk))
            result[name] = metrics.report(np.concatenate(parts), labels, mass, seed=0)
    return result


def _cells(answer: Recommendation, k: int) -> list[Any]:
    cells: list[Any] = [answer.decision]
    for i in range(k):
        cells += (
            [answer.careers[i].career, round(answer.careers[i].confidence, 6)]
            if i < len(answer.careers)
            else [None, None]
        )
    return cells


def _chunks(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def text_of(row: Sequence[Any], position: int) -> str:
    """The cell at `position` as text, empty where there is none."""
    value = row[position] if position < len(row) else None
    return value if isinstance(value, str) else "" if value is None else str(value)


# --------------------------------------------------------------------------------------------------


def read(path: Path, columns: list[str]) -> _Input:
    """The rows of a file, and where `columns` stand in them. DataError where there is no such file
    or column.
    """
    readers: Mapping[str, Callable[[Path], tuple[list[str], list[list[Any]], str]]] = {
        ".csv": _read_csv,
        ".tsv": _read_csv,
        ".txt": _read_csv,
        ".jsonl": _read_jsonl,
        ".parquet": _read_parquet,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        found = path.suffix or "no ending"
        raise DataError(
            f"{path}: expected a file that ends in {', '.join(readers)}, found {found}; save a"
            ' spreadsheet as "CSV UTF-8"'
        )
    if not path.is_file():
        raise DataError(f"{path}: there is no such file")
    header, rows, separator = reader(path)
    missing = [name for name in columns if name not in header]
    if missing:
        raise DataError(
            f"{path.name}: there is no column {missing[0]!r}; found"
            f" {', '.join(map(repr, header[:12]))}"
        )
    return _Input(header, rows, separator, [header.index(name) for name in columns])


def _read_csv(path: Path) -> tuple[list[str], list[list[Any]], str]:
    text, _ = decode(path.read_bytes(), path.name)
    lines = list(
        io.StringIO(text.replace("\0", ""), newline="")
    )  # not splitlines, which also parts at U+2028 and the like
    with long_cells():
        separator = delimiter_of(lines) if lines else ","
        rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    if not rows:
        raise DataError(f"{path.name}: the file is empty")
    return rows[0], rows[1:], separator


def _read_jsonl(path: Path) -> tuple[list[str], list[list[Any]], str]:
    text, _ = decode(path.read_bytes(), path.name)
    records: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            raise DataError(
                f"{path.name}, line {number}: expected one JSON object a line, found something else"
            )  # a person's text stays out
        records.append(record)
    header = list(dict.fromkeys(key for record in records for key in record))
    return header, [[record.get(key) for key in header] for record in records], ","


def _read_parquet(path: Path) -> tuple[list[str], list[list[Any]], str]:
    import pandas

    try:
        frame = pandas.read_parquet(path)
    except ImportError:
        raise MissingExtra("parquet", "parquet") from None
    except Exception as error:  # pyarrow's own kinds
        raise DataError(
            f"{path.name} is not a readable parquet file ({str(error)[:100]})"
        ) from None
    return (
        [str(column) for column in frame.columns],
        frame.astype(object).where(frame.notna(), None).to_numpy().tolist(),
        ",",
    )


# --------------------------------------------------------------------------------------------------


@contextmanager
def replacing(output: Path, **how: Any) -> Iterator[Any]:
    """A file, readable for its owner alone, that takes `output`'s place when everything was
    written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{output.name}-", dir=output.parent)
    except OSError as error:
        raise DataError(f"{output} cannot be written ({error.strerror})") from None
    try:
        with open(handle, **how) as file:
            yield file
        os.replace(name, output)
    except OSError as error:
        raise DataError(f"{output} cannot be written ({error.strerror})") from None
    finally:
        Path(name).unlink(missing_ok=True)


def _write_csv(
    output: Path, header: list[str], rows: Iterable[list[Any]], separator: str, excel: bool
) -> None:
    with replacing(
        output, mode="w", encoding="utf-8-sig" if excel else "utf-8", newline=""
    ) as file:
        plain = csv.writer(file, delimiter=separator, lineterminator="\n")
        quoted = csv.writer(
            file, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL
        )  # the other one leaves "\r" bare, which parts rows
        for row in (header, *rows):
            row = [_whole(cell) for cell in row]
            writer = quoted if any("\r" in cell for cell in row if isinstance(cell, str)) else plain
            writer.writerow([defused(cell) for cell in row] if excel else row)


def _whole(cell: Any) -> Any:
    """`cell` with U+FFFD for halves of surrogate pairs, which JSON can hold and UTF-8 cannot."""
    return _HALF.sub("\ufffd", cell) if isinstance(cell, str) else cell


def defused(cell: Any) -> Any:
    """`cell` with an apostrophe wherever a spreadsheet would begin to run it: at its start, and
    behind a separator or line break within it (a spreadsheet set to another separator parts the
    cell there). Numbers stay numbers. `original` is the inverse.
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
    with replacing(
        output, mode="w", encoding="utf-8", newline="\n", errors="backslashreplace"
    ) as file:  # of half a pair, that is JSON's own escape
        for row in rows:
            file.write(json.dumps(dict(zip(header, row, strict=False)), ensure_ascii=False) + "\n")


def _write_parquet(
    output: Path, header: list[str], rows: Iterable[list[Any]], separator: str, excel: bool
) -> None:
    import pandas

    whole = [[_whole(cell) for cell in row] for row in rows]
    try:
        content = pandas.DataFrame(whole, columns=[_whole(name) for name in header]).to_parquet(
            index=False
        )
    except ImportError:
        raise MissingExtra("parquet", "parquet") from None
    with replacing(output, mode="wb") as file:
        file.write(content)


_WRITERS: Mapping[str, Callable[[Path, list[str], Iterable[list[Any]], str, bool], None]] = {
    ".csv": _write_csv,
    ".tsv": _write_csv,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
