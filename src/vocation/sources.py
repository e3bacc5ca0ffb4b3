"""The maker's CSV files as tables: which columns each kind has, how any of them is read, and what is wrong with them.

Every physical data row becomes a `Row` or a `Dropped` with its line and reason; nothing is lost in silence. What stops a file as a whole
(no such column, not a text file) is collected over all files and raised once as a `DataError`.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from vocation.errors import DataError
from vocation.records import Facts, Row
from vocation.text import clean, label_key

MAX_CELL = 200_000
"""Characters in a cell; a longer one is a broken file (an unclosed quote, a binary), not something that a person wrote."""
MAX_ROLE = 200
"""Characters in a role; a longer one means that the columns are shifted."""

INTERESTS = ("realistic", "investigative", "artistic", "social", "enterprising", "conventional")
_PAY = {f"pay_{name}": f"annual_{name}_usd" for name in ("p10", "p25", "median", "p75", "p90")}
_NUMBERS = ("job_zone", *INTERESTS, "us_employment", *_PAY.values())
_FACTS = ("family", "onet_soc", "onet_title", "oews_soc", "oews_title", "annual_mean_usd", "top_coded", *_NUMBERS)
_OWN_FILE = "from the maker's careers.csv"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. `columns` must be there beside `role`; all of their cells must be filled, or (`any_of`) one of those named there."""

    name: str
    file: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        return _plain(self.file.removesuffix(".csv"))


KINDS = (
    Kind("qa", "career_qa.csv", ("question", "answer")),
    Kind("skills", "skills_mapping.csv", ("skills", "description"), any_of=("skills", "description")),
    Kind(
        "jobs",
        "job_descriptions.csv",
        ("description", "requirements"),
        optional=("salary_min", "salary_max", "currency", "period"),
        any_of=("description", "requirements"),
    ),
    Kind("books", "books_recommendations.csv", ("book_title", "author", "description"), ("level", "rating"), ("book_title", "description")),
    Kind("profiles", "profiles.csv", ("profile",)),
    Kind("careers", "careers.csv", (), optional=(*_FACTS, "interests_source", "pay_source")),
)
_KNOWN = {"role"} | {name for kind in KINDS for name in (*kind.columns, *kind.optional)}

# Other names that people give to a column, in the form of `_plain`. Taken with a hint, never in silence.
_SYNONYMS: dict[str, tuple[str, ...]] = {
    "role": ("career", "careername", "careerpath", "jobtitle", "jobrole", "occupation", "profession", "label", "position"),
    "question": ("questions",),
    "answer": ("answers", "response"),
    "skills": ("skill", "keyskills", "requiredskills"),
    "description": ("jobdescription", "desc"),
    "requirements": ("requirement", "qualifications"),
    "book_title": ("book", "title"),
    "author": ("authors",),
    "profile": ("profiles", "text", "resume", "cv"),
}
_EMPTY = frozenset({"", "nan", "none", "null", "n/a", "#n/a", "<na>"})
_BINARY = {
    b"PK\x03\x04": "a spreadsheet (.xlsx) or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a parquet file",
}
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32-le"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LIMIT_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Dropped:
    """A data row that cannot be used: where it is (`line` 1-based) and why. `value` is the start of the offending cell, if one is to blame."""

    file: str
    line: int
    column: str
    reason: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Table:
    """One file as read. `kind` is None where the file fits no kind: then only `hints` says something. `facts` by role, for careers.csv."""

    file: str
    kind: str | None
    rows: tuple[Row, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    facts: Mapping[str, Facts] = field(default_factory=dict)
    hints: tuple[str, ...] = ()


def read_folder(folder: str | Path | Sequence[str | Path], columns: Mapping[str, str] | None = None) -> list[Table]:
    """Read the CSV, TSV and TXT files of a folder (or one file, or several), in the order of KINDS, then by name.

    `columns` maps a contract column to a column of the maker's, such as {"role": "Category", "profile": "Resume"}. It counts in every file
    that has all these columns; in other files a pair counts where the file lacks the contract's own column.
    Raises DataError with one sentence for each problem of any file.
    """
    paths, asked, problems = _find(folder)
    mapping = {name.strip(): _plain(theirs) for name, theirs in (columns or {}).items()}
    problems += [
        f"--columns: vocation has no column {name!r}{_did_you_mean(name, sorted(_KNOWN))}. Write it as contract=yours, for example role=Category."
        for name in mapping
        if name not in _KNOWN
    ]
    tables: list[Table] = []
    seen: set[str] = set()
    for path in paths:
        name = path.name if [p.name for p in paths].count(path.name) == 1 else str(path)
        try:
            tables.append(_read_file(path, name, mapping, seen))
        except DataError as error:
            problems.extend(error.problems)
    unread = [hint for table in tables if table.kind is None for hint in table.hints]
    if unread and (asked or all(table.kind is None for table in tables)):
        problems.extend(unread)
    if paths and not any(problem.startswith("--columns") for problem in problems):
        problems += [
            f"--columns {name}={theirs}: no file has a column {theirs!r}{_did_you_mean(theirs, sorted(seen))}."
            for name, theirs in (columns or {}).items()
            if _plain(theirs) not in {_plain(column) for column in seen}
        ]
    if problems:
        raise DataError(problems)
    order = {kind.name: i for i, kind in enumerate(KINDS)}
    return sorted(tables, key=lambda table: order.get(table.kind or "", len(order)))


def is_empty(value: str) -> bool:
    """Whether a cleaned cell holds nothing, or only a programme's word for nothing such as "nan" or "N/A"."""
    return value.casefold() in _EMPTY


# --- finding and decoding ---------------------------------------------------------------------------------------------------------------


def _find(folder: str | Path | Sequence[str | Path]) -> tuple[list[Path], bool, list[str]]:
    """The files to read, whether they were named one by one, and problems."""
    given = [Path(folder)] if isinstance(folder, (str, Path)) else [Path(path) for path in folder]
    if len(given) == 1 and given[0].is_dir():
        found = sorted(path for path in given[0].iterdir() if path.suffix.lower() in (".csv", ".tsv", ".txt") and path.is_file())
        found = [path for path in found if not path.name.startswith((".", "~$"))]
        names = ", ".join(kind.file for kind in KINDS[:5])
        return found, False, [] if found else [f"{given[0]}: expected at least one of {names}; found no .csv, .tsv or .txt file."]
    problems = [f"{path}: there is no such file or folder." for path in given if not path.is_file()]
    return [path for path in given if path.is_file()], True, problems or ([] if given else ["No file was named."])


def _decode(data: bytes, name: str) -> tuple[str, list[str]]:
    """Text and hints; raises DataError where the bytes are no text."""
    for magic, what in _BINARY.items():
        if data.startswith(magic):
            raise DataError(f'{name}: expected a CSV text file, found {what}. Open it in its own programme and save it as "CSV UTF-8".')
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace"), []
    head = data[:32]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if len(head) > 3 and zeros.count(0) > 0.6 * len(zeros):
            return data.decode(encoding, "replace"), [f"{name}: read as UTF-16 although it has no byte order mark; better save it as UTF-8."]
    controls = sum(byte < 9 or 13 < byte < 32 for byte in data[:4096])
    if controls > 0.08 * len(data[:4096]):
        raise DataError(f'{name}: expected a CSV text file, found binary data. Export the table again as "CSV UTF-8".')
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    # A few broken bytes in good UTF-8, or another encoding as a whole? The majority of the letters beyond ASCII decides.
    mended = data.decode("utf-8", "replace")
    broken = mended.count("\ufffd")
    if sum(char > "\x7f" for char in mended) > 2 * broken:
        return mended, [f"{name}: line {line} has bytes that are not UTF-8 ({broken} in the file, shown as \ufffd): correct them."]
    return data.decode("cp1252", "replace"), [f"{name}: line {line} is not UTF-8; read as Windows-1252. If letters look wrong, save the file as UTF-8."]


# --- columns ----------------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", clean(name).casefold())


def _did_you_mean(name: str, choices: Sequence[str]) -> str:
    by_plain = {_plain(choice): choice for choice in reversed(choices)}
    near = difflib.get_close_matches(_plain(name), list(by_plain), n=1, cutoff=0.6)
    return f" (did you mean {by_plain[near[0]]!r}?)" if near else ""


def _locate(kind: Kind, header: Sequence[str], mapping: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    """Contract column -> position in the file, and hints about columns taken under another name."""
    plain = [_plain(cell) for cell in header]
    whole = all(theirs in plain for theirs in mapping.values())
    found: dict[str, int] = {}
    hints = []
    for name in ("role", *kind.columns, *kind.optional):
        theirs = mapping.get(name)
        if theirs in plain and (whole or _plain(name) not in plain):
            found[name] = plain.index(theirs)
        elif _plain(name) in plain:
            found[name] = plain.index(_plain(name))
    for name in ("role", *kind.columns):
        if name not in found:
            other = next((word for word in _SYNONYMS[name] if word in plain and plain.index(word) not in found.values()), None)
            if other is not None:
                found[name] = plain.index(other)
                if kind.name != "careers":
                    hints.append(f"the column {header[found[name]]!r} is read as {name!r}")
    return found, hints


def _recognise(file: str, header: Sequence[str], mapping: Mapping[str, str]) -> tuple[Kind | None, dict[str, int], list[str]]:
    """The kind of a file, by its name, else by its header. Raises DataError for a known name whose columns are missing."""

    def fits(kind: Kind, found: Mapping[str, int]) -> bool:
        return "role" in found and all(name in found for name in kind.columns) and len(found) > 1

    stem = _plain(Path(file).stem)
    named = next((kind for kind in KINDS if re.fullmatch(kind.stem + r"\d*", stem)), None)
    located = {kind.name: _locate(kind, header, mapping) for kind in KINDS}
    fitting = [kind for kind in KINDS if fits(kind, located[kind.name][0])]
    if named is not None and named in fitting:
        kind = named
    elif fitting:
        kind = max(fitting, key=lambda candidate: (len(candidate.columns), len(located[candidate.name][0])))
    elif named is not None:
        raise DataError(_missing(file, named, header, located[named.name][0]))
    else:
        near = max(KINDS[:5], key=lambda candidate: len(located[candidate.name][0]) / (1 + len(candidate.columns)))
        return None, {}, [_missing(f"{file} was not read; it fits no kind of file, the nearest is {near.file}", near, header, located[near.name][0])]
    found, hints = located[kind.name]
    if named is not None and kind is not named:
        hints = [*hints, f"its columns are those of {kind.file}, so it is read as such"]
    extra = [cell for i, cell in enumerate(header) if i not in found.values() and cell]
    if extra:
        hints = [*hints, f"columns that are not used: {', '.join(extra[:8])}{' ...' if len(extra) > 8 else ''}"]
    return kind, found, [f"{file}: {hint}." for hint in hints]


def _missing(file: str, kind: Kind, header: Sequence[str], found: Mapping[str, int]) -> str:
    expected = ("role", *kind.columns) if kind.columns else ("role", *kind.optional[:3], "...")
    missing = [name for name in ("role", *kind.columns) if name not in found] or ["job_zone"]
    free = [cell for i, cell in enumerate(header) if cell and i not in found.values()]
    near = [re.search(r"'(.*)'", _did_you_mean(name, free)) for name in missing]
    pairs = ",".join(f"{name}={match.group(1) if match else 'YourColumn'}" for name, match in zip(missing, near, strict=True))
    shown = ", ".join(cell[:40] for cell in header[:12]) or "nothing"
    lost = ", ".join(f"{name!r}{_did_you_mean(name, free)}" for name in missing)
    return (
        f"{file}: expected the columns {', '.join(expected)} in the first line; found {shown}. Missing: {lost}. "
        f"Rename the column, or say which one it is: --columns {pairs}"
    )


# --- rows -------------------------------------------------------------------------------------------------------------------------------


def _parse(lines: Sequence[str], start: int, delimiter: str, strict: bool = True) -> tuple[Iterator[list[str]], Callable[[], int]]:
    """A csv reader from line `start` on, and a function that tells the line after the last one read."""
    reader = csv.reader(map(lines.__getitem__, range(start, len(lines))), delimiter=delimiter, skipinitialspace=True, strict=strict)
    return reader, lambda: start + reader.line_num


def _delimiter(lines: Sequence[str], wanted: set[str]) -> str:
    """The delimiter whose header holds the most known columns and whose first rows agree best with the header's width."""

    def score(delimiter: str) -> tuple[int, float, int]:
        records = [cells for cells in _parse(lines[:200], 0, delimiter, strict=False)[0] if cells]
        width = len(records[0])
        known = len(wanted.intersection(map(_plain, records[0])))
        return known, sum(len(cells) == width for cells in records) / len(records) if width > 1 else 0.0, width

    return max((",", ";", "\t", "|"), key=score)


class _Records:
    """The records of a file with the line each starts on. A record whose quotes swallow other rows comes as None, and reading goes on behind it.

    A swallowed line is known by having the header's width and a role that the file has elsewhere (a resume has many lines with one comma).
    """

    def __init__(self, lines: Sequence[str], start: int, delimiter: str, width: int, role_at: int) -> None:
        self.lines, self.start, self.delimiter, self.width, self.role_at = lines, start, delimiter, width, role_at
        self._roles: set[str] | None = None

    def __iter__(self) -> Iterator[tuple[int, list[str] | None]]:
        start, wasted = self.start, 0
        reader, end_of = _parse(self.lines, start, self.delimiter)
        while start < len(self.lines):
            cells, cut = None, False
            try:
                cells = next(reader, None)
                if cells is None:
                    return
            except csv.Error as error:
                cut = "unexpected end" in str(error)
            end, restart = end_of(), cells is None
            hidden = self._hidden_row(start, end, broken=restart)
            if hidden is not None:
                cells, end, restart = None, hidden, True
            elif cells is None and not cut and end == start + 1:  # a stray quote within one line: read it leniently, as spreadsheets do
                loose = next(_parse(self.lines[start:end], 0, self.delimiter, strict=False)[0])
                cells = None if loose[-1].endswith(("\n", "\r")) else loose
            yield start, cells
            if restart:
                wasted += end_of() - start
                if wasted > 100_000 + 20 * len(self.lines):  # each unclosed quote makes us read on to the end: refuse before it takes hours
                    raise DataError(f"line {start + 1} and many others open a quote that is never closed. Save the table again as CSV UTF-8.")
                reader, end_of = _parse(self.lines, end, self.delimiter)
            start = end

    def _hidden_row(self, start: int, end: int, broken: bool) -> int | None:
        """The first line inside the record start..end that is a row of its own, where there is enough reason to say so."""
        if end - start < 2:
            return None
        shaped = [(i, self._role(self.lines[i])) for i in range(start + 1, end)]
        filled = sum(bool(self.lines[i].strip()) for i in range(start + 1, end))
        known = [i for i, role in shaped if role is not None and role in self._known_roles()]
        if broken:
            likely = [i for i, role in shaped if role is not None and 0 < len(role) <= 60]
            known = known or (likely if self.width > 2 and 2 * len(likely) >= filled else [])
            return known[0] if known else None
        return known[0] if known and 2 * len(known) >= filled and (self.width > 2 or len(known) > 1) else None

    def _role(self, line: str) -> str | None:
        """The role of a line that has the width of a row, else None."""
        cells: list[str] = next(_parse([line], 0, self.delimiter, strict=False)[0], [])
        return label_key(cells[self.role_at]) if len(cells) == self.width else None

    def _known_roles(self) -> set[str]:
        if self._roles is None:
            found: set[str] = set()
            reader, _ = _parse(self.lines, self.start, self.delimiter)
            while True:
                try:
                    cells = next(reader, None)
                except csv.Error:
                    continue
                if cells is None:
                    break
                if len(cells) == self.width:
                    found.add(cells[self.role_at])
            self._roles = {label_key(role) for role in found if len(role) <= MAX_ROLE} - _EMPTY
        return self._roles


def _read_file(path: Path, file: str, mapping: Mapping[str, str], seen: set[str]) -> Table:
    """One file as a Table; adds its column names to `seen`. Raises DataError."""
    try:
        text, hints = _decode(path.read_bytes(), file)
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror}).") from error
    if nuls := text.count("\0"):
        hints.append(f"{file}: holds {nuls:,} NUL characters, which were left out.")
        text = text.replace("\0", "")
    lines = list(io.StringIO(text, newline=""))
    del text
    start = next((i for i, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise DataError(f"{file}: the file is empty. Put a line with the column names first, then the rows; or take the file away.")
    with _LIMIT_LOCK:  # the csv module knows one limit for the whole process: lift it while we read, since we have our own
        limit = csv.field_size_limit(2**31 - 1)
        try:
            if sep := re.fullmatch(r"sep=(.)\s*", lines[start]):  # Excel's own first line
                start += 1
            wanted = {_plain(name) for name in _KNOWN} | {word for words in _SYNONYMS.values() for word in words} | set(mapping.values())
            delimiter = sep.group(1) if sep else _delimiter(lines[start:], wanted)
            reader, end_of = _parse(lines, start, delimiter, strict=False)
            header = [clean(cell) for cell in next(reader, [])]
            seen.update(cell for cell in header if cell)
            kind, found, said = _recognise(file, header, mapping)
            if kind is None:
                return Table(file, None, hints=(*hints, *said))
            while len(header) > 1 + max(found.values()) and not header[-1]:
                header.pop()
            records = _Records(lines, end_of(), delimiter, len(header), found["role"])
            return _table(file, kind, found, records, hints + said)
        except DataError as error:
            raise DataError(problem if problem.startswith(file) else f"{file}, {problem}" for problem in error.problems) from None
        finally:
            csv.field_size_limit(limit)


def _table(file: str, kind: Kind, found: dict[str, int], records: _Records, hints: list[str]) -> Table:
    rows: list[Row] = []
    dropped: list[Dropped] = []
    facts: dict[str, Facts] = {}
    wrong: dict[str, list[int]] = {}
    for index, cells in records:
        if cells is not None and len(cells) < 2 and not "".join(cells).strip():
            continue  # a blank line is no row
        row = _row(file, index + 1, kind, found, cells, records.width)
        if isinstance(row, Dropped):
            dropped.append(row)
        elif kind.name == "careers":
            if facts.setdefault(row.role, parsed := _facts(row, hints)) is not parsed:
                hints.append(f"{file}, line {row.line}: {row.role!r} is there twice; the first one counts.")
        else:
            rows.append(_checked_salary(row, wrong) if kind.name == "jobs" else row)
    for column, at in wrong.items():
        hints.append(f"{file}: the column {column!r} holds no plain number in {len(at):,} rows (first: line {at[0]}); left out there.")
    if not rows and not dropped and not facts:
        hints.append(f"{file}: has column names but no rows.")
    return Table(file, kind.name, tuple(rows), tuple(dropped), facts, tuple(hints))


def _row(file: str, line: int, kind: Kind, found: Mapping[str, int], cells: list[str] | None, width: int) -> Row | Dropped:
    """A usable row, or the reason why it is none."""
    if cells is None:
        return Dropped(file, line, "", "its quotes do not match (one is not closed, or a quote inside quoted text is not doubled)")
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        del cells[width:]
    if not any(cell.strip() for cell in cells):
        return Dropped(file, line, "", "the row is empty")
    if len(cells) != width:
        cure = ": text that holds the separator must stand in quotes" if len(cells) > width else ""
        return Dropped(file, line, "", f"expected {width} cells, found {len(cells)}{cure}", clean(cells[0][:60]))
    for name, at in found.items():
        if len(cells[at]) > MAX_CELL:
            return Dropped(file, line, name, f"the column {name!r} holds {len(cells[at]):,} characters, more than {MAX_CELL:,}", cells[at][:60])
    values = {name: "" if is_empty(value := clean(cells[at])) else value for name, at in found.items()}
    role = values.pop("role")
    if not label_key(role):
        return Dropped(file, line, "role", "the column 'role' is empty", role)
    if len(role) > MAX_ROLE:
        return Dropped(file, line, "role", f"the column 'role' holds {len(role)} characters, more than {MAX_ROLE}: are columns shifted?", role[:60])
    if kind.any_of:
        if not any(values[name] for name in kind.any_of):
            return Dropped(file, line, kind.any_of[0], f"the columns {' and '.join(map(repr, kind.any_of))} are empty")
    else:
        for name in kind.columns:
            if not values[name]:
                return Dropped(file, line, name, f"the column {name!r} is empty", clean(cells[found[name]][:60]))
    return Row(role, kind.name, {name: value for name, value in values.items() if value or name in kind.columns}, file, line)


def _number(text: str) -> float | None:
    """A plain number, with or without commas between thousands."""
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    return float(text) if re.fullmatch(r"-?\d{1,15}(\.\d+)?", text, re.ASCII) else None


def _checked_salary(row: Row, wrong: dict[str, list[int]]) -> Row:
    cells = dict(row.cells)
    for name in ("salary_min", "salary_max"):
        if name in cells:
            number = _number(cells[name])
            if number is None or number < 0:
                del cells[name]
                wrong.setdefault(name, []).append(row.line)
            else:
                cells[name] = f"{number:.15g}"
    return Row(row.role, row.source, cells, row.file, row.line)


def _facts(row: Row, hints: list[str]) -> Facts:
    """The figures of one line of careers.csv; an impossible number is left out and said."""
    ranges = {"job_zone": (1, 5), **dict.fromkeys(INTERESTS, (1, 7))}
    numbers: dict[str, float] = {}
    for name in _NUMBERS:
        if text := row.cells.get(name, ""):
            low, high = ranges.get(name, (0, 10**10))
            number = _number(text)
            if number is None or not low <= number <= high or (name not in INTERESTS and number != int(number)):
                expected = f"a {'number' if name in INTERESTS else 'whole number'} from {low} to {high}" if name in ranges else "a whole number"
                hints.append(f"{row.file}, line {row.line}, column {name!r}: expected {expected}, found {text[:40]!r}; left out.")
            else:
                numbers[name] = number
    flag = row.cells.get("top_coded", "").casefold()
    if flag not in ("", "true", "false", "yes", "no", "1", "0"):
        hints.append(f"{row.file}, line {row.line}, column 'top_coded': expected true or false, found {flag[:40]!r}; left out.")
    whole = {name: int(numbers[name]) for name in _NUMBERS if name in numbers and name not in INTERESTS}
    interests = {name: numbers[name] for name in INTERESTS if name in numbers}
    pay = {name: whole.get(column) for name, column in _PAY.items()}
    paid = "us_employment" in whole or any(value is not None for value in pay.values())
    return Facts(
        title=row.cells.get("onet_title", ""),
        family=row.cells.get("family", ""),
        job_zone=whole.get("job_zone"),
        interests=interests,
        interests_source=row.cells.get("interests_source", _OWN_FILE) if interests or "job_zone" in whole else "",
        pay_title=row.cells.get("oews_title", ""),
        employment=whole.get("us_employment"),
        **pay,
        top_coded=flag in ("true", "yes", "1"),
        pay_source=row.cells.get("pay_source", _OWN_FILE) if paid else "",
    )
