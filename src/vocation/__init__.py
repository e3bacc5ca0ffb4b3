"""vocation: train a career recommender on your own data and put it in front of people.

Importing this package imports nothing heavy: each public name loads what it needs when it is first
used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from vocation.augment import augment_data as augment_data
    from vocation.config import TrainConfig as TrainConfig
    from vocation.errors import VocationError as VocationError
    from vocation.records import Recommendation as Recommendation
    from vocation.serving.recommend import Recommender as Recommender
    from vocation.serving.recommend import load_model as load_model
    from vocation.training import train as train

_HOME = {
    "Recommender": "serving.recommend",
    "load_model": "serving.recommend",
    "Recommendation": "records",
    "TrainConfig": "config",
    "VocationError": "errors",
    "augment_data": "augment",
    "train": "training",
}

__all__ = [
    "Recommendation",
    "Recommender",
    "TrainConfig",
    "VocationError",
    "__version__",
    "augment_data",
    "load_model",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'vocation' has no attribute {name!r}")
    return getattr(import_module(f"vocation.{_HOME[name]}"), name)
