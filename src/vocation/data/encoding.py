"""From the bytes of a file to its text: any common encoding, several in one file, and what is no
text at all.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import overload

import numpy as np

from vocation.errors import DataError

_FORMATS = {
    b"PK\x03\x04": "a spreadsheet (.xlsx, .ods) or a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"PAR1": "a parquet file",
    b"SQLite format 3\x00": "a database",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "a text document (.rtf)",
}
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|\?xml)\b", re.IGNORECASE
)
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_ZEROS = (
    ("utf-32-le", 4, (2, 3)),
    ("utf-32-be", 4, (0, 1)),
    ("utf-16-le", 2, (1,)),
    ("utf-16-be", 2, (0,)),
)  # where ASCII has them, of how many
_WESTERN = (("cp1252", "Windows-1252"), ("mac-roman", "Mac Roman"))
_HALF = re.compile("[\ud800-\udfff]")
# What no Western word has: an accented capital behind a small letter ("itÕs") or before one
# ("ZŸrich"), a sign within ("Stra§e"), three in a row.
_STRANGE = re.compile(
    "(?<=[a-z])[À-ÖØ-ÞŠŽŸ]|(?<=[A-Z])[À-ÖØ-ÞŠŽŸ](?=[a-z])|(?<=[A-Za-z])[^\x00-\x7f\\w\\s’‘–—…·“”](?=[a-z])|[^\x00-\x7f]{3,}"
)
_BLOCK = 1 << 22  # bytes looked at together
_ACCIDENTS = 0.02  # share of lines in Windows-1252 that may happen to be good UTF-8


def decode(data: bytes, name: str) -> tuple[str, list[str]]:
    """The text of a file in UTF-8, UTF-16, UTF-32, Windows-1252 or Mac Roman, and hints where that
    was a guess or a byte was lost.

    Raises DataError, with line and byte (counted from 1 in the file), where it is no text or in
    none of these.
    """
    data, hints = _as_utf8(data, name)
    return data.decode(), hints


def lines_of(data: bytes, name: str) -> tuple[Lines, list[str]]:
    """The same as `decode`, as lines without NUL characters (which csv refuses; a hint says how
    many there were).
    """
    data, hints = _as_utf8(data, name)
    if nuls := data.count(0):
        hints = [*hints, f"{name}: holds {nuls:,} NUL characters, which were left out."]
        data = data.replace(b"\0", b"")
    return Lines(data), hints


class Lines(Sequence[str]):
    """The lines of UTF-8 `data`, each with its end (LF, CR LF or CR), decoded when they are asked
    for: as strings all at once, the lines of a large file would need several times its size.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        found = [np.zeros(1, np.int64)]
        codes = np.frombuffer(data, np.uint8)
        for first in range(0, len(codes), _BLOCK):
            block = codes[
                first : first + _BLOCK + 1
            ]  # and the byte behind it, which tells CR LF from CR
            ends = block == 10
            ends[:-1] |= (block[:-1] == 13) & (block[1:] != 10)
            ends[-1] |= block[-1] == 13
            found.append(first + 1 + np.flatnonzero(ends[:_BLOCK]))
        self._starts = np.concatenate(found)
        if self._starts[-1] < len(data):
            self._starts = np.append(self._starts, len(data))

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        at = range(len(self))[at]  # also from the end
        return self._data[self._starts[at] : self._starts[at + 1]].decode()


def _as_utf8(data: bytes, name: str) -> tuple[bytes, list[str]]:
    """A file's text as good UTF-8, whatever it is written in: a large file that is in UTF-8 already
    is not copied.
    """
    for magic, what in _FORMATS.items():
        if data.startswith(magic):
            raise DataError(
                f"{name}, line 1, byte 1: expected a CSV text file, found {what}. Open it in its"
                ' own programme and save it as "CSV UTF-8".'
            )
    if _MARKUP.match(data):
        raise DataError(
            f"{name}, line 1, byte 1: expected a CSV text file, found a web page or XML. Download"
            " or export the table itself."
        )
    for bom, encoding in _BOMS:
        if data.startswith(bom) and encoding != "utf-8":
            text, hints = _exactly(data[len(bom) :], encoding, name)
            return text.encode(), hints
    data = data.removeprefix(_BOMS[0][0])
    for encoding, width, places in _ZEROS:
        head = data[: 16 * width]
        if len(head) > 3 and all(
            head[place::width].count(0) > 0.6 * len(head[place::width]) for place in places
        ):
            text, hints = _exactly(data, encoding, name)
            return text.encode(), [
                (
                    f"{name}: read as {encoding[:6].upper()} although it has no byte order mark;"
                    " better save it as UTF-8."
                ),
                *hints,
            ]
    controls = re.findall(rb"[\x01-\x08\x0e-\x1f]", data[:4096])
    if len(controls) > 0.08 * len(data[:4096]):
        at = data.index(controls[0])
        line = data.count(b"\n", 0, at) + 1
        raise DataError(
            f"{name}, line {line}, byte {at + 1}: expected a CSV text file, found binary data."
            ' Export the table again as "CSV UTF-8".'
        )
    if _is_utf8(data):
        return data, []
    text, hints = _halves(data, name) or _by_line(data, name)
    return text.encode(), hints


def _exactly(data: bytes, encoding: str, name: str) -> tuple[str, list[str]]:
    """Text whose encoding is known; what is not in it becomes \ufffd and is said."""
    text = data.decode(encoding, "replace")
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(encoding, "replace").count("\n") + 1
        return text, [
            f"{name}: line {line} has bytes that are not {encoding[:6].upper()}, shown as \ufffd:"
            " was the file cut off?"
        ]
    return text, []


def _halves(data: bytes, name: str) -> tuple[str, list[str]] | None:
    """UTF-8 in which rare characters are written as two halves (as Java and old databases do); None
    for anything else.
    """
    try:
        text = (
            data.decode("utf-8", "surrogatepass")
            .encode("utf-16-le", "surrogatepass")
            .decode("utf-16-le", "surrogatepass")
        )
    except UnicodeDecodeError:
        return None
    text, lone = _HALF.subn("", text)
    return text, (
        [f"{name}: holds {lone:,} halves of characters, which were left out."] if lone else []
    )


def _by_line(data: bytes, name: str) -> tuple[str, list[str]]:
    """Each line in UTF-8 where it can be, else in a Western encoding, or with a few \ufffd where
    most of its letters are good UTF-8.
    """
    lines = data.splitlines(keepends=True)
    texts = [line.decode("utf-8", "replace") for line in lines]
    bad = [i for i, line in enumerate(lines) if "\ufffd" in texts[i] and not _is_utf8(line)]
    western = [
        i for i in bad if sum(char > "\x7f" for char in texts[i]) < 2 * texts[i].count("\ufffd")
    ]
    if (
        western == [len(lines) - 1]
        and lines[-1][-1] > 127
        and any(_is_utf8(lines[-1][:-cut]) for cut in (1, 2, 3))
    ):
        western = []  # only the end is spoilt, within a character: the file was cut off there
    good = sorted({i for i, text in enumerate(texts) if not text.isascii()} - set(bad))
    if len(good) < _ACCIDENTS * len(western):
        western = sorted({*good, *bad})
    hints = []
    if left := sorted(set(bad) - set(western)):
        broken = sum(texts[i].count("\ufffd") for i in left)
        hints.append(
            f"{name}: line {left[0] + 1} has bytes that are not UTF-8 ({broken} in the file, shown"
            " as \ufffd): correct them."
        )
    if western:
        for i, text in zip(western, _western(lines, western, name, hints), strict=True):
            texts[i] = text
    return "".join(texts), hints


def _western(lines: list[bytes], chosen: list[int], name: str, hints: list[str]) -> list[str]:
    """The chosen lines in the Western encoding that makes more sense of them, which is said in
    `hints`. Raises DataError where none does.
    """
    readings = [
        ([lines[i].decode(encoding, "replace") for i in chosen], known_as)
        for encoding, known_as in _WESTERN
    ]
    texts, known_as = min(readings, key=lambda reading: _strange(reading[0]))
    first = chosen[0]
    if _strange(texts) > 0.3 * sum(char > "\x7f" for text in texts for char in text):
        byte = (
            1
            + sum(map(len, lines[:first]))
            + next(at for at, code in enumerate(lines[first]) if code > 127)
        )
        what = (
            f"{name}, line {first + 1}, byte {byte}: expected UTF-8, found an encoding that is"
            " neither UTF-8 nor a Western one."
        )
        raise DataError(
            f'{what} Open the file in the programme that made it and save it as "CSV UTF-8".'
        )
    hints.append(
        f"{name}: line {first + 1} is not UTF-8; read as {known_as}. If letters look wrong, save it"
        " as UTF-8."
    )
    return texts


def _is_utf8(data: bytes) -> bool:
    """In blocks, since a large file as one string would need several times its size."""
    at = 0
    while at < len(data):
        try:
            at += codecs.utf_8_decode(data[at : at + _BLOCK], "strict", at + _BLOCK >= len(data))[1]
        except UnicodeDecodeError:
            return False
    return True


def _strange(texts: list[str]) -> int:
    """How many characters beyond ASCII stand where no Western word has them."""
    return sum(len(found) for text in texts for found in _STRANGE.findall(text))
