"""Read the files of a bundle that PyTorch users load, without PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vocation.bundle import check_json, check_weights
from vocation.bundle.layout import (
    FORMAT,
    MANIFEST,
    MANIFEST_LIMIT,
    METADATA,
    OTHER_LIMIT,
    PYTORCH_FILES,
    WEIGHTS,
    size_limit,
)
from vocation.bundle.reader import Files, check_classes, parse_json
from vocation.bundle.storage import Folder
from vocation.errors import BundleError


def check_start(path: str | Path) -> Path:
    """Return the .pth file at `path`, which may be a bundle's folder, after all checks of it.

    PyTorch is not needed. Raises BundleError for anything that training cannot start from.
    """
    path = Path(path)
    # A .pth file is a zip archive as well, so the suffix decides.
    if path.suffix == ".zip" and path.is_file():
        raise BundleError(f"{path} is a zip: unpack it, and start from its folder")
    file = path / WEIGHTS if path.is_dir() else path
    _verify(file)
    # In a folder the name is ours, and may be a stranger's link.
    with check_weights.opened(file, follow=file == path) as stream:
        check_weights.check(stream, str(file))
    return file


def read_pytorch(folder: str | Path) -> dict[str, bytes]:
    """Return the contents of the files for PyTorch users in `folder` but the metadata, all checked.

    PyTorch is not needed. Raises BundleError.
    """
    storage, where = Folder(Path(folder)), str(folder)
    own = [name for name in PYTORCH_FILES if name != METADATA]
    contents = {name: storage.read(name, size_limit(name)) for name in own}
    check_weights.check_files(contents, metadata(Path(folder)).get("classes", ()), where)
    return contents


def metadata(folder: Path) -> dict[str, Any]:
    """Return the metadata in `folder`, which may be only a part of a bundle.

    Empty if there are none; raises BundleError if they do not have the agreed shape.
    """
    if not (folder / METADATA).exists():
        return {}
    found = parse_json(Folder(folder).read(METADATA, size_limit(METADATA)), METADATA, str(folder))
    check_classes(found, str(folder))
    return dict(found)


def _verify(file: Path) -> None:
    """Raise BundleError if the manifest in the folder of `file` lists it with other contents.

    Without a manifest, or with one of another format, there is nothing to compare.
    """
    storage, where = Folder(file.parent), str(file.parent)
    if not file.exists() or MANIFEST not in storage.names():
        return
    manifest = parse_json(storage.read(MANIFEST, MANIFEST_LIMIT), MANIFEST, where)
    ours = check_json.fits(manifest, {"format": int, "files": {}}) and manifest["format"] == FORMAT
    if ours and file.name in manifest["files"]:
        Files(storage, where).read(file.name, OTHER_LIMIT)
