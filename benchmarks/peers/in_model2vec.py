"""model2vec: static vectors distilled from the base model, and its own classifier. Runs in its own
environment: TASK.json ANSWER.npz.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from model2vec.distill import distill
from model2vec.train import StaticModelForClassification

task = json.loads(Path(sys.argv[1]).read_text())
model = StaticModelForClassification.from_static_model(model=distill(task["base"], device="cpu"))
model.fit(task["train_texts"], [str(label) for label in task["train_labels"]], device="cpu")
table = np.zeros((len(task["test_texts"]), len(task["classes"])))
table[:, [int(label) for label in model.classes]] = model.predict_proba(task["test_texts"])
np.savez(sys.argv[2], probabilities=table)
