"""Storage for the files of a bundle: a folder, a zip, or memory.

Nothing outside is opened, and nothing larger than allowed is read.
"""

from __future__ import annotations

import contextlib
import os
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from vocation.bundle import check_zip
from vocation.errors import BundleError
from vocation.files import open_regular

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
        """Return the names of all that lies in the folder."""
        try:
            return {entry.name for entry in os.scandir(self.path)}
        except OSError as error:
            raise BundleError(f"{self.path} cannot be listed ({error.strerror})") from None

    def size(self, name: str) -> int | None:
        """Return the bytes of a file; None for a link or anything else that `read` refuses."""
        found = os.stat(self.path / name, follow_symlinks=False)
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def read(self, name: str, limit: int) -> bytes:
        """Return the contents of a plain file; a link, a pipe or a folder is refused."""
        try:
            with open_regular(self.path / name, follow=False) as file:
                # One byte more shows a file that has grown since.
                small = os.fstat(file.fileno()).st_size <= limit
                content = file.read(limit + 1) if small else None
        except OSError as error:
            raise BundleError(
                f"{self.path}: {name} cannot be read as a plain file ({error.strerror})"
            ) from None
        if content is None or len(content) > limit:
            raise _too_large(self.path, name, limit)
        return content


class Zip:
    """A zip, checked when it is opened; nothing is unpacked to disk."""

    def __init__(self, path: Path, follow: bool = True) -> None:
        """With `follow` False a link at `path` is refused."""
        self.path, self._follow = path, follow

    def __enter__(self) -> Zip:
        with contextlib.ExitStack() as stack:
            try:
                stream = stack.enter_context(open_regular(self.path, follow=self._follow))
                check_zip.check_list(self.path, stream)
                self.archive = stack.enter_context(zipfile.ZipFile(stream))
            except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
                raise BundleError(
                    f"{self.path} is neither a bundle folder nor a readable zip"
                    f" ({getattr(error, 'strerror', None) or error})"
                ) from None
            check_zip.check(self.path, self.archive, stream)
            self.entries = {info.filename: info for info in self.archive.infolist()}
            # __exit__ does not run if __enter__ raises, so everything is closed up to here.
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

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
