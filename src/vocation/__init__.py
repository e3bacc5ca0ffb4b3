"""vocation: train a career recommender on your own data and put it in front of people.

Importing this package imports nothing heavy: each public name loads what it needs when it is first
used.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Libraries report usage to their vendors unless these are set before they are imported. This
# package is imported before any of them, by the command line, the page, the notebook and Python.
# A value that the user has set stays.
for _name, _value in {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime also keeps a device id in the user's cache
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
}.items():
    os.environ.setdefault(_name, _value)

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
