"""The names that scikit-learn's users expect of a classifier, and how notebooks show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vocation import notebook
from vocation.format import interval

if TYPE_CHECKING:
    from vocation.serving.asked import Texts

_SHOWN = 12  # careers that are named


class Estimator:
    """What a recommender is besides its answers: `predict`, `predict_proba`, `classes_`."""

    classes: tuple[str, ...]
    metadata: Mapping[str, Any]

    @property
    def classes_(self) -> NDArray[np.str_]:
        """The careers (n classes,), in the order of the columns of `predict_proba`."""
        return np.array(self.classes)

    def probabilities(self, texts: Texts, by_name: bool = True) -> NDArray[np.float64]:
        """Return calibrated probabilities (n texts, n classes)."""
        raise NotImplementedError

    def predict_proba(self, texts: Texts) -> NDArray[np.float64]:
        """Return `probabilities(texts)`: (n texts, n classes) in the order of `classes_`."""
        return self.probabilities(texts)

    def predict(self, texts: Texts) -> NDArray[np.str_]:
        """Return the most probable career of each text (n texts,), also of one that tells little.

        Nothing is ever unsure here, and nobody in need gets help: use `recommend` for people.
        """
        best: NDArray[np.str_] = self.classes_[self.probabilities(texts).argmax(axis=1)]
        return best

    def __repr__(self) -> str:
        facts = ", ".join(f"{name} {value}" for name, value in self._facts().items())
        return f"<{type(self).__name__} of {len(self.classes):,} careers: {facts}>"

    def _repr_html_(self) -> str:
        more = len(self.classes) - _SHOWN
        names = ", ".join(self.classes[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
        title = f"{type(self).__name__} of {len(self.classes):,} careers"
        return notebook.table(title, [*self._facts().items(), ("careers", names)])

    def _facts(self) -> dict[str, str]:
        """What a person wants to know first; "not known" where a bundle does not tell."""
        try:
            accuracy = interval(self.metadata["metrics"]["test"]["accuracy"])
        except (KeyError, TypeError, ValueError):
            accuracy = "not known"
        return {
            "accuracy": accuracy,
            "trained": str(self.metadata.get("trained", "not known"))[:10],
        }
