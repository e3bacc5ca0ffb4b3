"""Where the page finds its model. Needs no Streamlit, so that a deployment can be checked from a
terminal.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from vocation import Recommender
from vocation.bundle.reader import is_pytorch_only

MODELS = Path(__file__).resolve().parents[1] / "models"
"""The folder beside app.py, whatever the working directory is."""


def bundle_path() -> Path:
    """The bundle folder (or zip) to use: what the environment variable VOCATION_BUNDLE names, else
    `models/` beside app.py.
    """
    return Path(os.environ.get("VOCATION_BUNDLE") or MODELS)


def load_model(folder: str | Path | None = None) -> Recommender:
    """Load the bundle in `folder`, by default in `bundle_path()`. Raises VocationError with one
    sentence about what is missing or damaged.

    Where only the four PyTorch files were copied and the train extra is installed, the files that
    answer questions are made from them first.
    """
    path = bundle_path() if folder is None else Path(folder)
    if is_pytorch_only(path) and importlib.util.find_spec("torch") is not None:
        from vocation.training import rebuild_bundle

        rebuild_bundle(path)
    return Recommender.load(path)


def stamp(path: Path) -> int:
    """When the bundle at `path` was written (nanoseconds; 0 where there is none): another number
    means that it must be loaded again.
    """
    for candidate in (path / "manifest.json", path / "trained_models.zip", path):
        if candidate.is_file():
            return candidate.stat().st_mtime_ns
    return 0
