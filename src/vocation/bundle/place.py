"""Where a bundle is: open its folder or its zip, and tell it from others."""

from __future__ import annotations

import hashlib
from pathlib import Path

from vocation.bundle.exchange import steady
from vocation.bundle.layout import MANIFEST, MANIFEST_LIMIT, ZIP
from vocation.bundle.storage import Folder, Zip
from vocation.errors import BundleError


def open_bundle(path: str | Path) -> Folder | Zip:
    """Open a bundle folder, a trained_models.zip, or a folder with only that zip.

    Raises BundleError where there is nothing.
    """
    path = Path(path)
    if path.is_dir():
        inside = path / ZIP
        alone = not (path / MANIFEST).is_file() and (inside.is_file() or inside.is_symlink())
        return Zip(inside, follow=False) if alone else Folder(path)
    if not path.exists():
        raise BundleError(
            f"there is no bundle at {path}: train one with  vocation train --output {path}"
        )
    return Zip(path)  # a link here is the user's own


@steady
def fingerprint(path: str | Path) -> str:
    """Return the sha256 of the manifest of the bundle at `path`, which has each file's hash.

    No other file is read. Raises BundleError where there is none.
    """
    with open_bundle(path) as storage:
        if MANIFEST not in storage.names():
            raise BundleError(f"{storage.path} is not a complete bundle, it lacks {MANIFEST}")
        return hashlib.sha256(storage.read(MANIFEST, MANIFEST_LIMIT)).hexdigest()
