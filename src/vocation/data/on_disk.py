"""The bytes of a file on the disk, read when they are asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from vocation.errors import DataError
from vocation.files import open_regular

MAX_FILE = 10**9
"""Bytes in a file of lines that is read into memory, which takes up to five times as much."""
_BLOCK = 1 << 20  # bytes read together; files are mostly gone through in order


class FileBytes:
    """The bytes of a file as a sequence, of which one block is in memory.

    The file is opened for each block, so that nothing has to be closed. Raises OSError where there
    is no such file, and later DataError where it cannot be read or is not the same any more.
    """

    def __init__(self, path: Path, start: int = 0) -> None:
        """The bytes from `start` on."""
        self.path = path
        self._start = start
        with open_regular(path) as file:
            self._found = _state(os.fstat(file.fileno()))
        self._size = max(self._found[1] - start, 0)
        self._block, self._at = b"", 0

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start, end, _ = part.indices(self._size)
        first = start - self._at
        if first < 0 or end - self._at > len(self._block):
            self._block, self._at = self._read(start, max(end - start, _BLOCK)), start
            first = 0
        return self._block[first : first + max(end - start, 0)]

    def behind(self, count: int) -> FileBytes:
        """Return the bytes behind the first `count`."""
        rest = FileBytes(self.path, self._start + count)
        rest._found = self._found  # what was looked at before is part of the same file
        return rest

    def all(self) -> bytes:
        """Return all bytes at once. Raises DataError for more than MAX_FILE."""
        check_size(self._size, self.path.name)
        return self._read(0, self._size)

    def check(self) -> None:
        """Raise DataError where the file has changed since it was opened."""
        self._read(0, 0)

    def _read(self, start: int, size: int) -> bytes:
        try:
            with open_regular(self.path) as file:
                return self._part(file, start, size)
        except OSError as error:
            raise DataError(f"{self.path.name}: cannot be read ({error.strerror}).") from None

    def _part(self, file: BinaryIO, start: int, size: int) -> bytes:
        if _state(os.fstat(file.fileno())) != self._found:
            raise DataError(
                f"{self.path.name} was changed while it was read: wait until nothing writes to"
                " it, and start again."
            )
        file.seek(self._start + start)
        return file.read(min(size, self._size - start))


def check_size(size: int, file: str) -> None:
    """Raise DataError for more bytes of a file of lines than are read into memory."""
    if size > MAX_FILE:
        raise DataError(
            f"{file} holds {size:,} bytes, more than {MAX_FILE:,}. Split it into several files,"
            " each with the line of column names. (`vocation score` reads larger files that are"
            " UTF-8 and have no NUL characters.)"
        )


def _state(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns
