"""Answer the rows of a file of any size into a folder: a file for each block of rows, so that a
kill costs one block, and any number of processes can work on the same folder.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from vocation import __version__
from vocation.data.formats import ending_of
from vocation.errors import DataError
from vocation.files import PART, atomic_write
from vocation.progress import NullProgress
from vocation.serving.answers import (
    CHUNK,
    Answered,
    Engine,
    Rows,
    Tally,
    added_columns,
    answered,
)
from vocation.serving.inputs import AT_ONCE, SHOWN, InputRow, InputTable, parts, read
from vocation.serving.scorer import Scorer
from vocation.serving.writing import Write, folder_writer

ROWS = 5000
"""Rows of a file of the output: at 50 to 300 rows a second a kill costs less than two minutes, and
a million rows make 200 files.
"""
MANIFEST, SUCCESS = "_manifest.json", "_SUCCESS"
_SAY_EVERY = 60  # seconds between two lines about the progress
_SAME = {
    "version": "another version of vocation",
    "bundle": "another bundle",
    "text_column": "another text column",
    "format": "another --format",
    "rows_per_file": "other --rows-per-file",
    "options": "other options",
    "input": "another input, or the input has changed since",
    "columns": "other columns",
}
"""What the manifest says, and how a sentence calls it where it differs."""


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What a run wrote: `tally` of its rows, in `files` files. `missing` is how many files of the
    folder other runs have to write; 0 where all `rows` of the input are answered.
    """

    tally: Tally
    files: int
    rows: int
    missing: int
    hints: tuple[str, ...]


def in_process(table: InputTable, rows: Rows, scorer: Scorer) -> Iterator[list[Answered]]:
    """The engine that answers where it is called."""
    return answered(table, rows(), scorer)


def score_folder(
    source: str | Path,
    output: str | Path,
    scorer: Scorer,
    form: str | None = None,
    shard: tuple[int, int] = (1, 1),
    rows_per_file: int = ROWS,
    excel: bool = False,
    progress: NullProgress | None = None,
    encoding: str | None = None,
    engine: Engine = in_process,
) -> FolderReport:
    """Answer the rows of the file `source` into the folder `output`, as far as it is not done.

    `form` is csv, jsonl or parquet; None takes the one nearest to that of the input. Each file has
    `rows_per_file` rows, the last one fewer; together, in the order of their names, they are what
    `batch.score` writes. Of `shard` (i, n), i from 1, every n-th file is written, from the i-th on.
    A folder that was begun with another input, bundle or other options is refused, and so is one
    that holds other files: DataError says what differs. It may go on with another `engine`.
    """
    source, output = Path(source), Path(output)
    table = read(source, [scorer.text_column], encoding)
    header = [*table.header, *added_columns(scorer, table.header, source.name)]
    form = form or _form(source.name)
    write = folder_writer(form, table, header)
    options = {
        "top": scorer.careers,
        **{name: sorted(names) for name, names in scorer.choice.items()},
        "excel": excel,
        "encoding": encoding,
    }
    _begin(
        output,
        {
            "version": __version__,
            "bundle": scorer.fingerprint,
            "text_column": scorer.text_column,
            "format": form,
            "rows_per_file": rows_per_file,
            "options": options,
            "input": _identity(source),
            "columns": header,
        },
    )
    blocks = _Blocks(output, form, rows_per_file, shard)
    if (rows := blocks.complete()) is not None:
        return FolderReport(Tally(), 0, rows, 0, ())
    run = _Run(blocks, table, scorer, progress, engine)
    run.write_all(write, header, excel)
    return run.end()


class _Blocks:
    """The files of the folder, and which of them this run writes."""

    def __init__(self, folder: Path, form: str, size: int, shard: tuple[int, int]) -> None:
        self.folder, self.size = folder, size
        self._form, self._shard = form, shard
        self._wanted: dict[int, bool] = {}

    def path(self, block: int) -> Path:
        """The file of a block, counted from 0."""
        return self.folder / f"part-{block + 1:06}.{self._form}"

    def is_mine(self, block: int) -> bool:
        """Whether this shard has the block."""
        shard, shards = self._shard
        return block % shards == shard - 1

    def is_wanted(self, block: int) -> bool:
        """Whether this run writes the block; looked up once, as rows are read ahead."""
        if block not in self._wanted:
            self._wanted[block] = self.is_mine(block) and not self.path(block).exists()
        return self._wanted[block]

    def skips(self, row: int) -> bool:
        """Whether row `row`, from 0 on, is of no wanted block."""
        return not self.is_wanted(row // self.size)

    def left(self, after: int, rows: int) -> int:
        """Return how many rows behind block `after` this run has to answer, if there are `rows`."""
        blocks = range(after + 1, -(-rows // self.size))
        return self.size * sum(self.is_mine(i) and not self.path(i).exists() for i in blocks)

    def missing(self, rows: int) -> list[Path]:
        """Return the files that are not there, if the input has `rows`."""
        blocks = range(max(-(-rows // self.size), 1))
        return [path for path in map(self.path, blocks) if not path.exists()]

    def complete(self) -> int | None:
        """Return the rows of the input where all files are there and marked as complete."""
        try:
            rows = int(json.loads((self.folder / SUCCESS).read_bytes())["rows"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return None if self.missing(rows) else rows


class _Run:
    """One pass over the input."""

    def __init__(
        self,
        blocks: _Blocks,
        table: InputTable,
        scorer: Scorer,
        progress: NullProgress | None,
        engine: Engine,
    ) -> None:
        self._blocks, self._table, self._scorer = blocks, table, scorer
        self._engine = engine
        self._progress = progress or NullProgress()
        self._tally = Tally(most=SHOWN)
        self._rows = self._files = 0
        self._begun = self._said = time.monotonic()

    def write_all(self, write: Write, header: list[str], excel: bool) -> None:
        """Write the blocks that are wanted."""
        order: deque[int] = deque()  # the blocks of the parts that are being answered

        def rows() -> Iterator[list[InputRow]]:
            order.clear()  # an engine may have looked at the rows before
            for block, part in self._parts():
                order.append(block)
                yield part

        found = self._engine(self._table, rows, self._scorer)
        with self._progress.bar("scoring", self._table.size) as bar:
            line = 0

            def cells(parts: Iterator[list[tuple[InputRow, list[Any]]]]) -> Iterator[list[Any]]:
                nonlocal line
                for part in parts:
                    for row, answer in part:
                        self._tally.add(row, answer)
                        yield [*row.cells, *answer]
                    bar.update(part[-1][0].line - line)
                    line = part[-1][0].line

            for block, group in groupby(found, key=lambda _: order.popleft()):
                self._write(write, block, header, cells(group), excel)
                self._say(block, line)
        if not self._rows and self._blocks.is_wanted(0):
            self._write(write, 0, header, iter(()), excel)  # a table needs its column names

    def _parts(self) -> Iterator[tuple[int, list[InputRow]]]:
        """Yield the rows of each wanted block, in parts that are answered together."""
        rows = enumerate(self._table.rows(self._blocks.skips))
        for block, group in groupby(rows, key=lambda pair: pair[0] // self._blocks.size):
            own = (row for _, row in self._counted(group))
            if self._blocks.is_wanted(block):
                yield from ((block, part) for part in parts(own, CHUNK, AT_ONCE[1]))
            else:
                deque(own, maxlen=0)  # only counts them

    def _counted(self, rows: Iterator[tuple[int, InputRow]]) -> Iterator[tuple[int, InputRow]]:
        for number, row in rows:
            self._rows = number + 1
            yield number, row

    def _write(
        self, write: Write, block: int, header: list[str], rows: Iterator[list[Any]], excel: bool
    ) -> None:
        path = self._blocks.path(block)
        try:
            write(path, header, rows, self._table.separator, excel)
        except DataError as error:
            # Another process wrote the same block, and took ours away as left over.
            if not isinstance(error.__cause__, FileNotFoundError) or not path.exists():
                if isinstance(error.__cause__, OSError):
                    raise DataError(
                        f"{error}: complete files are kept; run the same command again later"
                    ) from error
                raise
        _clean(path.parent, f".{path.name}-*{PART}")
        self._files += 1

    def _say(self, block: int, line: int) -> None:
        """Say now and then how fast it goes and how long it will take."""
        now = time.monotonic()
        if now - self._said < _SAY_EVERY:
            return
        self._said = now
        done = self._tally.rows
        # A row may have several lines: those that are left have as many as those before. More rows
        # are read than answered, so not they count, but all up to the end of this block.
        seen = (block + 1) * self._blocks.size
        about = max(round(seen * self._table.size / max(line, 1)), self._rows)
        left = self._blocks.left(block, about)
        rate = done / (now - self._begun)
        self._progress.line(
            f"scored {done:,} rows, {rate:,.0f} rows a second; about {left:,} rows left,"
            f" {duration(left / rate)}"
        )

    def end(self) -> FolderReport:
        """Mark the folder as complete where it is."""
        self._table.check()
        missing = self._blocks.missing(self._rows)
        if not missing:
            files = max(-(-self._rows // self._blocks.size), 1)
            content = json.dumps({"rows": self._rows, "files": files})
            path = self._blocks.folder / SUCCESS
            try:
                atomic_write(path, content + "\n", mode=0o600)
            except FileNotFoundError:
                if not path.exists():
                    raise
                # Another process ended at the same time, and took ours away as left over.
            _clean(path.parent, f".*{PART}")
        return FolderReport(
            self._tally, self._files, self._rows, len(missing), tuple(self._table.hints())
        )


def _begin(folder: Path, now: Mapping[str, Any]) -> None:
    """Write the manifest of a new folder, or compare it with the one that is there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Hidden files are those of other processes that begin, or of the system.
        others = [one.name for one in folder.iterdir() if not one.name.startswith(".")]
        path = folder / MANIFEST
        if not path.exists():
            if others:
                raise DataError(
                    f"{folder} holds other files ({others[0]}): name a new or an empty folder"
                )
            content = json.dumps(now, ensure_ascii=False, indent=1) + "\n"
            try:
                atomic_write(path, content, mode=0o600, overwrite=False)
            except FileExistsError:
                pass  # another process was first
        there = json.loads(path.read_text(encoding="utf-8"))
    except FileExistsError:
        raise DataError(f"{folder} is no folder: name another") from None
    except OSError as error:
        raise DataError(f"{folder} cannot be written ({error.strerror}): name another") from error
    except ValueError:
        there = None
    if not isinstance(there, dict):
        raise DataError(f"{folder / MANIFEST} cannot be read: name another folder")
    for name, what in _SAME.items():
        if _told(name, there.get(name)) != _told(name, now[name]):
            raise DataError(
                f"{folder} was begun with {what} ({_short(name, there.get(name))} there,"
                f" {_short(name, now[name])} now): continue with the same, or name another folder"
            )


def _told(name: str, value: Any) -> Any:
    # The same input may lie elsewhere on another machine.
    return value.get("sha256") if name == "input" and isinstance(value, dict) else value


def _short(name: str, value: Any) -> str:
    value = _told(name, value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:12] if name in ("bundle", "input") else text[:200]


def _identity(source: Path) -> dict[str, Any]:
    try:
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return {"name": source.name, "size": file.tell(), "sha256": digest}
    except OSError as error:
        raise DataError(f"{source}: cannot be read ({error.strerror}).") from error


def _form(name: str) -> str:
    return {".jsonl": "jsonl", ".json": "jsonl", ".parquet": "parquet"}.get(ending_of(name), "csv")


def _clean(folder: Path, pattern: str) -> None:
    """Remove what killed processes left over."""
    for path in folder.glob(pattern):
        with suppress(OSError):  # it is in nobody's way
            path.unlink()


def duration(seconds: float) -> str:
    """Return a time for people: "3 h 5 min"."""
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
