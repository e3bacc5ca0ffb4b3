"""Open what is packed: zip and gzip, within bounds, so that a small file cannot fill the memory."""

from __future__ import annotations

import gzip
import io
import re
import struct
import zipfile
import zlib

from vocation.errors import DataError

MAX_UNPACKED = 200_000_000
"""Bytes that a packed file may have when it is unpacked."""
_MOST_ENTRIES = 10_000  # of a zip; the library makes half a kilobyte of objects of each

# What the libraries raise for damaged, encrypted and unusual files.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError),
    *(ValueError, OverflowError, IndexError),
)


def too_large(file: str) -> DataError:
    """Return the error for what is larger than MAX_UNPACKED when it is unpacked."""
    return DataError(
        f"{file} holds more than {MAX_UNPACKED // 10**6} MB when it is unpacked. Split it into"
        " several files, each with the column names, or save it as plain CSV."
    )


def open_zip(data: bytes, file: str) -> zipfile.ZipFile:
    """Open a zip whose files have at most MAX_UNPACKED bytes together; `file` is for messages.

    Nothing is unpacked before the stated sizes are added up, and no file gives more than its own.
    Raises DataError.
    """
    # Each entry of the list has this mark. Counted before the library makes objects of them.
    if data.count(b"PK\x01\x02") > _MOST_ENTRIES:
        raise DataError(f"{file} holds more than {_MOST_ENTRIES:,} files: pack the tables alone.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN as error:
        raise _damaged(file, error) from None
    if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
        raise too_large(file)
    return archive


def files_of(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the files of a zip by their names, without the one folder that holds all of them.

    Hidden files and what macOS adds to a zip are left out.
    """
    files = {
        name: info
        for info in archive.infolist()
        if not info.is_dir()
        and not re.search(r"(^|/)(\.|__MACOSX/)", name := info.filename.replace("\\", "/"))
    }
    tops = {name.partition("/")[0] for name in files}
    if len(tops) == 1 and all("/" in name for name in files):
        return {name.partition("/")[2]: info for name, info in files.items()}
    return files


def member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: str) -> bytes:
    """Return the content of an entry of a zip. Raises DataError."""
    if info.flag_bits & 0x1:
        raise DataError(f"{file} is encrypted: save it without a password.")
    # The other methods shrink a file so much that even a stated size takes long to unpack.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"{file} is packed in an unusual way: pack it again as a plain zip.")
    try:
        return archive.read(info)
    except _BROKEN as error:
        raise _damaged(file, error) from None


def gunzip(data: bytes, file: str) -> bytes:
    """Return what a gzip file holds. Raises DataError for damaged data, or too much of it."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(MAX_UNPACKED + 1)
    except _BROKEN as error:
        raise _damaged(file, error) from None
    if len(content) > MAX_UNPACKED:
        raise too_large(file)
    return content


def _damaged(file: str, error: Exception) -> DataError:
    return DataError(
        f"{file} cannot be unpacked ({str(error)[:80] or type(error).__name__}): was it cut off?"
        " Save or download it again."
    )
