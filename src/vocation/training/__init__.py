"""Training: the only folder that imports torch. `train` is its one door."""

from vocation.training.run import TrainResult, train

__all__ = ["TrainResult", "train"]
