"""Answer a text with careers: the recommendation, the decision to answer or to ask, the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from vocation import metrics
from vocation.bundle import ensemble, layout, reader
from vocation.bundle.tasks import suggest
from vocation.data.pay import official
from vocation.errors import BundleError
from vocation.records import SHOWN_SKILLS, Career, Pay, Recommendation, SkillFound, Suggestion
from vocation.serving.asked import Texts, choose, listed
from vocation.serving.explain import NONE, Reasons, phrase_reasons
from vocation.serving.held import Held
from vocation.serving.model import NAMED, MaskedText, load_models, softmax
from vocation.serving.network import Read
from vocation.serving.unsure import UNSURE
from vocation.text.care import ANSWERS, concern
from vocation.text.clean import MAX_TEXT, clean
from vocation.text.refusals import wanted
from vocation.text.titles import Mention, Titles

# From which calibrated probability on an answer is called so.
# The last one is 0, so that every probability has words.
_WORDS = ((0.6, "strong match"), (0.3, "good match"), (0.1, "possible match"), (0.0, "weak match"))
_LEAST_LEFT = 0.5  # probability of the careers that are not left out, below which no answer is sure
_GUESS = "a guess"  # whatever the probability, if the answer is unsure


class _Scored(NamedTuple):
    """Texts as the models judge them.

    `probabilities` (n, classes) of all models together; for each model its `scores` (n, own
    careers), what its network `read`, and the n texts as it reads them, `masked`. `titles` (n) are
    the occupations that the first model's texts name, `named` (n, classes) their evidence of
    careers, `outside` an occupation that none of them is. `kept` (n) is what was read of each text:
    empty where all of it refuses something.
    """

    probabilities: NDArray[np.float64]
    scores: list[NDArray[np.float64]]
    reads: list[Read]
    masked: list[list[MaskedText]]
    titles: list[list[Mention]]
    named: NDArray[np.float64]
    outside: list[str | None]
    kept: list[str]


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
        self._titles = Titles(self.classes, [career.aliases for career in opened.careers])
        self._held = Held(self.careers, self._titles)
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
        """Return the skills that `text` names, each quoted once, those of a job held, suggestions.

        What the text denies ("no experience with ..."), wishes or refuses is none. Suggestions are
        skills to ask for; there are some only if they were measured to be useful.
        """
        text = clean(text[:MAX_TEXT])
        named, spoken = self._held.found(text)
        if not self._tasks.usual or not text:
            return named
        scored = self._score([text])
        if self._abstention_reason(text, 0, scored) not in (None, "near"):
            return named
        more = suggest(
            scored.probabilities[0],
            self.classes,
            self._tasks.usual,
            spoken,  # denied ones too: they are not suggested
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

    def probabilities(self, texts: Texts, by_name: bool = True) -> NDArray[np.float64]:
        """Return calibrated probabilities (n texts, n classes); each row sums to 1.

        A text gets the same row alone and in any batch. Without `by_name` it does not count that a
        text names a career: these are the trained model's own. `texts` are as for `recommend`;
        TypeError for a single text.
        """
        cleaned = [clean(text[:MAX_TEXT]) for text in listed(texts)]
        if not cleaned:
            return np.zeros((0, len(self.classes)))
        return self._score(cleaned, by_name).probabilities

    def _score(self, texts: Sequence[str], by_name: bool = True) -> _Scored:
        """Score cleaned texts; those that a model reads alike are read once.

        Clauses that refuse something are not read; `by_name` False reads them, and hears no names.
        """
        kept = [wanted(text) for text in texts] if by_name else list(texts)
        texts = [own or text for own, text in zip(kept, texts, strict=True)]
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
        # In the masked text no name of a person is taken for a title.
        mentions = [self._titles.mentions(one.text) for one in masked[self._models[0].masking]]
        named = np.array([self._titles.evidence(found, len(self.classes)) for found in mentions])
        scores, reads = [], []
        for model, columns in zip(self._models, self._columns, strict=True):
            read = runs[model.network, model.masking]
            own = different[model.masking]
            place = {text: i for i, text in enumerate(own)}
            # From the distinct texts back to one row for each text.
            rows = [place[one.text] for one in masked[model.masking]]
            heard = NAMED * named[:, columns] if by_name else 0.0
            scores.append(model.scores(own, read)[rows] + heard)
            reads.append(read.rows(rows))
        probabilities = [softmax(table) for table in scores]
        return _Scored(
            ensemble.pool(probabilities, self._columns, len(self.classes)),
            scores,
            reads,
            [masked[model.masking] for model in self._models],
            mentions,
            named,
            [
                self._titles.outside(one.text, found)
                for one, found in zip(masked[self._models[0].masking], mentions, strict=True)
            ],
            kept,
        )

    @overload
    def recommend(
        self,
        text: str,
        top_k: int = 5,
        explain: bool = False,
        *,
        care: bool = True,
        exclude: Sequence[str] = (),
        only: Sequence[str] | None = None,
    ) -> Recommendation: ...
    @overload
    def recommend(
        self,
        text: Texts,
        top_k: int = 5,
        explain: bool = False,
        *,
        care: bool = True,
        exclude: Sequence[str] = (),
        only: Sequence[str] | None = None,
    ) -> list[Recommendation]: ...

    def recommend(
        self,
        text: str | Texts,
        top_k: int = 5,
        explain: bool = False,
        *,
        care: bool = True,
        exclude: Sequence[str] = (),
        only: Sequence[str] | None = None,
    ) -> Recommendation | list[Recommendation]:
        """Return careers for one text, or a list of answers for several texts.

        Several texts are a list, a tuple, a numpy array or a pandas Series; None and NaN among them
        are answered like an empty text. `top_k` careers are named (1 or more; at most all). With
        `explain` each says which phrases of the text spoke for it and against it, which costs one
        more reading of the text for every phrase. Careers of `exclude` are left out, and all but
        those of `only`: confidence is then among those that are left. With `care` a text that
        speaks of distress, or asks to choose among people, gets "help" and no careers. Raises
        TypeError for anything that is no text, ValueError for an unknown career or if none is left.
        """
        if top_k < 1:
            raise ValueError(f"top_k must be 1 or more, found {top_k}")
        left = choose(self.careers, exclude, only)
        single = isinstance(text, str)
        given = [text] if isinstance(text, str) else listed(text)
        texts = [clean(one[:MAX_TEXT]) for one in given]
        if not texts:
            return []
        scored = self._score(texts)
        answers = [
            self._help(one, care)
            or self._answer(one, i, scored, left, top_k, explain, cut=len(given[i]) > MAX_TEXT)
            for i, one in enumerate(texts)
        ]
        return answers[0] if single else answers

    def _abstention_reason(self, text: str, i: int, scored: _Scored) -> str | None:
        """Return why the answer to `text`, row `i` of `scored`, is not to be trusted, or None.

        A reason is a key of UNSURE that half of the models or more have.
        """
        if not any(letter.isalpha() for letter in text):
            return "empty"
        if not scored.kept[i]:
            return "refused"
        rows = zip(
            self._models, scored.masked, scored.scores, scored.reads, self._columns, strict=True
        )
        reasons = [
            model.abstention_reason(masked[i], scores[i], read, i, scored.named[i][columns])
            for model, masked, scores, read, columns in rows
        ]
        reason = ensemble.majority_reason(reasons, UNSURE)
        if scored.outside[i] is not None and reason != "language":
            return "outside"
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
        self,
        text: str,
        i: int,
        scored: _Scored,
        left: NDArray[np.bool_],
        top_k: int,
        explain: bool,
        cut: bool,
    ) -> Recommendation:
        """Return the answer to `text`, row `i` of `scored`; `cut` if its end is left out.

        `left` (classes,) are the careers that may be named.
        """
        unsure = self._abstention_reason(text, i, scored)
        # What fits best is left out: the others fit only in comparison with each other.
        if unsure in (None, "near") and scored.probabilities[i][left].sum() < _LEAST_LEFT:
            unsure = "left out"
        reason, question = UNSURE[unsure] if unsure else (None, None)
        if unsure == "language" and reason and question:
            reason = reason.format(language=scored.masked[0][i].language)
            question = question.format(known=" or ".join(self._languages))
        if unsure == "outside" and reason:
            reason = reason.format(outside=scored.outside[i], count=len(self.classes))
        if unsure in ("empty", "refused"):
            return Recommendation("unsure", reason, (), question=question, reason_code=unsure)
        probabilities = np.where(left, scored.probabilities[i], 0.0)
        # A sum of 0 is possible where the careers left have none of the probability.
        probabilities = probabilities / max(float(probabilities.sum()), 1e-300)
        # Stable: of equal probabilities the earlier career comes first.
        order = [c for c in np.argsort(-probabilities, kind="stable").tolist() if left[c]]
        best = order[:top_k]
        reasons = [Reasons()] * len(best)
        if explain:
            # A guess has no reasons that would hold.
            reasons = [NONE] * len(best) if unsure else self._reasons(text, i, scored, best)
        same = scored.masked[0][i].text == text  # then the titles are at the same places
        held = self._held.skills(text, scored.kept[i], scored.titles[i] if same else None)
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


def load_model(path: str | Path = "models") -> Recommender:
    """Load a bundle: the guide's name for `Recommender.load`."""
    return Recommender.load(path)
