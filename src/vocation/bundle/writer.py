"""Write a bundle to a folder: the whole of it, or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from vocation.bundle.layout import MANIFEST, MB, ZIP, bundle_files, manifest_of, required_files
from vocation.errors import BundleError


def check_writable(folder: str | Path) -> None:
    """Raise BundleError where no bundle could be written to `folder`, before the hours that make
    one. Leaves nothing but the folders above it.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise BundleError(
            f"expected a folder for the bundle, found the file {folder}: name another one with"
            " --output"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        os.rmdir(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise BundleError(
            f"nothing can be written beside {folder} ({error.strerror}): name another folder with"
            " --output"
        ) from None


def write(folder: str | Path, files: Mapping[str, bytes]) -> Path:
    """Write a complete bundle (the files of WRITTEN, a manifest, and the zip of all of them) in
    place of `folder`, or leave `folder` as it was.

    An ensemble has the files of OF_ENSEMBLE and those of its members instead. Other files that lie
    in `folder` stay there. Returns the folder; raises BundleError when the disk refuses.
    """
    folder = Path(folder)
    missing = [name for name in required_files(files) if name not in files]
    if missing:
        raise ValueError(f"a bundle needs {', '.join(missing)}")
    stage = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        _fill(stage, files)
        _swap(stage, folder)
    except OSError as error:
        need = sum(map(len, files.values())) * 2 / MB
        raise BundleError(
            f"the bundle could not be written to {folder} ({error.strerror}): about {need:.0f} MB"
            " of free space are needed there"
        ) from None
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
    return folder


def _fill(stage: Path, files: Mapping[str, bytes]) -> None:
    everything = {**dict(sorted(files.items())), MANIFEST: manifest_of(files)}
    with zipfile.ZipFile(stage / ZIP, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in everything.items():
            entry = zipfile.ZipInfo(
                name
            )  # no clock in it, and names in order: equal contents, equal zip
            entry.external_attr = (
                0o100644 << 16
            )  # unzipped files can be read by a server under another user
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    for name, data in everything.items():  # the manifest is last
        with open(stage / name, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def _swap(stage: Path, folder: Path) -> None:
    os.chmod(stage, 0o755)
    if not folder.exists():
        os.rename(stage, folder)
        return
    ours = {*bundle_files([path.name for path in folder.iterdir()]), MANIFEST, ZIP}
    for other in folder.iterdir():
        if other.name not in ours:
            if other.is_dir() and not other.is_symlink():
                shutil.copytree(other, stage / other.name, symlinks=True)
            else:
                shutil.copy2(other, stage / other.name, follow_symlinks=False)
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    os.rename(folder, old / "bundle")
    try:
        os.rename(stage, folder)
    except OSError:
        os.rename(old / "bundle", folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
