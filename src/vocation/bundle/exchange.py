"""Exchange two folders in one step, one writer at a time, while others read."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from vocation.errors import BundleError

T = TypeVar("T")

_SWAPS = 20  # more bundles than anybody writes while one is read
_PATIENCE = 600  # seconds to wait for another writer; writing the largest bundle takes minutes
_PAUSE = 0.02  # seconds between two looks

# What systems and file systems say that cannot exchange: no such call, no such flag, forbidden by a
# sandbox. A real lack of permission shows again in the renames that follow.
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}

_HERE = -100  # AT_FDCWD of <fcntl.h>: paths are relative to the working directory
_EXCHANGE = 2  # RENAME_EXCHANGE of <linux/fs.h>, and RENAME_SWAP of macOS's <stdio.h>


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Let one process at a time (and one thread of it) write bundles in `folder`.

    Readers need no lock. Where the file system has no locks, as on some network drives, nobody
    waits. Raises BundleError if another writer does not end in ten minutes.
    """
    handle = _lock(folder)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)  # which unlocks


def exchange(one: Path, other: Path) -> None:
    """Give two folders each other's name.

    It takes one step on Linux and macOS, so that nobody ever finds `other` missing. Windows and
    some network drives need three renames: `other` is missing for a moment then. Raises OSError,
    and leaves both as they were.
    """
    if not _at_once(one, other):
        _in_steps(one, other)


def steady(read: Callable[[str | Path], T]) -> Callable[[str | Path], T]:
    """Let `read` read the bundle at a path although a new one may take its place meanwhile.

    Files of two bundles never pass the check against one manifest. So after an error, and if the
    folder or zip is another one than before, it is read again.
    """

    @functools.wraps(read)
    def again(path: str | Path) -> T:
        for _ in range(_SWAPS):
            before = _place(path)
            try:
                return read(path)
            except BundleError:
                if _place(path) == before:
                    raise
        return read(path)

    return again


def _place(path: str | Path) -> tuple[int, int] | None:
    """What tells the folder or file at `path` from one that takes its place; None for nothing."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _at_once(one: Path, other: Path) -> bool:
    """Exchange in one step; False where the system or the file system cannot."""
    if sys.platform == "win32":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if linux := getattr(library, "renameat2", None):
        failed = linux(_HERE, names[0], _HERE, names[1], _EXCHANGE)
    elif macos := getattr(library, "renamex_np", None):
        failed = macos(*names, _EXCHANGE)
    else:
        return False
    number = ctypes.get_errno()
    if failed and number not in _CANNOT:
        raise OSError(number, os.strerror(number), str(other))
    return not failed


def _in_steps(one: Path, other: Path) -> None:
    # In a folder of its own the name is free.
    aside = Path(tempfile.mkdtemp(prefix=f".{other.name}-old-", dir=other.parent))
    waiting = aside / "bundle"
    try:
        os.rename(other, waiting)
        os.rename(one, other)
    except BaseException as error:  # an interrupt between the two must not lose the folder either
        # It does not exist if the first rename failed: then `other` was never moved.
        if waiting.exists():
            _restore(waiting, other, error)
        aside.rmdir()
        raise
    try:
        os.rename(waiting, one)
    except OSError as error:
        raise BundleError(
            f"the bundle is in {other} now; the one before is in {waiting}, since it could not be"
            f" moved to {one} ({error.strerror})"
        ) from None
    aside.rmdir()


def _restore(waiting: Path, place: Path, reason: BaseException) -> None:
    try:
        os.rename(waiting, place)
    except OSError:
        why = getattr(reason, "strerror", None) or type(reason).__name__
        raise BundleError(
            f"the bundle could not be written to {place}: {why}; what was there is in {waiting}"
            " now, move it back by hand"
        ) from None


def _lock(folder: Path) -> int | None:
    """Wait for the lock of `folder`, and return the handle that holds it; None without locks."""
    try:
        handle = _open(folder)
    except OSError:
        return None
    end = time.monotonic() + _PATIENCE
    while (taken := _try(handle)) is False and time.monotonic() < end:
        time.sleep(_PAUSE)
    if not taken:
        os.close(handle)
    if taken is False:
        raise BundleError(
            f"another program has been writing a bundle in {folder} for {_PATIENCE // 60} minutes:"
            " wait for it or end it, and try again"
        )
    return handle if taken else None


if sys.platform == "win32":
    import msvcrt

    def _open(folder: Path) -> int:
        # Windows locks no folders, so a file stays behind.
        return os.open(folder / ".vocation.lock", os.O_RDWR | os.O_CREAT)

    def _try(handle: int) -> bool | None:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _open(folder: Path) -> int:
        # The folder itself: a file to lock would stay behind.
        return os.open(folder, os.O_RDONLY)

    def _try(handle: int) -> bool | None:
        """Whether the lock was free; None where the file system has no locks."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True
