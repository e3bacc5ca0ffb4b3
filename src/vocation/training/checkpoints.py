"""Where an interrupted fine-tuning run waits until it goes on: beside the output, with the data and settings that it belongs to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from vocation.errors import VocationError


class Checkpoints:
    """The folder `.NAME-training` beside the bundle NAME. Nothing is made before a stage asks for its folder."""

    def __init__(self, output: Path, state: dict[str, Any], resume: bool) -> None:
        """`state` identifies the run (data and settings). With `resume`, what is there must have been made with the same state."""
        self._folder = output.resolve().parent / f".{output.resolve().name}-training"
        self._noted = self._folder / "run.json"
        self._state = state
        if not resume:
            self.forget()
        elif self._noted.is_file():
            before = json.loads(self._noted.read_text(encoding="utf-8"))
            changed = [f"{key}: {before.get(key)} -> {value}" for key, value in state.items() if before.get(key) != value]
            if changed:
                raise VocationError(f"cannot resume, data or settings have changed ({'; '.join(changed)}): run without --resume to start again")

    def stage(self, name: str) -> Path:
        """The folder of one stage of the run."""
        if not self._noted.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._noted.write_text(json.dumps(self._state), encoding="utf-8")
        return self._folder / name

    def forget(self) -> None:
        """Remove everything: the bundle is written, or a new run begins."""
        shutil.rmtree(self._folder, ignore_errors=True)
