"""Answer a text with careers: the recommendation, the decision to answer or to ask, the reasons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from vocation import metrics
from vocation.bundle import ensemble, layout, reader
from vocation.bundle.tasks import suggest
from vocation.data.pay import official
from vocation.errors import BundleError
from vocation.records import SHOWN_SKILLS, Career, Pay, Recommendation, SkillFound, Suggestion
from vocation.serving.explain import NONE, Reasons, phrase_reasons
from vocation.serving.model import MaskedText, load_models, softmax
from vocation.serving.network import Read
from vocation.text.care import ANSWERS, concern
from vocation.text.clean import MAX_TEXT, clean
from vocation.text.skills import Skills

# From which calibrated probability on an answer is called so.
# The last one is 0, so that every probability has words.
_WORDS = ((0.6, "strong match"), (0.3, "good match"), (0.1, "possible match"), (0.0, "weak match"))
_GUESS = "a guess"  # whatever the probability, if the answer is unsure

UNSURE = {
    "empty": (
        "there is no readable text",
        "Tell us in two or three sentences what you like to do and what you are good at.",
    ),
    "short": (
        "the text is too short to tell",
        "What do you enjoy, what are you good at, and where would you like to work?",
    ),
    "language": (
        "the text seems to be in {language}, which this model has not learnt",
        "Could you write two or three sentences in {known}?",
    ),
    "unreadable": (
        "most of the words could not be read",
        (
            "Could you say it in two or three plain sentences: what you like to do, and what you"
            " are good at?"
        ),
    ),
    "far": (
        "too little in the text tells which work would fit",
        (
            "Which activities, school subjects, tools or hobbies do you enjoy, and what would you"
            " like to do with them?"
        ),
    ),
    "elsewhere": (
        "none of the careers known here fits well",
        (
            "Is there something you enjoy or do well that you have not mentioned? Otherwise a"
            " career that is not in this list may suit you better."
        ),
    ),
    "near": (
        "several careers fit about equally well",
        (
            "What matters most to you in a working day: people, things, numbers, ideas, nature or"
            " making something?"
        ),
    ),
}
"""Why an answer is unsure, and what to ask next, by the reasons of `Model.abstention_reason`."""


class _Array(Protocol):
    """A numpy array, a pandas Series, or what else can be made an array of."""

    def __array__(self, *args: Any, **kwargs: Any) -> NDArray[Any]: ...


Texts = list[Any] | tuple[Any, ...] | _Array
"""Several texts, one after the other; None and NaN among them are empty texts."""


class _Scored(NamedTuple):
    """Texts as the models judge them.

    `probabilities` (n, classes) of all models together; for each model its `scores` (n, own
    careers), what its network `read`, and the n texts as it reads them, `masked`.
    """

    probabilities: NDArray[np.float64]
    scores: list[NDArray[np.float64]]
    reads: list[Read]
    masked: list[list[MaskedText]]


class Recommender:
    """A trained bundle, ready to answer. Immutable after `load`; safe to share between threads.

    >>> recommender = Recommender.load("models")                                    # doctest: +SKIP
    >>> answer = recommender.recommend("I like fixing cars with my uncle")          # doctest: +SKIP
    >>> answer.careers[0].career                                                    # doctest: +SKIP
    """

    def __init__(self, opened: reader.LoadedBundle, threads: int = 0) -> None:
        """`threads` compute one answer; 0 takes as many as the machine has cores."""
        self.careers: tuple[Career, ...] = opened.careers
        self.classes: tuple[str, ...] = tuple(career.name for career in opened.careers)
        self.metadata = opened.metadata
        self._tasks = opened.tasks
        self._skills = Skills(skill for career in opened.careers for skill in career.skills)
        trained = str(opened.metadata.get("trained", ""))[:10]
        self._pay = [
            opened.tasks.pay.get(career.name) or official(career, trained)
            for career in opened.careers
        ]
        try:
            calibration = opened.metadata["calibration"]
            self._set_threshold = float(calibration["set_threshold"])
            self._confidence_threshold = float(calibration["confidence_threshold"])
            self._languages = tuple(map(str, opened.metadata["languages"]))
        except (KeyError, TypeError, ValueError):
            raise BundleError(
                f"{opened.where}: {layout.METADATA} has no usable calibration"
            ) from None
        self._models = load_models(opened.members or (opened,), threads)
        place = {name: i for i, name in enumerate(self.classes)}
        self._columns = [
            np.array([place[name] for name in model.classes]) for model in self._models
        ]
        self._network = self._models[0].network

    @property
    def masks_person(self) -> bool:
        """Whether every model reads texts without names, titles and gendered words."""
        return all(model.masking for model in self._models)

    @classmethod
    def load(cls, path: str | Path = "models", threads: int = 0) -> Recommender:
        """Load a bundle folder or its zip.

        Raises BundleError, which says in one sentence what is missing, damaged or not allowed.
        """
        return cls(reader.read(path), threads)

    def career(self, name: str) -> Career:
        """Return the public profile of one of `classes`; KeyError for any other name."""
        return dict(zip(self.classes, self.careers, strict=True))[name]

    def skills(self, text: str) -> tuple[SkillFound, ...]:
        """Return the skills that `text` names, in its order, each quoted once; then suggestions.

        What the text denies ("no experience with ...") is neither. Suggestions are skills to ask
        for; there are some only if they were measured to be useful.
        """
        text = clean(text[:MAX_TEXT])
        mentions = self._skills.mentions(text)
        # Reversed, because the last entry of a key counts: each skill keeps its first mention.
        first = {mention.skill: mention for mention in reversed(mentions) if not mention.denied}
        ordered = sorted(first.values(), key=lambda one: (one.start, -one.end, one.skill))
        named = tuple(SkillFound(one.skill, "named", text[one.start : one.end]) for one in ordered)
        if not self._tasks.usual or not text:
            return named
        scored = self._score([text])
        if self._abstention_reason(text, 0, scored) not in (None, "near"):
            return named
        more = suggest(
            scored.probabilities[0],
            self.classes,
            self._tasks.usual,
            {mention.skill for mention in mentions},  # denied ones too: they are not suggested
        )
        suggested = (SkillFound(skill, "suggested", confidence=share) for skill, share in more)
        return (*named, *suggested)

    def pay(self, text: str, career: str) -> Pay | None:
        """Return what a job of `career` (one of `classes`) that `text` describes would pay.

        None unless that was measured to beat the median, and at least `pay.LEAST_ROWS` rows of the
        career name pay: of other careers the model knows only the mean of all. It is meant for job
        descriptions: the pay of a suggestion is the career's own and does not depend on how
        somebody writes. Raises KeyError for an unknown career.
        """
        if career not in self.classes:
            raise KeyError(career)
        text = clean(text[:MAX_TEXT])
        for model in self._models:
            if model.estimator is not None and career in model.paid and text:
                features = model.network.run([model.masked(text)]).features[0]
                return model.estimator.pay(features, model.classes.index(career))
        return None

    def probabilities(self, texts: Texts) -> NDArray[np.float64]:
        """Return calibrated probabilities (n texts, n classes); each row sums to 1.

        A text gets the same row alone and in any batch. `texts` are as for `recommend`; TypeError
        for a single text.
        """
        cleaned = [clean(text[:MAX_TEXT]) for text in _listed(texts)]
        if not cleaned:
            return np.zeros((0, len(self.classes)))
        return self._score(cleaned).probabilities

    def _score(self, texts: Sequence[str]) -> _Scored:
        """Score cleaned texts; those that a model reads alike are read once."""
        masked: dict[int, list[MaskedText]] = {}
        for model in self._models:
            if model.masking not in masked:
                masked[model.masking] = [MaskedText(model.masked(text)) for text in texts]
        different = {
            # A dict is a set that keeps the order: texts that masking makes equal are read once.
            masking: list(dict.fromkeys(one.text for one in own))
            for masking, own in masked.items()
        }
        runs = {
            (network, masking): network.run(different[masking])
            for network, masking in {(one.network, one.masking): None for one in self._models}
        }
        scores, reads = [], []
        for model in self._models:
            read = runs[model.network, model.masking]
            own = different[model.masking]
            place = {text: i for i, text in enumerate(own)}
            # From the distinct texts back to one row for each text.
            rows = [place[one.text] for one in masked[model.masking]]
            scores.append(model.scores(own, read)[rows])
            reads.append(read.rows(rows))
        probabilities = [softmax(table) for table in scores]
        return _Scored(
            ensemble.pool(probabilities, self._columns, len(self.classes)),
            scores,
            reads,
            [masked[model.masking] for model in self._models],
        )

    @overload
    def recommend(
        self, text: str, top_k: int = 5, explain: bool = False, care: bool = True
    ) -> Recommendation: ...
    @overload
    def recommend(
        self, text: Texts, top_k: int = 5, explain: bool = False, care: bool = True
    ) -> list[Recommendation]: ...

    def recommend(
        self, text: str | Texts, top_k: int = 5, explain: bool = False, care: bool = True
    ) -> Recommendation | list[Recommendation]:
        """Return careers for one text, or a list of answers for several texts.

        Several texts are a list, a tuple, a numpy array or a pandas Series; None and NaN among them
        are answered like an empty text. `top_k` careers are named (1 or more; at most all). With
        `explain` each says which phrases of the text spoke for it and against it, which costs one
        more reading of the text for every phrase. With `care` a text that speaks of distress, or
        asks to choose among people, gets "help" and no careers. Raises TypeError for anything that
        is no text.
        """
        if top_k < 1:
            raise ValueError(f"top_k must be 1 or more, found {top_k}")
        single = isinstance(text, str)
        given = [text] if isinstance(text, str) else _listed(text)
        texts = [clean(one[:MAX_TEXT]) for one in given]
        if not texts:
            return []
        scored = self._score(texts)
        answers = [
            self._help(one, care)
            or self._answer(one, i, scored, top_k, explain, cut=len(given[i]) > MAX_TEXT)
            for i, one in enumerate(texts)
        ]
        return answers[0] if single else answers

    def _abstention_reason(self, text: str, i: int, scored: _Scored) -> str | None:
        """Return why the answer to `text`, row `i` of `scored`, is not to be trusted, or None.

        A reason is a key of UNSURE that half of the models or more have.
        """
        if not any(letter.isalpha() for letter in text):
            return "empty"
        rows = zip(self._models, scored.masked, scored.scores, scored.reads, strict=True)
        reasons = [
            model.abstention_reason(masked[i], scores[i], read.domain[i])
            for model, masked, scores, read in rows
        ]
        reason = ensemble.majority_reason(reasons, UNSURE)
        if reason is None and scored.probabilities[i].max() < self._confidence_threshold:
            return "near"  # each model may be confident, of another career
        return reason

    @staticmethod
    def _help(text: str, care: bool) -> Recommendation | None:
        code = concern(text) if care else None
        if code is None:
            return None
        reason, question = ANSWERS[code]
        return Recommendation("help", reason, (), question=question, reason_code=code)

    def _answer(
        self, text: str, i: int, scored: _Scored, top_k: int, explain: bool, cut: bool
    ) -> Recommendation:
        """Return the answer to `text`, row `i` of `scored`; `cut` if its end is left out."""
        unsure = self._abstention_reason(text, i, scored)
        reason, question = UNSURE[unsure] if unsure else (None, None)
        if unsure == "language" and reason and question:
            reason = reason.format(language=scored.masked[0][i].language)
            question = question.format(known=" or ".join(self._languages))
        if unsure == "empty":
            return Recommendation("unsure", reason, (), question=question, reason_code=unsure)
        probabilities = scored.probabilities[i]
        # Stable: of equal probabilities the earlier career comes first.
        order = np.argsort(-probabilities, kind="stable").tolist()
        best = order[:top_k]
        reasons = [Reasons()] * len(best)
        if explain:
            # A guess has no reasons that would hold.
            reasons = [NONE] * len(best) if unsure else self._reasons(text, i, scored, best)
        held = frozenset(self._skills.held(text))
        careers = tuple(
            self._suggest(held, c, float(probabilities[c]), own, bool(unsure))
            for c, own in zip(best, reasons, strict=True)
        )
        in_set = metrics.prediction_sets(probabilities[None], self._set_threshold)[0]
        return Recommendation(
            "unsure" if unsure else "match",
            reason,
            careers,
            tuple(self.classes[c] for c in order if in_set[c]),
            cut or any(bool(read.truncated[i]) for read in scored.reads),
            question,
            unsure,
        )

    def _suggest(
        self, named: frozenset[str], c: int, confidence: float, reasons: Reasons, unsure: bool
    ) -> Suggestion:
        skills = self.careers[c].skills
        held = tuple(skill for skill in skills if skill in named)
        missing = tuple(skill for skill in skills if skill not in named)[:SHOWN_SKILLS]
        words = _GUESS if unsure else next(words for least, words in _WORDS if confidence >= least)
        return Suggestion(
            self.classes[c], confidence, words, held, missing, *reasons, pay=self._pay[c]
        )

    def _reasons(self, text: str, i: int, scored: _Scored, best: Sequence[int]) -> list[Reasons]:
        """Return the reasons for and against each career of `best`, and its nearest public text."""
        found = phrase_reasons(
            text, scored.probabilities[i], best, self.classes, self.probabilities
        )
        return [
            own._replace(nearest=self._nearest(self.classes[c], i, scored))
            for c, own in zip(best, found, strict=True)
        ]

    def _nearest(self, career: str, i: int, scored: _Scored) -> str | None:
        """Return the public text of `career` that is nearest to text number `i`.

        The first model that knows the career compares them.
        """
        # A vector can be compared only with vectors of the same network.
        model, read = next(
            (model, read)
            for model, read in zip(self._models, scored.reads, strict=True)
            if career in model.classes
        )
        c = model.classes.index(career)
        return model.public_texts.nearest(c, model.embedding(read, i))


def _listed(texts: Texts) -> list[str]:
    """Return `texts` as a list of strings; TypeError for anything that is not several texts."""
    # A table (a DataFrame, an array of two dimensions) is no list of texts.
    if not isinstance(texts, list | tuple) and getattr(texts, "ndim", None) != 1:
        found = "one text" if isinstance(texts, str) else type(texts).__name__
        raise TypeError(f"expected a list, a tuple, an array or a Series of texts, found {found}")
    return [_text(value, i) for i, value in enumerate(texts)]  # type: ignore[arg-type]


def _text(value: Any, i: int) -> str:
    if isinstance(value, str):
        return value
    # Recognised by name, so that pandas need not be installed.
    missing = isinstance(value, float | np.floating) and math.isnan(value)
    if value is None or missing or type(value).__name__ in ("NAType", "NaTType"):  # of pandas
        return ""
    raise TypeError(
        f"expected a text at position {i}, found {str(value)[:60]!r} ({type(value).__name__})"
    )


def load_model(path: str | Path = "models") -> Recommender:
    """Load a bundle: the guide's name for `Recommender.load`."""
    return Recommender.load(path)
