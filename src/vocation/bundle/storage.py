"""Storage for the files of a bundle: a folder, a zip, or memory.

Nothing outside is opened, and nothing larger than allowed is read.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from vocation.bundle import check_zip
from vocation.errors import BundleError

_MB = 1_000_000


class Storage(Protocol):
    """A place with files."""

    def names(self) -> set[str]:
        """Return the names of all files."""

    def size(self, name: str) -> int | None:
        """Return the bytes of a file before it is read; None if they cannot be known."""

    def read(self, name: str, limit: int) -> bytes:
        """Return the contents of a file; BundleError for more than `limit` bytes."""


class Memory:
    """Files that are not written yet, in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    def names(self) -> set[str]:
        return set(self.files)

    def size(self, name: str) -> int | None:
        return len(self.files[name])

    def read(self, name: str, limit: int) -> bytes:
        return self.files[name]  # no limit: it is in memory already


class Folder:
    """A folder; links in it are not followed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def names(self) -> set[str]:
        return {entry.name for entry in os.scandir(self.path)}

    def size(self, name: str) -> int | None:
        """Return the bytes of a file; None for a link or anything else that `read` refuses."""
        found = os.stat(self.path / name, follow_symlinks=False)
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def read(self, name: str, limit: int) -> bytes:
        """Return the contents of a plain file; a link, a pipe or a folder is refused."""
        try:
            # NOFOLLOW refuses a link, NONBLOCK does not wait for the writer of a pipe, BINARY keeps
            # line ends on Windows. Not every system has all three.
            handle = os.open(
                self.path / name,
                os.O_RDONLY
                | getattr(os, "O_NOFOLLOW", 0)
                | getattr(os, "O_NONBLOCK", 0)
                | getattr(os, "O_BINARY", 0),
            )
            with open(handle, "rb") as file:
                # Asked of the open file: its name could mean another file by now.
                found = os.fstat(handle)
                if not stat.S_ISREG(found.st_mode):
                    raise BundleError(f"{self.path}: {name} is not a plain file")
                # One byte more shows a file that has grown since.
                content = file.read(limit + 1) if found.st_size <= limit else None
        except OSError as error:
            raise BundleError(
                f"{self.path}: {name} cannot be read as a plain file ({error.strerror})"
            ) from None
        if content is None or len(content) > limit:
            raise _too_large(self.path, name, limit)
        return content


class Zip:
    """A zip, checked when it is opened; nothing is unpacked to disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Zip:
        try:
            self.archive = zipfile.ZipFile(self.path)
        except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise BundleError(
                f"{self.path} is neither a bundle folder nor a readable zip ({error})"
            ) from None
        self.entries = {info.filename: info for info in self.archive.infolist()}
        try:
            with open(self.path, "rb") as stream:
                check_zip.check(self.path, self.archive, stream)
        except BundleError:
            # __exit__ does not run if __enter__ raises.
            self.archive.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    def names(self) -> set[str]:
        return set(self.entries)

    def size(self, name: str) -> int | None:
        return self.entries[name].file_size

    def read(self, name: str, limit: int) -> bytes:
        """Return the contents of a file of the zip."""
        if self.entries[name].file_size > limit:
            raise _too_large(self.path, name, limit)
        try:
            with self.archive.open(self.entries[name]) as file:
                # The stated size may be wrong: the limit counts what comes out.
                content = file.read(limit + 1)
        # What zipfile and zlib raise for damaged bytes; RuntimeError stands for an encrypted file.
        except (
            OSError,
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            EOFError,
            ValueError,
            RuntimeError,
        ) as error:
            raise BundleError(f"{self.path}: {name} cannot be unpacked ({error})") from None
        if len(content) > limit:
            raise _too_large(self.path, name, limit)
        return content


def _too_large(path: Path, name: str, limit: int) -> BundleError:
    return BundleError(f"{path}: {name} is larger than the {limit / _MB:,.1f} MB that is allowed")
