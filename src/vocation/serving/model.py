"""One trained model of a bundle: what its members say, fused into calibrated probabilities, and
when not to trust them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.bundle import layout, reader
from vocation.errors import BundleError
from vocation.serving.network import Network, Read, embeddings
from vocation.text.clean import mask_role, names_goal, words
from vocation.text.languages import language
from vocation.text.ngrams import NgramScorer
from vocation.text.person import MASKING, mask_person

_MIN_WORDS = 3


def softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities along the last axis, in double precision."""
    shifted = np.exp(scores.astype(np.float64) - scores.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


MEMBERS = ("classifier", "similarity", "ngrams")
"""The three opinions that a probability is made of: what was learnt, what the career is, and what
the words themselves say.
"""


def add(members: Mapping[str, NDArray[Any]], weights: Mapping[str, float]) -> NDArray[np.float64]:
    """The members' scores, each (n, classes), times one learnt weight for each: their sum, from
    which `softmax` makes probabilities.
    """
    total = np.zeros(next(iter(members.values())).shape, np.float64)
    for name, scores in members.items():
        total += weights[name] * scores
    return total


def fuse(members: Mapping[str, NDArray[Any]], weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Calibrated probabilities (n, classes) from the members' scores, each (n, classes), and one
    learnt weight for each.
    """
    return softmax(add(members, weights))


class Model:
    """One trained model: calibrated probabilities of its own careers, and its doubts. A bundle has
    one, an ensemble several.
    """

    def __init__(
        self, opened: reader.LoadedBundle, network: Network, first: int, place: int
    ) -> None:
        """`first` is the first of its columns in the logits of `network`, `place` its column in the
        scope: both 0 unless models share it.
        """
        self.classes = tuple(career.name for career in opened.careers)
        self.network = network
        self.embeddings = opened.embeddings
        self.estimator = opened.tasks.estimator
        self.paid = frozenset(opened.tasks.pay)  # careers whose pay it has seen often enough
        self._logits, self._place = slice(first, first + len(self.classes)), place
        self._words = NgramScorer(opened.ngrams, opened.ngram_factors)
        self.masking = opened.metadata.get(
            "masking", 0
        )  # none in bundles that were trained before there was any
        if self.masking not in (0, MASKING) or isinstance(self.masking, bool):
            raise BundleError(
                f"{opened.where} masks persons by rules of version {self.masking!r}, this version"
                f" knows {MASKING}: train again or install the matching version"
            )
        try:
            calibration = opened.metadata["calibration"]
            self._weights = {name: float(calibration["weights"][name]) for name in MEMBERS}
            self._domain_threshold = float(calibration["domain_threshold"])
            self._domain_confidence = float(calibration["domain_confidence"])
            self._confidence_threshold = float(calibration["confidence_threshold"])
            logit_threshold = calibration.get(
                "logit_threshold"
            )  # absent: older bundles, and too few rows to learn it
            self._logit_threshold = -np.inf if logit_threshold is None else float(logit_threshold)
            self._languages = tuple(map(str, opened.metadata["languages"]))
        except (KeyError, TypeError, ValueError):
            raise BundleError(
                f"{opened.where}: {layout.METADATA} has no usable calibration"
            ) from None

    def seen(self, text: str) -> str:
        """The cleaned `text` as this model reads it, which is what its training rows looked
        like.
        """
        return mask_person(text) if self.masking else text

    def scores(self, texts: Sequence[str], read: Read) -> NDArray[np.float64]:
        """Scores (n, own careers) of `texts` as they are `seen`, of which the network made `read`;
        their softmax are calibrated probabilities.
        """
        similarity = embeddings(read.features, self.embeddings.shape[1]) @ self.embeddings.T
        return add(
            {
                "classifier": read.logits[:, self._logits],
                "similarity": similarity,
                "ngrams": self._words.scores(texts),
            },
            self._weights,
        )

    def doubt(self, text: str, scores: NDArray[Any], scope: NDArray[Any]) -> str | None:
        """Why the answer by `scores` (own careers,) should not be trusted, a key of
        `recommend.UNSURE`, or None; `scope` is of one text.
        """
        if not any(letter.isalpha() for letter in text):
            return "empty"
        text = self.seen(text)  # who somebody is must not decide either whether there is an answer
        said = words(text)
        if self._languages and (language(text) or self._languages[0]) not in self._languages:
            return "language"
        if len(said) < _MIN_WORDS:
            return "short"
        best = float(np.clip(softmax(scores[None]).max(), 1e-6, 1 - 1e-6))
        far = (
            float(scope[self._place]) + self._domain_confidence * np.log(best / (1 - best))
            < self._domain_threshold
        )
        elsewhere = float(scores.max()) < self._logit_threshold
        if (far or elsewhere) and mask_role(
            text, name := self.classes[int(scores.argmax())]
        ) == text:
            if names_goal(
                text, noun := name.split()[-1]
            ):  # "I want to be a nurse" names Registered Nurse, "a manager" several careers
                alone = sum(one.casefold().endswith(noun.casefold()) for one in self.classes) == 1
                return None if alone and best >= self._confidence_threshold else "near"
            return ("far" if self.network.readable(said) else "unreadable") if far else "elsewhere"
        return "near" if best < self._confidence_threshold else None


def models(parts: Sequence[reader.LoadedBundle], threads: int) -> list[Model]:
    """The models of a bundle; those that were read with the same network share it. BundleError
    where network and files do not fit.
    """
    found: list[Model] = []
    networks: dict[tuple[int, int], Network] = {}
    for part in parts:
        key = (
            id(part.model),
            id(part.tokenizer),
        )  # the reader reads every file once, so the same file is the same object
        if key not in networks:
            networks[key] = Network(part.model, part.tokenizer, threads)
        before = [one for one in found if one.network is networks[key]]
        found.append(
            Model(part, networks[key], sum(len(one.classes) for one in before), len(before))
        )
    reads = {network: network.prove() for network in networks.values()}
    for part, model in zip(parts, found, strict=True):
        read, sharing = reads[model.network], [one for one in found if one.network is model.network]
        width = sum(len(one.classes) for one in sharing)
        fits = (
            read.features.shape[1] > model.embeddings.shape[1]
            and read.logits.shape[1] == width
            and read.scope.shape[1] == len(sharing)
        )
        if not fits:
            raise BundleError(
                f"{part.where}: the network and {layout.EMBEDDINGS} do not belong together"
            )
        if model.estimator and model.estimator.weights.shape[1] != read.features.shape[1]:
            raise BundleError(
                f"{part.where}: the network and {layout.TASKS} do not belong together"
            )
    return found
