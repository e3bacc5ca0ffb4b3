"""Decode the bytes of a file: any common encoding, several in one file, and what is no text."""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Sequence
from encodings.aliases import aliases
from typing import overload

import numpy as np

from vocation.data.legacy import WIDE, guess, name_of
from vocation.data.on_disk import FileBytes
from vocation.errors import ConfigError, DataError

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
# UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16.
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# UTF-32 first here as well: its zeros would pass for those of UTF-16.
_ZEROS = (
    ("utf-32-le", 4, (2, 3)),
    ("utf-32-be", 4, (0, 1)),
    ("utf-16-le", 2, (1,)),
    ("utf-16-be", 2, (0,)),
)  # where ASCII has them, of how many
MAX_LINE = 2_000_000
"""Characters of a line that are read, ten times the longest cell; a longer line is no row."""
_MAX_BYTES = 4 * MAX_LINE + 4  # of a longer line at least MAX_LINE + 1 characters are left

_HALF = re.compile("[\ud800-\udfff]")
_BLOCK = 1 << 22  # bytes looked at together
_HEAD = 4096  # bytes that tell what is no text
_SAMPLE = 1 << 16  # bytes from which an old encoding is guessed
_ACCIDENTS = 0.02  # share of lines in an old encoding that may happen to be good UTF-8
_WIDE_ACCIDENTS = 0.2  # share of letters of two bytes that do
_WRONG = 0.2  # share of letters that an encoding lacks from which on it is not that of the file


def decode(data: bytes, name: str, encoding: str | None = None) -> tuple[str, list[str]]:
    """Return the text of a file, and hints where its encoding was a guess or a byte was lost.

    UTF-8, UTF-16 and UTF-32 are known by their bytes, others by the `encoding` that the user names
    or else by a guess, see `legacy`. Raises DataError, with line and byte (counted from 1 in the
    file), where the bytes are no text, and ConfigError where there is no such encoding.
    """
    data, hints = _as_utf8(data, name, encoding)
    return data.decode(), hints


def lines_of(
    data: bytes | FileBytes, name: str, encoding: str | None = None
) -> tuple[Lines, list[str]]:
    """Return what `decode` does, as lines without NUL characters, which csv refuses.

    A hint says how many there were. A file on the disk stays there where all of it is UTF-8 without
    NUL characters. Any other is read into memory: its encoding is judged from all its lines.
    """
    if isinstance(data, FileBytes):
        text = _utf8_on_disk(data, name) if encoding is None else None
        if text is not None:
            return Lines(text), []
        data = data.all()
    data, hints = _as_utf8(data, name, encoding)
    if nuls := data.count(0):
        hints = [*hints, f"{name}: holds {nuls:,} NUL characters, which were left out."]
        data = data.replace(b"\0", b"")
    return Lines(data), hints


def check_encoding(name: str) -> None:
    """Raise ConfigError where no encoding of texts has this name."""
    try:
        # It also refuses what Python calls an encoding and is none of texts: base64, rot13, zip.
        b"a".decode(name, "replace")
    except (LookupError, ValueError):
        spelt = re.sub(r"[\W_]+", "_", name.lower())
        others = {*aliases, *aliases.values()} - {spelt}
        near = difflib.get_close_matches(spelt, sorted(others), n=1, cutoff=0.8)
        meant = f" (did you mean {near[0].replace('_', '-')!r}?)" if near else ""
        raise ConfigError(
            f"--encoding {name[:40]!r}: there is no such encoding{meant}. Name one such as"
            " windows-1254, iso-8859-9, utf-16 or gb18030"
        ) from None


class Lines(Sequence[str]):
    """The lines of UTF-8 `data`, each with its end (LF, CR LF or CR), decoded when they are asked
    for: as strings all at once, the lines of a large file would need several times its size. Of a
    line longer than MAX_LINE the first MAX_LINE + 1 characters are left, and a line end.
    """

    def __init__(self, data: bytes | FileBytes) -> None:
        self._data = data
        # Half the size where it is enough: 200 MB of short lines have 30 million.
        kind = np.int32 if len(data) < 2**31 else np.int64
        found = [np.zeros(1, kind)]
        for first in range(0, len(data), _BLOCK):
            # And the byte behind it, which tells CR LF from CR.
            block = np.frombuffer(data[first : first + _BLOCK + 1], np.uint8)
            ends = block == 10
            ends[:-1] |= (block[:-1] == 13) & (block[1:] != 10)
            # Counts at the end of the data only: elsewhere ends[:_BLOCK] cuts the last one off.
            ends[-1] |= block[-1] == 13
            found.append((first + 1 + np.flatnonzero(ends[:_BLOCK])).astype(kind))
        self._starts = np.concatenate(found)
        # The last line may have no end.
        if self._starts[-1] < len(data):
            self._starts = np.append(self._starts, kind(len(data)))

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
        start, end = int(self._starts[at]), int(self._starts[at + 1])
        if end - start <= MAX_LINE:
            return self._data[start:end].decode()
        # The last character of a part may be cut.
        line = self._data[start : min(end, start + _MAX_BYTES)].decode(errors="ignore")
        return line if len(line) <= MAX_LINE else line[: MAX_LINE + 1] + "\n"

    def shortened(self) -> bytes:
        """Return the data, which are in memory, with lines of more than _MAX_BYTES cut there."""
        long = np.flatnonzero(np.diff(self._starts) > _MAX_BYTES)
        parts, done = [], 0
        places = zip(self._starts[long].tolist(), self._starts[long + 1].tolist(), strict=True)
        for start, end in places:
            parts += [self._data[done : start + _MAX_BYTES], b"\n"]
            done = end
        return b"".join([*parts, self._data[done:]])


def _as_utf8(data: bytes, name: str, encoding: str | None) -> tuple[bytes, list[str]]:
    """Return the text of a file as valid UTF-8; a large file that is UTF-8 is not copied."""
    if encoding is not None:
        check_encoding(encoding)
    _refuse_formats(data, name)
    for bom, codec in _BOMS:
        if data.startswith(bom) and codec != "utf-8":
            # A view: a slice would be a second copy of the file.
            text, hints = _exactly(memoryview(data)[len(bom) :], codec, name)
            return text.encode(), hints
    data = data.removeprefix(_BOMS[0][0])
    return _named(data, name, encoding) if encoding is not None else _guessed(data, name)


def _named(data: bytes, name: str, encoding: str) -> tuple[bytes, list[str]]:
    """Decode from the encoding that the user names; what is UTF-8 beyond doubt stays UTF-8."""
    codec = codecs.lookup(encoding).name
    # ISO-2022-JP and UTF-7 write every letter in ASCII.
    if not data.isascii() and _is_utf8(data):
        is_named = codec.startswith("utf-8")
        hint = f"{name}: read as UTF-8, which it is, and not as the encoding named, {encoding}."
        return data, [] if is_named else [hint]
    # Decoding what is not UTF-8 takes many times the memory of a line.
    wide = codec.startswith(("utf-16", "utf-32"))
    text, hints = _exactly(data if wide else Lines(data).shortened(), encoding, name)
    if text.count("\ufffd") > _WRONG * max(_beyond_ascii(text), 1):
        raise DataError(
            f"{hints[0].split(':')[0]}: {text.count(chr(0xFFFD)):,} of its characters are not"
            f" {encoding}. Name another encoding, or leave --encoding out, so that it is guessed."
        )
    return text.encode("utf-8", "replace"), hints


def _utf8_on_disk(data: FileBytes, name: str) -> FileBytes | None:
    """Return the text of a file that `_guessed` would take for UTF-8 as it is; None for others."""
    head = data[:_HEAD]
    _refuse_formats(head, name)
    if any(head.startswith(bom) for bom, codec in _BOMS if codec != "utf-8"):
        return None
    if head.startswith(_BOMS[0][0]):
        data = data.behind(len(_BOMS[0][0]))
    # A NUL is a letter's half, or has to be left out.
    blocks = (data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK))
    if any(0 in block for block in blocks) or not _is_utf8(data):
        return None
    _refuse_binary(data[:_HEAD], name)
    return data


def _refuse_formats(data: bytes, name: str) -> None:
    """Raise DataError for what is known not to be a table of text by how it begins."""
    for magic, what in _FORMATS.items():
        if data.startswith(magic):
            raise DataError(
                f"{name}, line 1, byte 1: expected a CSV text file, found {what}. Open it in its"
                ' own program and save it as "CSV UTF-8".'
            )
    if _MARKUP.match(data):
        raise DataError(
            f"{name}, line 1, byte 1: expected a CSV text file, found a web page or XML. Download"
            " or export the table itself."
        )


def _guessed(data: bytes, name: str) -> tuple[bytes, list[str]]:
    """Return as UTF-8 what has no byte order mark, in whatever encoding it is."""
    for encoding, width, places in _ZEROS:
        head = data[: 16 * width]
        if len(head) > 3 and all(
            # Most, not all: some letters of the text may be beyond Latin-1.
            head[place::width].count(0) > 0.6 * len(head[place::width])
            for place in places
        ):
            text, hints = _exactly(data, encoding, name)
            return text.encode(), [
                (
                    f"{name}: read as {encoding[:6].upper()} although it has no byte order mark;"
                    " better save it as UTF-8."
                ),
                *hints,
            ]
    _refuse_binary(data, name)
    if _is_utf8(data):
        return data, []
    # Decoding what is not UTF-8 takes many times the memory of a line.
    data = Lines(data).shortened()
    text, hints = _halves(data, name) or _by_line(data, name)
    return text.encode(), hints


def _refuse_binary(data: bytes, name: str) -> None:
    """Raise DataError where many bytes of the beginning are none of texts."""
    # NUL is not among them: `lines_of` counts and removes it.
    controls = re.findall(rb"[\x01-\x08\x0e-\x1f]", data[:_HEAD])
    if len(controls) > 0.08 * len(data[:_HEAD]):
        at = data.index(controls[0])
        line = data.count(b"\n", 0, at) + 1
        raise DataError(
            f"{name}, line {line}, byte {at + 1}: expected a CSV text file, found binary data."
            ' Export the table again as "CSV UTF-8".'
        )


def _exactly(data: bytes | memoryview, encoding: str, name: str) -> tuple[str, list[str]]:
    """Decode from a known encoding; a hint says where bytes became \ufffd."""
    try:
        return str(data, encoding), []
    except UnicodeDecodeError as error:
        place = error.start
    line = str(data[:place], encoding, "replace").count("\n") + 1
    # UTF-16, not UTF-16-LE, as people know it.
    known = encoding[:6].upper() if encoding.startswith("utf-") else encoding
    return str(data, encoding, "replace"), [
        f"{name}: line {line} has bytes that are not {known}, shown as \ufffd: was the file cut"
        " off?"
    ]


def _halves(data: bytes, name: str) -> tuple[str, list[str]] | None:
    """Decode UTF-8 in which rare characters are two halves, as Java and old databases write it.

    None for anything else.
    """
    try:
        text = (
            # UTF-16 joins two halves to one character; lone halves stay and are counted below.
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
    """Decode each line from UTF-8 where it can be, else from the old encoding of such lines.

    Where most letters of a line are good UTF-8, only its few bad bytes become \ufffd.
    """
    # On bytes, splitlines ends lines at LF, CR and CR LF only; on str at U+2028 and others as well.
    lines = data.splitlines(keepends=True)
    texts = [line.decode("utf-8", "replace") for line in lines]
    # A line of good UTF-8 may hold a U+FFFD of its own.
    bad = {i for i, line in enumerate(lines) if "\ufffd" in texts[i] and not _is_utf8(line)}
    good = {i for i, text in enumerate(texts) if not text.isascii()} - bad
    # More than half of what is beyond ASCII is bad: another encoding rather than damaged UTF-8.
    old = {i for i in bad if _beyond_ascii(texts[i]) < 2 * texts[i].count("\ufffd")}
    # A character has at most four bytes, so a cut one has at most three left.
    if old == {len(lines) - 1} and any(_is_utf8(lines[-1][:-cut]) for cut in (1, 2, 3)):
        old = set()  # only the last character of the file is bad: it was cut off there
    codec = _codec(lines, sorted(old), name) if old else ""
    # Lines in an old encoding may happen to be good UTF-8: seldom where a letter is one byte, more
    # often where it is two.
    accidents = sum(_beyond_ascii(texts[i]) for i in good)
    letters = sum(texts[i].count("\ufffd") for i in old)
    if len(good) < _ACCIDENTS * len(old) or (
        codec in WIDE and accidents < _WIDE_ACCIDENTS * letters
    ):
        old = good | bad
    hints = []
    if left := sorted(bad - old):
        hints.append(_lost(name, "UTF-8", texts, left))
    if old:
        for i in old:
            texts[i] = lines[i].decode(codec, "replace")
        hints.append(
            f"{name}: line {min(old) + 1} is not UTF-8; read as {name_of(codec)}. If letters look"
            " wrong, save it as UTF-8, or name its encoding: --encoding NAME."
        )
        if lost := [i for i in sorted(old) if "\ufffd" in texts[i]]:
            hints.append(_lost(name, name_of(codec), texts, lost))
    return "".join(texts), hints


def _codec(lines: list[bytes], chosen: list[int], name: str) -> str:
    """Return the codec of the chosen lines, guessed from the first of them.

    Raises DataError, with the place of the first byte beyond ASCII, where none makes sense.
    """
    sample = bytearray()
    for i in chosen:
        # Whole lines, so that no letter of two bytes is cut.
        sample += lines[i]
        if len(sample) > _SAMPLE:
            break
    codec = guess(bytes(sample))
    if codec is None:
        first = chosen[0]
        at = next(at for at, code in enumerate(lines[first]) if code > 127)
        byte = 1 + sum(map(len, lines[:first])) + at
        raise DataError(
            f"{name}, line {first + 1}, byte {byte}: expected UTF-8, found an encoding that cannot"
            " be recognised. Name it, for example --encoding windows-1254, or open the file in the"
            ' program that made it and save it as "CSV UTF-8".'
        )
    return codec


def _lost(name: str, encoding: str, texts: list[str], at: list[int]) -> str:
    """Say how many bytes of the lines `at` became \ufffd."""
    broken = sum(texts[i].count("\ufffd") for i in at)
    return (
        f"{name}: line {at[0] + 1} has bytes that are not {encoding} ({broken} in the file, shown"
        " as \ufffd): correct them."
    )


def _beyond_ascii(text: str) -> int:
    """Count the characters beyond ASCII."""
    return sum(char > "\x7f" for char in text)


def _is_utf8(data: bytes | FileBytes) -> bool:
    """Whether bytes are UTF-8; in blocks, since one string would need several times the size."""
    at = 0
    while at < len(data):
        try:
            # It returns how many bytes it used: a character cut by the end of a block waits for the
            # next.
            at += codecs.utf_8_decode(data[at : at + _BLOCK], "strict", at + _BLOCK >= len(data))[1]
        except UnicodeDecodeError:
            return False
    return True
