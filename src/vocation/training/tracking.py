"""Send the curves of a run to TensorBoard, MLflow, trackio or Weights & Biases.

Uses the Trainer's own reporters. Off unless asked for.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from vocation.config import TrainConfig
from vocation.errors import ConfigError

_FOLDER: ContextVar[Path] = ContextVar("folder")


def require(report_to: str) -> None:
    """ConfigError where the package behind `report_to` is not installed."""
    # Looked for before the training, which would otherwise fail at its first report.
    if report_to != "none" and importlib.util.find_spec(report_to) is None:
        raise ConfigError(
            f"report_to {report_to} needs the package {report_to}, which is not installed: run  pip"
            f" install {report_to}"
        )


@contextmanager
def into(folder: Path) -> Iterator[None]:
    """For the run inside, TensorBoard's files go to `folder`."""
    token = _FOLDER.set(folder)
    try:
        yield
    finally:
        _FOLDER.reset(token)


def reporters(config: TrainConfig, name: str) -> list[Any]:
    """The Trainer's callbacks for one training called `name` (a run may hold two, to compare); none
    by default.

    TensorBoard writes to a folder of that name in the folder given to `into`, or where
    TENSORBOARD_LOGGING_DIR says.
    """
    if config.report_to == "none":
        return []
    from transformers.integrations import get_reporting_integration_callbacks

    made = [kind() for kind in get_reporting_integration_callbacks(config.report_to)]
    for one in made:
        if hasattr(one, "logging_dir") and one.logging_dir is None:
            one.logging_dir = str(_FOLDER.get(Path("runs")) / name)
    return made
