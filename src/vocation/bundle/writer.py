"""Write a bundle to a folder: the whole of it, or nothing."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from vocation.bundle.layout import MANIFEST, MB, ZIP, bundle_files, manifest_of, required_files
from vocation.errors import BundleError

# EDQUOT is a user's own limit; not every system has it.
_DISK_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


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
                _check_replaceable(target, Path(probe))
    except OSError as error:
        raise BundleError(
            f"no bundle can be written to {folder} ({_reason(error)}): name another folder"
        ) from None


def write(folder: str | Path, files: Mapping[str, bytes]) -> Path:
    """Write a complete bundle in place of `folder`, or leave `folder` as it was.

    `files` are those of layout.WRITTEN, or of an ensemble and its members; the manifest and the zip
    of all files are added. Other files in `folder` stay there. A link is followed: the folder that
    it points to is replaced. Returns `folder`; raises BundleError if it cannot be written.
    """
    missing = [name for name in required_files(files) if name not in files]
    if missing:
        raise ValueError(f"a bundle needs {', '.join(missing)}")
    target, stage = _target(folder), None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        _fill(stage, files)
        _swap(stage, target)
    except OSError as error:
        reason = _reason(error)
        if error.errno in _DISK_FULL:
            need = 2 * sum(map(len, files.values())) / MB  # the files, and the zip of them
            reason += f": about {need:.0f} MB of free space are needed there"
        raise BundleError(f"the bundle could not be written to {folder}: {reason}") from None
    finally:
        if stage is not None:
            # After the swap nothing is there any more.
            shutil.rmtree(stage, ignore_errors=True)
    return Path(folder)


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


def _check_replaceable(target: Path, probe: Path) -> None:
    """Raise OSError if the folder `target` cannot be renamed; `probe` is an empty folder beside it.

    The system refuses to rename a folder onto one that is not empty, but only after it has checked
    permissions and mounts (bind mounts too, which `ismount` does not see).
    """
    occupied = probe / "occupied"
    (occupied / "content").mkdir(parents=True)
    try:
        os.rename(target, occupied)
    except OSError as error:
        # POSIX allows either for a folder that is not empty.
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    else:  # no file system that keeps to POSIX gets here
        os.rename(occupied, target)


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


def _swap(stage: Path, target: Path) -> None:
    """Give the folder `stage` the place of `target`, together with the user's files in `target`.

    The old folder is deleted only when the new one is in its place.
    """
    os.chmod(stage, 0o755)  # mkdtemp makes it private
    if not target.exists():
        os.rename(stage, target)
        return
    ours = {*bundle_files(os.listdir(target)), MANIFEST, ZIP}
    # Copied, not moved: `target` stays whole until the new folder takes its place.
    for other in target.iterdir():
        if other.name not in ours:
            if other.is_dir() and not other.is_symlink():
                shutil.copytree(other, stage / other.name, symlinks=True)
            else:
                shutil.copy2(other, stage / other.name, follow_symlinks=False)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    # In a folder of its own the name is free.
    old = aside / "bundle"
    try:
        os.rename(target, old)
        os.rename(stage, target)
    except BaseException as error:  # an interrupt between the two must not lose the folder either
        # It does not exist if the first rename failed: then `target` was never moved.
        if old.exists():
            _restore(old, target, error)
        aside.rmdir()
        raise
    # The new bundle is in place: a rest of the old one is no failure.
    shutil.rmtree(aside, ignore_errors=True)


def _restore(old: Path, target: Path, reason: BaseException) -> None:
    try:
        os.rename(old, target)
    except OSError:
        raise BundleError(
            f"the bundle could not be written to {target}: {_reason(reason)}; what was there is in"
            f" {old} now, move it back by hand"
        ) from None


def _reason(error: BaseException) -> str:
    # strerror is None for an OSError that was made of a text alone.
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
