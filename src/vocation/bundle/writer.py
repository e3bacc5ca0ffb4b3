"""Write a bundle to a folder: the whole of it, or nothing. The bundle before is kept beside it.

models            the bundle that answers
models.previous   the one before; `rollback` exchanges the two
models.candidate  one that a training held back; `promote` puts it in place
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from vocation.bundle.exchange import exchange, writing
from vocation.bundle.layout import MANIFEST, MB, ZIP, bundle_files, manifest_of, required_files
from vocation.errors import BundleError

# EDQUOT is a user's own limit; not every system has it.
_DISK_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def previous_of(folder: str | Path) -> Path:
    """The folder that keeps the bundle before the one in `folder`."""
    return _beside(folder, "previous")


def candidate_of(folder: str | Path) -> Path:
    """The folder for a bundle that is not to take the place of the one in `folder` yet."""
    return _beside(folder, "candidate")


def check_writable(folder: str | Path) -> None:
    """Raise BundleError if no bundle can be written to `folder`, before hours of training.

    Creates nothing but the folders above it.
    """
    target = _target(folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, as `write` does: a rename works only within one file system.
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as probe:
            if target.exists():
                _check_movable(target, Path(probe) / "occupied")
                _check_kept(target)
                _check_own_folders(target, Path(probe) / "occupied")
    except OSError as error:
        raise BundleError(
            f"no bundle can be written to {folder} ({_reason(error)}): name another folder"
        ) from None


def write(folder: str | Path, files: Mapping[str, bytes], *, keep: bool = True) -> Path:
    """Write a complete bundle in place of `folder`, or leave `folder` as it was.

    `files` are those of layout.WRITTEN, or of an ensemble and its members; the manifest and the zip
    of all files are added. The bundle before is kept as `previous_of(folder)`, unless `keep` is
    False. Other files in `folder` stay there. A link is followed: the folder that it points to is
    replaced. Several writers take turns. Returns `folder`; raises BundleError if it cannot be
    written.
    """
    missing = [name for name in required_files(files) if name not in files]
    if missing:
        raise ValueError(f"a bundle needs {', '.join(missing)}")
    target = _target(folder)
    with _told(folder, files):
        target.parent.mkdir(parents=True, exist_ok=True)
        with writing(target.parent):
            _clear(target)
            stage = Path(tempfile.mkdtemp(prefix=f".{target.name}.part-", dir=target.parent))
            try:
                _fill(stage, files)
                _put(stage, target, keep)
            finally:
                _discard(stage)
    return Path(folder)


def rollback(folder: str | Path) -> Path:
    """Exchange the bundle in `folder` with the one before it; once more exchanges them back.

    Your own files stay in `folder`. Returns the folder with what was in `folder`. Raises
    BundleError if there is no bundle before it.
    """
    target = _target(folder)
    previous = previous_of(folder)
    with _told(folder), writing(target.parent):
        if not has_bundle(previous):
            raise BundleError(
                f"there is no bundle in {previous}: it is kept from the second training on"
            )
        if target.exists():
            _swap(previous, target)
        else:
            os.rename(previous, target)
    return previous


def promote(folder: str | Path) -> Path:
    """Put the candidate of `folder` in its place; the bundle before becomes the previous one.

    Returns the folder of the previous one. Raises BundleError if there is no candidate.
    """
    target, candidate = _target(folder), candidate_of(folder)
    with _told(folder), writing(target.parent):
        if not has_bundle(candidate):
            raise BundleError(
                f"there is no bundle in {candidate}: a training leaves one there when it answers"
                f" worse than the one in {folder}"
            )
        _put(candidate, target, keep=True)
        _discard(candidate)
    return previous_of(folder)


def has_bundle(folder: Path) -> bool:
    """Tell whether `folder` is a folder with at least one file that a bundle has."""
    return folder.is_dir() and bool(_ours(folder))


@contextlib.contextmanager
def _told(folder: str | Path, files: Mapping[str, bytes] | None = None) -> Iterator[None]:
    """Turn an OSError into the sentence for `folder`."""
    try:
        yield
    except OSError as error:
        reason = _reason(error)
        if files and error.errno in _DISK_FULL:
            need = 2 * sum(map(len, files.values())) / MB  # the files, and the zip of them
            reason += f": about {need:.0f} MB of free space are needed there"
        raise BundleError(f"the bundle could not be written to {folder}: {reason}") from None


def _beside(folder: str | Path, kind: str) -> Path:
    target = Path(os.path.realpath(folder))
    return target.with_name(f"{target.name}.{kind}")


def _target(folder: str | Path) -> Path:
    """Return the real path of the folder that a bundle will replace, or raise BundleError."""
    target = Path(os.path.realpath(folder))
    if os.path.lexists(target) and not target.is_dir():
        raise BundleError(
            f"expected a folder for the bundle, found the file {folder}: name another one"
        )
    # A process in a folder that is renamed goes on in the old one, unlike its path.
    if Path(os.path.realpath(os.getcwd())).is_relative_to(target):
        raise BundleError(
            f"the bundle needs a folder of its own, and {folder} is the working directory or above"
            f" it: name a new folder in it, such as {Path(folder, 'models')}"
        )
    if os.path.ismount(target):
        raise BundleError(
            f"{folder} is a mount point, which cannot be replaced: name a new folder in it, such as"
            f" {Path(folder, 'models')}"
        )
    return target


def _check_movable(folder: Path, occupied: Path) -> None:
    """Raise OSError if `folder` cannot be renamed; a folder `occupied` is made to try it.

    The system refuses to rename a folder onto one that is not empty, but only after it has checked
    permissions and mounts (bind mounts too, which `ismount` does not see).
    """
    (occupied / "content").mkdir(parents=True, exist_ok=True)
    try:
        os.rename(folder, occupied)
    except OSError as error:
        # POSIX allows either for a folder that is not empty.
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    else:  # no file system that keeps to POSIX gets here
        os.rename(occupied, folder)


def _check_own_folders(target: Path, occupied: Path) -> None:
    """Raise BundleError if a folder of the user's in `target` cannot move to a new bundle."""
    for name in sorted(set(os.listdir(target)) - _ours(target)):
        own = target / name
        if own.is_dir() and not own.is_symlink():
            try:
                _check_movable(own, occupied)
            except OSError as error:
                raise BundleError(
                    f"{own} cannot be moved to a new bundle ({_reason(error)}; a mount point"
                    " cannot): name another folder for the bundle"
                ) from None


def _fill(stage: Path, files: Mapping[str, bytes]) -> None:
    everything = {**dict(sorted(files.items())), MANIFEST: manifest_of(files)}
    with zipfile.ZipFile(stage / ZIP, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in everything.items():
            # ZipInfo's fixed date and the sorted names make equal contents an equal zip.
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100644 << 16  # a server under another user can read the file
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    for name, data in everything.items():  # the manifest is last
        with open(stage / name, "wb") as file:
            file.write(data)
            file.flush()
            # Before the rename: a power cut could leave new names without contents.
            os.fsync(file.fileno())


def _put(stage: Path, target: Path, keep: bool) -> None:
    """Give the folder `stage` the place of `target`.

    Afterwards nothing is left in `stage`, or an outdated bundle. There is a bundle in `target` at
    any time: first the new one takes the place of the previous one, then both are exchanged.
    """
    os.chmod(stage, 0o755)  # mkdtemp makes it private
    if not target.exists():
        os.rename(stage, target)
        return
    if not (keep and has_bundle(target)):
        _swap(stage, target)
        return
    previous, new = previous_of(target), os.stat(stage)
    _check_kept(target)
    before = previous.exists()
    if before:
        _move_own_files(previous, target)
        exchange(stage, previous)
    else:
        os.rename(stage, previous)
    try:
        _swap(previous, target)
    except BaseException:
        # Back to what was there before, unless the new bundle is in its place already.
        if previous.exists() and os.path.samestat(os.stat(previous), new):
            if before:
                exchange(stage, previous)
            else:
                os.rename(previous, stage)
        raise


def _swap(other: Path, target: Path) -> None:
    """Exchange two folders, but the user's files in them, which all go to `target`."""
    exchange(other, target)
    try:
        _move_own_files(other, target)
    except OSError as error:
        raise BundleError(
            f"the bundle is in {target} now, but a file of yours could not be moved there from"
            f" {other} ({_reason(error)}): move it by hand"
        ) from None
    # A folder without any bundle in it is of no use.
    if not has_bundle(other):
        os.rmdir(other)


def _move_own_files(source: Path, target: Path) -> None:
    """Move what is not of a bundle from `source` to `target`; nothing there is replaced."""
    for name in sorted(set(os.listdir(source)) - _ours(source)):
        if os.path.lexists(target / name):
            raise FileExistsError(errno.EEXIST, f"{name} is there already")
        os.rename(source / name, target / name)


def _check_kept(target: Path) -> None:
    """Raise BundleError if something of the user's is where bundles are kept."""
    for place in (previous_of(target), candidate_of(target)):
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise BundleError(
                f"expected nothing or a folder with a bundle at {place}, found something else:"
                " rename it, or name another folder for the new bundle"
            )
        if not place.exists():
            continue
        # A folder of the user's that happens to have this name has files that no bundle has.
        own = sorted(set(os.listdir(place)) - _ours(place))
        taken = [name for name in own if os.path.lexists(target / name)]
        if taken or (own and not has_bundle(place)):
            raise BundleError(
                f"{place} is where bundles are kept, and {(taken or own)[0]} in it is none: move it"
                " elsewhere, or name another folder for the new bundle"
            )


def _clear(target: Path) -> None:
    """Delete what writers that were killed have left of their bundles."""
    pattern = re.compile(rf"\.{re.escape(target.name)}\.part-\w{{8}}")
    for name in os.listdir(target.parent):
        if pattern.fullmatch(name):
            stage = target.parent / name
            if target.exists():
                # A kill between the exchange and the move leaves the user's files there.
                with contextlib.suppress(OSError):
                    _move_own_files(stage, target)
            _discard(stage)


def _discard(folder: Path) -> None:
    """Delete the files of a bundle in `folder`, and the folder if nothing else is in it."""
    with contextlib.suppress(OSError):
        for name in _ours(folder):
            os.unlink(folder / name)
        os.rmdir(folder)


def _ours(folder: Path) -> set[str]:
    """The names in `folder` that a bundle has."""
    present = os.listdir(folder)
    return bundle_files(present) | ({MANIFEST, ZIP} & set(present))


def _reason(error: BaseException) -> str:
    # strerror is None for an OSError that was made of a text alone.
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
