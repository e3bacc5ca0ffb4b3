"""Open files that are nothing else, and write them whole or leave them as they were."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PART = ".part"
"""How the name ends of a file that is not complete; after a kill it is left over."""


def open_regular(path: str | Path, *, follow: bool = True) -> BinaryIO:
    """Open a regular file for reading; never wait for the other end of a pipe.

    With `follow` False a link is refused: use it for names that somebody else has chosen. Raises
    OSError for a link, a pipe, a socket, a device or a folder as for a file that is not there.
    """
    # NONBLOCK does not wait for the writer of a pipe, BINARY keeps line ends on Windows. Not every
    # system has all three.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags if follow else flags | getattr(os, "O_NOFOLLOW", 0))
    # Asked of the open file: its name could mean another file by now.
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return open(handle, "rb")


@contextlib.contextmanager
def replacing(path: str | Path, *, mode: int = 0o644, overwrite: bool = True) -> Iterator[BinaryIO]:
    """Open a binary file that takes the place of `path` when the block ends without an error.

    A temporary file in the same folder takes the place of `path` once all of it is on disk; after
    an error of any kind `path` is as it was. A link is followed: its target is replaced. `mode`
    gives the permissions of the new file (0o600: its owner alone).

    Raises OSError if the disk refuses, if `path` is a pipe, a device or a folder, and
    FileExistsError if it exists and `overwrite` is False.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    # In the same folder, because os.replace works within one file system only. The name is cut,
    # because the suffix could make it too long.
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}-", suffix=PART, dir=target.parent)
    try:
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the new name with no contents
        # mkstemp makes a file for its owner alone.
        os.chmod(name, mode)
        if overwrite:
            os.replace(name, target)
        else:
            _publish(name, target)
    finally:
        # After os.replace the name is gone; after os.link it is the second name of the file.
        with contextlib.suppress(OSError):
            os.unlink(name)


def atomic_write(
    path: str | Path, content: bytes | str, *, mode: int = 0o644, overwrite: bool = True
) -> Path:
    """Write `content` (text as UTF-8) to `path` in one step, see `replacing`; return the path."""
    with replacing(path, mode=mode, overwrite=overwrite) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)
    return Path(path)


def _publish(name: str, target: Path) -> None:
    """Give the finished file `name` the name `target`, or raise FileExistsError."""
    try:
        os.link(name, target)  # unlike a rename, it fails if the name is taken
    except FileExistsError:
        raise
    except (OSError, AttributeError, NotImplementedError):  # a file system without hard links
        # Not in one step: a file that appears between the two is replaced.
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        os.replace(name, target)
