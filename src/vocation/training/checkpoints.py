"""Checkpoints of an interrupted fine-tuning run, next to the output, with its data and settings.

A complete checkpoint is sealed with the hashes of its files: a state that a kill, a full disk or a
bad sector left incomplete is never resumed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from transformers.trainer import TRAINER_STATE_NAME
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from vocation.errors import VocationError
from vocation.files import atomic_write
from vocation.training import device

_SEAL = "seal.json"


class CannotResume(VocationError):  # noqa: N818 (a state, not a failure)
    """The interrupted run has other data or settings."""


class Checkpoints:
    """The folder `.NAME-training` next to the bundle NAME, made when a stage needs it."""

    def __init__(self, output: Path, state: dict[str, Any], resume: bool) -> None:
        """`state` identifies the run (data and settings).

        With `resume`, raises CannotResume where the folder is of another state.
        """
        self._folder = output.resolve().parent / f".{output.resolve().name}-training"
        self._noted = self._folder / "run.json"
        self._state = state
        if not resume:
            # One process removes, all wait: none may write into a folder that is being removed.
            if device.is_main_process():
                self.forget()
            device.wait_for_everyone()
        # Without run.json there is nothing to resume, and the run starts from the beginning.
        elif self._noted.is_file():
            before = json.loads(self._noted.read_text(encoding="utf-8"))
            changed = [
                f"{key}: {before.get(key)} -> {value}"
                for key, value in state.items()
                if before.get(key) != value
            ]
            if changed:
                raise CannotResume(
                    f"cannot resume, data or settings have changed ({'; '.join(changed)}): run"
                    " without --resume to start again"
                )

    def stage(self, name: str) -> Path:
        """The folder of one stage of the run."""
        if device.is_main_process() and not self._noted.is_file():
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            # For the user alone: weights can reveal the texts that they were trained on.
            self._folder.mkdir(mode=0o700, exist_ok=True)
            atomic_write(self._noted, json.dumps(self._state))
        return self._folder / name

    def forget(self) -> None:
        """Remove everything: the bundle is written, or a new run begins."""
        shutil.rmtree(self._folder, ignore_errors=True)


def seal(folder: Path) -> None:
    """Mark `folder` as complete: write down the hashes of its files."""
    atomic_write(folder / _SEAL, json.dumps(_content(folder)))


def is_whole(folder: Path) -> bool:
    """Whether every file of `folder` is unchanged since it was sealed."""
    try:
        noted = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
        return bool(noted == _content(folder))
    # No seal, or one that is not JSON or not text: the save was interrupted.
    except (OSError, ValueError):
        return False


def newest(folder: Path) -> Path | None:
    """The newest complete checkpoint in `folder` whose best checkpoint is complete, too.

    Removes newer ones that are not. None where there is none.
    """
    found = sorted(
        folder.glob(f"{PREFIX_CHECKPOINT_DIR}-*"),
        # By number: as text, checkpoint-1000 comes before checkpoint-200.
        key=lambda path: int(path.name.rsplit("-", 1)[1]),
        reverse=True,
    )
    for checkpoint in found:
        if is_whole(checkpoint):
            best = json.loads((checkpoint / TRAINER_STATE_NAME).read_text(encoding="utf-8")).get(
                "best_model_checkpoint"
            )
            # The Trainer loads the best weights at the end, so these must be complete too. The
            # state has their old path; by its last part alone they are found in a moved folder.
            if best is None or is_whole(folder / Path(best).name):
                return checkpoint
        shutil.rmtree(checkpoint, ignore_errors=True)
    return None


def _content(folder: Path) -> dict[str, str]:
    # The seal cannot hold its own hash.
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _SEAL)
    return {str(path.relative_to(folder)): _digest(path) for path in files}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
