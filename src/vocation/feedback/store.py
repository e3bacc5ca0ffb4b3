"""Where feedback is kept: one SQLite file beside the bundle, for its owner alone.

A row has the day and not the time, no name, no session and no order; what is deleted leaves no
bytes in the file. Each call opens and closes the file, so threads and processes may share it.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from vocation.errors import DataError
from vocation.text.titles import listed_title

VERDICTS = ("fits", "does not fit")
FEWEST_SESSIONS = 3
"""Sessions that must have named a missing career before anybody is shown it: below, its title
might point to a person.
"""
LONGEST_TEXT = 2_000
"""Characters of a text that are kept: more than anybody types, and a limit to what can be sent."""
MOST_ROWS = 50_000
"""Rows beyond which nothing more is kept, so that nobody can fill the disk: 100 MB at most."""

_WAIT = 10.0  # seconds for another process that writes
_SCHEMA = (
    # Without row ids, rows lie in the order of random tokens: the file does not tell which came
    # one after the other.
    "CREATE TABLE IF NOT EXISTS thumbs (token TEXT PRIMARY KEY, day TEXT NOT NULL, bundle TEXT NOT"
    " NULL, decision TEXT NOT NULL, career TEXT NOT NULL, confidence REAL NOT NULL, verdict TEXT"
    " NOT NULL, code TEXT NOT NULL, text TEXT NOT NULL, review TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS missing (title TEXT, day TEXT, sessions INTEGER NOT NULL,"
    " PRIMARY KEY (title, day)) WITHOUT ROWID",
)
_COLUMNS = "token, day, bundle, decision, career, confidence, verdict, code, text, review"


@dataclass(frozen=True, slots=True)
class Thumb:
    """What a seeker said of one career of an answer.

    `bundle` and `decision` are those of the answer, `confidence` (0 to 1) that of the career,
    `verdict` is one of VERDICTS. `text` is what was asked and `code` that of the answer, both ""
    unless the seeker agreed: a code is made of the text, so whoever guesses one can check it.
    """

    bundle: str
    decision: str
    career: str
    confidence: float
    verdict: str
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of the store. `day` is a date such as 2026-11-28; `review` says what became of it:
    "" (waiting), "added" to the data, or "left out".
    """

    token: str
    day: str
    bundle: str
    decision: str
    career: str
    confidence: float
    verdict: str
    code: str
    text: str
    review: str


def store_of(bundle: str | Path) -> Path:
    """The store of the bundle at `bundle`: beside it, so that the next training leaves it there."""
    folder = Path(bundle).resolve()
    return folder.with_name(f"{folder.name}.feedback.sqlite3")


class Store:
    """The feedback in a file, which is made by the first row. Rows older than `keep_days` go when
    it is used first, and then every day.
    """

    def __init__(self, path: str | Path, keep_days: int = 180) -> None:
        self.path, self._keep, self._swept = Path(path), keep_days, date.min

    def put(self, thumb: Thumb, token: str = "") -> str:
        """Keep one verdict, or change the one kept under `token`; return its token.

        Whoever has the token can take the row back. "" where the store is full. Raises ValueError
        for a verdict that is none, DataError where the file cannot be written.
        """
        if thumb.verdict not in VERDICTS:
            raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}, found {thumb.verdict!r}")
        given, token = token, token or secrets.token_hex(16)
        with self._open(make=True) as db:
            full = db.execute("SELECT count(*) FROM thumbs").fetchone()[0] >= MOST_ROWS
            if full and not given:
                return ""
            db.execute(
                f"INSERT INTO thumbs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')"
                " ON CONFLICT (token) DO UPDATE SET verdict = excluded.verdict",
                (
                    token,
                    _today().isoformat(),
                    thumb.bundle,
                    thumb.decision,
                    thumb.career,
                    # All digits would be a trace of the text.
                    round(thumb.confidence, 2),
                    thumb.verdict,
                    thumb.code,
                    thumb.text[:LONGEST_TEXT],
                ),
            )
        return token

    def attach(self, tokens: Collection[str], text: str, code: str) -> None:
        """Keep the text and the code of an answer with its rows; "" for both takes them away."""
        changed = [(text[:LONGEST_TEXT], code, token) for token in tokens]
        with self._open() as db:
            _together(db, "UPDATE thumbs SET text = ?, code = ? WHERE token = ?", changed)
            if not text:
                _wipe(db)

    def given(self, tokens: Iterable[str]) -> dict[str, Kept]:
        """The rows that are kept under `tokens`."""
        with self._open() as db:
            found = [
                db.execute(f"SELECT {_COLUMNS} FROM thumbs WHERE token = ?", (token,)).fetchone()
                for token in tokens
            ]
        return {row[0]: Kept(*row) for row in found if row}

    def take_back(self, tokens: Iterable[str]) -> int:
        """Delete the rows of `tokens` without a trace; return how many there were."""
        with self._open() as db:
            listed = [(token,) for token in tokens]
            count = _together(db, "DELETE FROM thumbs WHERE token = ?", listed)
            if count:
                _wipe(db)
            return count

    def count_missing(self, title: str) -> bool:
        """Count a session that named an occupation which the bundle lacks.

        Only titles of the package's list are counted, in its own form: nothing else that somebody
        writes gets in. Return whether `title` is one.
        """
        key = listed_title(title)
        if key is None:
            return False
        with self._open(make=True) as db:
            db.execute(
                "INSERT INTO missing VALUES (?, ?, 1) ON CONFLICT (title, day) DO UPDATE SET"
                " sessions = sessions + 1",
                (key, _today().isoformat()),
            )
        return True

    def missing(self) -> dict[str, int]:
        """Missing occupations by the sessions that named them, most first; none below
        FEWEST_SESSIONS.
        """
        with self._open() as db:
            return dict(
                db.execute(
                    "SELECT title, sum(sessions) AS n FROM missing GROUP BY title"
                    " HAVING n >= ? ORDER BY n DESC, title",
                    (FEWEST_SESSIONS,),
                ).fetchall()
            )

    def rows(self) -> list[Kept]:
        """All rows by day, career and token."""
        with self._open() as db:
            return _rows(db)

    def review(
        self, decide: Callable[[list[Kept]], Mapping[str, str]], keep_text: bool = False
    ) -> None:
        """Have `decide` look at all rows and say what becomes of some of them, by token, while
        nobody else writes. Their text and code go unless `keep_text`; nothing changes if it raises.
        """
        gone = "" if keep_text else ", text = '', code = ''"
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            marks = [(mark, token) for token, mark in decide(_rows(db)).items()]
            db.executemany(f"UPDATE thumbs SET review = ?{gone} WHERE token = ?", marks)
            db.execute("COMMIT")
            if marks and not keep_text:
                _wipe(db)

    def purge(self, days: int) -> int:
        """Delete what is older than `days` days without a trace; return how many rows went."""
        with self._open() as db:
            return _purge(db, days)

    def erase(self) -> int:
        """Delete everything without a trace; return how many rows went, counters included.

        Raises DataError where another program holds the file open in between.
        """
        with self._open() as db:
            count = sum(
                db.execute(f"DELETE FROM {table}").rowcount for table in ("thumbs", "missing")
            )
            if not _wipe(db):
                raise DataError(
                    f"{self.path}: another program uses it just now, so deleted rows may remain in"
                    f" {self.path.name}-wal until that ends: do it once more then"
                )
            return count

    def tidy(self) -> None:
        """Let go what is too old; cheap but for the first time of a day."""
        if self._swept != _today():
            with self._open():
                pass

    @contextmanager
    def _open(self, make: bool = False) -> Iterator[sqlite3.Connection]:
        """The open file; a store that does not exist is empty, and made only with `make`."""
        there = make or self.path.exists()
        try:
            if there:
                _make(self.path)
            with closing(
                sqlite3.connect(
                    self.path if there else ":memory:", timeout=_WAIT, isolation_level=None
                )
            ) as db:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA secure_delete = ON")
                db.execute("PRAGMA temp_store = MEMORY")  # VACUUM would copy texts into a file
                for statement in _SCHEMA:
                    db.execute(statement)
                if self._swept != _today():
                    _purge(db, self._keep)
                    self._swept = _today()
                yield db
        except (sqlite3.Error, OSError) as error:
            raise DataError(
                f"{self.path}: expected a store of feedback that can be read and written"
                f" ({error}): see who may write there, or name another file"
            ) from None


def _make(path: Path) -> None:
    """Make the file for its owner alone; SQLite gives its companions the same mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass


def _rows(db: sqlite3.Connection) -> list[Kept]:
    found = db.execute(f"SELECT {_COLUMNS} FROM thumbs ORDER BY day, career, token")
    return [Kept(*row) for row in found.fetchall()]


def _together(db: sqlite3.Connection, statement: str, values: Sequence[tuple[str, ...]]) -> int:
    """Carry out `statement` with each of `values`, all or none; return how many rows it met."""
    db.execute("BEGIN IMMEDIATE")
    count = db.executemany(statement, values).rowcount
    db.execute("COMMIT")
    return count


def _purge(db: sqlite3.Connection, days: int) -> int:
    # No day is before the year 1.
    oldest = (_today() - timedelta(days=min(days, _today().toordinal() - 1))).isoformat()
    count = sum(
        db.execute(f"DELETE FROM {table} WHERE day < ?", (oldest,)).rowcount
        for table in ("thumbs", "missing")
    )
    if count:
        _wipe(db)
    return count


def _wipe(db: sqlite3.Connection) -> bool:
    """Overwrite what deleted rows have left in the file and in its log; tell whether all is gone.

    `secure_delete` alone leaves copies where SQLite has moved rows within a page.
    """
    db.execute("VACUUM")
    return not db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]


def _today() -> date:
    return datetime.now(UTC).date()
