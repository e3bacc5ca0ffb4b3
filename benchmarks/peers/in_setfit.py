"""SetFit: the base model tuned on pairs of rows, then a logistic regression. Runs in its own
environment: TASK.json ANSWER.npz [MINUTES].
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset
from setfit import SetFitModel, Trainer, TrainingArguments
from transformers import TrainerCallback


class Cap(TrainerCallback):
    """Ends the tuning when the minutes are over."""

    def __init__(self, minutes: float) -> None:
        self.end = time.monotonic() + 60 * minutes

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        control.should_training_stop = control.should_training_stop or time.monotonic() > self.end


task = json.loads(Path(sys.argv[1]).read_text())
model = SetFitModel.from_pretrained(task["base"], device="cpu")
with tempfile.TemporaryDirectory() as folder:
    settings = TrainingArguments(
        output_dir=folder, batch_size=32, num_epochs=1, save_strategy="no", report_to="none", seed=0
    )
    rows = Dataset.from_dict({"text": task["train_texts"], "label": task["train_labels"]})
    cap = Cap(float(sys.argv[3]) if len(sys.argv) > 3 else 10)
    Trainer(model=model, args=settings, train_dataset=rows, callbacks=[cap]).train()
table = np.zeros((len(task["test_texts"]), len(task["classes"])))
table[:, model.model_head.classes_] = model.predict_proba(task["test_texts"], as_numpy=True)
np.savez(sys.argv[2], probabilities=table)
