"""How long a run is, what its history holds, and which of its states is the best."""

from __future__ import annotations

import math

from vocation.config import TrainConfig

History = list[dict[str, float]]
"""For each epoch: epoch, step, loss and accuracy of the training and any validation part."""

BEST = ("eval_calibrated_loss", "min")
"""The metric that stopping and the choice of weights read, and its better direction: loss on the
validation part, role names masked, at the temperature that suits it best. It is steadier than
accuracy where few rows are held out; and the plain loss rises with overconfidence, which
calibration corrects, long before answers stop getting better.
"""


def planned_steps(rows: int, config: TrainConfig) -> int:
    """Steps of a whole run on `rows` rows: the configured epochs, at least about `min_steps`."""
    return config.num_epochs * epoch_steps(rows, config)


def epoch_steps(rows: int, config: TrainConfig) -> int:
    """Steps of an epoch: a pass over the rows, longer where passes give fewer than `min_steps`."""
    return max(math.ceil(rows / config.batch_size), math.ceil(config.min_steps / config.num_epochs))


def best_steps(history: History) -> int:
    """Steps until the weights that were kept: to the first epoch with the lowest calibrated loss,
    or to the end without a validation part.
    """
    # history[-1:] is a list with the last entry; min takes the first of equal ones.
    judged = [entry for entry in history if "calibrated_loss" in entry] or history[-1:]
    return int(min(judged, key=lambda entry: entry.get("calibrated_loss", 0.0))["step"])


def best_loss(history: History) -> float:
    """The lowest calibrated loss on the validation part; infinite without one."""
    return min(
        (entry["calibrated_loss"] for entry in history if "calibrated_loss" in entry),
        default=math.inf,
    )
