"""From a text to careers: the answer in a seeker's words, the decision to answer or to ask, and the
reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from vocation.bundle import ensemble, layout, reader
from vocation.bundle.tasks import suggest
from vocation.data.pay import official
from vocation.errors import BundleError
from vocation.records import Career, Pay, Recommendation, SkillFound, Suggestion
from vocation.serving.model import models, softmax
from vocation.serving.network import Read, embeddings
from vocation.text.clean import clean, phrases
from vocation.text.languages import language
from vocation.text.skills import Skills

Note = tuple[
    tuple[str, ...] | None, tuple[str, ...] | None, str | None
]  # because, against, nearest

_SHOWN_SKILLS = 12
_LEAST_EXPLAINED = 0.02

# A calibrated probability in plain words.
_WORDS = ((0.6, "strong match"), (0.3, "good match"), (0.1, "possible match"), (0.0, "weak match"))
_GUESS = "a guess"  # whatever the number, where the answer is unsure

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
"""Why an answer is unsure, and what to ask next: the reasons that `model.Model.doubt` has."""


class _Scored(NamedTuple):
    """Texts as the models judge them: `probabilities` (n, classes) of all together, each model's
    `own` scores, and what its network read.
    """

    probabilities: NDArray[np.float64]
    own: list[NDArray[np.float64]]
    reads: list[Read]


class Recommender:
    """A trained bundle, ready to answer. Immutable after `load`; safe to share between threads.

    >>> recommender = Recommender.load("models")                                    # doctest: +SKIP
    >>> recommender.recommend("I like fixing cars with my uncle").careers[0].career   # doctest:
    +SKIP
    """

    def __init__(self, opened: reader.LoadedBundle, threads: int = 0) -> None:
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
            self._mass = float(calibration["set_threshold"])
            self._least_confidence = float(calibration["confidence_threshold"])
            self._languages = tuple(map(str, opened.metadata["languages"]))
        except (KeyError, TypeError, ValueError):
            raise BundleError(
                f"{opened.where}: {layout.METADATA} has no usable calibration"
            ) from None
        self._models = models(opened.members or (opened,), threads)
        place = {name: i for i, name in enumerate(self.classes)}
        self._columns = [
            np.array([place[name] for name in model.classes]) for model in self._models
        ]
        self._network, self._embeddings = self._models[0].network, self._models[0].embeddings

    @property
    def masks_person(self) -> bool:
        """Whether names, titles and gendered words are made neutral before every model of the
        bundle reads a text.
        """
        return all(model.masking for model in self._models)

    @classmethod
    def load(cls, path: str | Path = "models", threads: int = 0) -> Recommender:
        """Load a bundle folder or its zip. BundleError says in one sentence what is missing,
        damaged or not allowed.
        """
        return cls(reader.read(path), threads)

    def career(self, name: str) -> Career:
        """The public profile of one of `classes`; KeyError for any other name."""
        return dict(zip(self.classes, self.careers, strict=True))[name]

    def skills(self, text: str) -> tuple[SkillFound, ...]:
        """The skills of any career that `text` names, in its order, each quoted once; then those
        that it may be worth to ask for.

        What the text denies ("no experience with ...") is neither. Suggestions are there only where
        they were measured to be of use.
        """
        text = clean(text)
        marks = self._skills.mentions(text)
        first = {mark.skill: mark for mark in reversed(marks) if not mark.denied}
        ordered = sorted(first.values(), key=lambda mark: (mark.start, -mark.end, mark.skill))
        named = tuple(
            SkillFound(mark.skill, "named", text[mark.start : mark.end]) for mark in ordered
        )
        if not self._tasks.usual or not text:
            return named
        scored = self._score([text])
        if self._doubt(text, 0, scored) not in (None, "near"):
            return named
        more = suggest(
            scored.probabilities[0], self.classes, self._tasks.usual, {mark.skill for mark in marks}
        )
        return (
            *named,
            *(SkillFound(skill, "suggested", confidence=share) for skill, share in more),
        )

    def pay(self, text: str, career: str) -> Pay | None:
        """What a job of `career` (one of `classes`) that is described by `text` would pay; None
        where that was not measured to beat the median, or where fewer than `pay.LEAST_ROWS` rows of
        the career name pay: of such a career the model knows no more than the mean of all others.

        For job descriptions: the figure that a suggestion carries is the career's own and does not
        depend on how somebody writes.
        """
        if career not in self.classes:
            raise KeyError(career)
        for model in self._models:
            if model.estimator is not None and career in model.paid and clean(text):
                return model.estimator.pay(
                    model.network.run([model.seen(clean(text))]).features[0],
                    model.classes.index(career),
                )
        return None

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Calibrated probabilities (n texts, n classes); each row sums to 1. The same text gets the
        same row alone and in any batch.
        """
        return (
            self._score([clean(text) for text in texts]).probabilities
            if texts
            else np.zeros((0, len(self.classes)))
        )

    def _score(self, texts: Sequence[str]) -> _Scored:
        """Texts that a model reads the same way are read once."""
        seen = {
            model.masking: [model.seen(text) for text in texts]
            for model in {one.masking: one for one in self._models}.values()
        }
        different = {masking: list(dict.fromkeys(read)) for masking, read in seen.items()}
        reads = {
            (network, masking): network.run(different[masking])
            for network, masking in {(one.network, one.masking): None for one in self._models}
        }
        own, read = [], []
        for model in self._models:
            found = reads[model.network, model.masking]
            place = {text: i for i, text in enumerate(different[model.masking])}
            rows = [place[text] for text in seen[model.masking]]
            own.append(model.scores(different[model.masking], found)[rows])
            read.append(
                Read(
                    found.features[rows],
                    found.logits[rows],
                    found.scope[rows],
                    found.truncated[rows],
                )
            )
        return _Scored(
            ensemble.pool([softmax(table) for table in own], self._columns, len(self.classes)),
            own,
            read,
        )

    @overload
    def recommend(self, text: str, top_k: int = 5, explain: bool = False) -> Recommendation: ...
    @overload
    def recommend(
        self, text: list[str] | tuple[str, ...], top_k: int = 5, explain: bool = False
    ) -> list[Recommendation]: ...

    def recommend(
        self, text: str | list[str] | tuple[str, ...], top_k: int = 5, explain: bool = False
    ) -> Recommendation | list[Recommendation]:
        """Careers for one text, or a list of answers for several texts.

        `top_k` careers are named (1 or more; at most all). With `explain` each says which of the
        person's own phrases spoke for it and against it; that costs one more reading of the text
        for every phrase in it.
        """
        if top_k < 1:
            raise ValueError(f"top_k must be 1 or more, found {top_k}")
        if isinstance(text, str):
            return self.recommend([text], top_k, explain)[0]
        if not text:
            return []
        texts = [clean(one) for one in text]
        scored = self._score(texts)
        cut = np.any([read.truncated for read in scored.reads], axis=0)
        return [
            self._answer(
                one,
                scored.probabilities[i],
                self._doubt(one, i, scored),
                bool(cut[i]),
                top_k,
                explain,
            )
            for i, one in enumerate(texts)
        ]

    def _doubt(self, text: str, i: int, scored: _Scored) -> str | None:
        """Why the answer to `text`, row `i` of `scored`, should not be trusted, as a key of UNSURE:
        what half of the models or more say.
        """
        rows = zip(self._models, scored.own, scored.reads, strict=True)
        doubt = ensemble.majority_reason(
            [model.doubt(text, own[i], read.scope[i]) for model, own, read in rows], UNSURE
        )
        if doubt is None and scored.probabilities[i].max() < self._least_confidence:
            return "near"  # each may be sure, of another career
        return doubt

    def _answer(
        self,
        text: str,
        probabilities: NDArray[Any],
        trouble: str | None,
        truncated: bool,
        top_k: int,
        explain: bool,
    ) -> Recommendation:
        names = (
            {
                "language": language(self._models[0].seen(text)),
                "known": " or ".join(self._languages),
            }
            if trouble == "language"
            else {}
        )
        reason, question = (
            (sentence.format(**names) for sentence in UNSURE[trouble]) if trouble else (None, None)
        )
        if trouble == "empty":
            return Recommendation("unsure", reason, (), question=question)
        order = np.argsort(-probabilities, kind="stable")
        best = order[:top_k]
        notes: Sequence[Note] = (
            self._explain(text, probabilities, best)
            if explain
            else [(None, None, None)] * len(best)
        )
        held = frozenset(self._skills.held(text))
        careers = tuple(
            self._suggest(held, int(c), float(probabilities[c]), note, bool(trouble))
            for c, note in zip(best, notes, strict=True)
        )
        before = np.cumsum(probabilities[order]) - probabilities[order]
        chosen = tuple(self.classes[c] for c in order[: max(1, int((before < self._mass).sum()))])
        return Recommendation(
            "unsure" if trouble else "match", reason, careers, chosen, truncated, question
        )

    def _suggest(
        self, named: frozenset[str], c: int, confidence: float, note: Note, unsure: bool
    ) -> Suggestion:
        skills = self.careers[c].skills
        held = tuple(skill for skill in skills if skill in named)
        missing = tuple(skill for skill in skills if skill not in named)[:_SHOWN_SKILLS]
        words = _GUESS if unsure else next(words for least, words in _WORDS if confidence >= least)
        return Suggestion(
            self.classes[c], confidence, words, held, missing, *note, pay=self._pay[c]
        )

    def _explain(self, text: str, probabilities: NDArray[Any], best: NDArray[Any]) -> list[Note]:
        """For each career of `best` the phrases without which its score would fall most, those
        without which it would rise, and what is publicly said about it that lies nearest to the
        text.

        Where a career has next to no probability, what moves it is noise: nothing is said.
        """
        nearest = self._nearest(text, best)
        spans = phrases(text)
        if len(spans) < 2:
            return [((), (), said) for said in nearest]
        without = self.probabilities(
            [f"{text[:a].rstrip(' ,;')} {text[b:]}".strip(" ,;") for a, b in spans]
        )  # no comma left alone
        moved = _log_odds(probabilities[best]) - _log_odds(without[:, best])
        notes: list[Note] = []
        for c, column, said in zip(best, moved.T, nearest, strict=True):
            if probabilities[c] < _LEAST_EXPLAINED:
                notes.append(((), (), said))
                continue
            ranked = np.argsort(-column)
            for_it = tuple(text[slice(*spans[i])] for i in ranked[:3] if column[i] > 0.1)
            against = tuple(text[slice(*spans[i])] for i in ranked[::-1][:2] if column[i] < -0.1)
            notes.append((for_it, against, said))
        return notes

    def _nearest(self, text: str, best: NDArray[Any]) -> list[str | None]:
        """For each career of `best` the question about it, its skills or its description, whichever
        is nearest to the text.
        """
        known = [_said(self.careers[c]) for c in best]
        size = self._embeddings.shape[1]
        texts = [
            self._models[0].seen(one)
            for one in (text, *(whole for said in known for _, whole in said))
        ]
        table = embeddings(self._network.run(texts).features, size)
        own, rest = table[0], iter(table[1:])
        near = [[float(own @ next(rest)) for _ in said] for said in known]
        return [
            said[int(np.argmax(cosines))][0] if said else None
            for said, cosines in zip(known, near, strict=True)
        ]


def _log_odds(probabilities: NDArray[Any]) -> NDArray[np.float64]:
    """Near 1 a logarithm hardly moves: a sure answer would have no reasons."""
    p = np.clip(probabilities, 1e-12, 1 - 1e-12)
    result: NDArray[np.float64] = np.log(p) - np.log1p(-p)
    return result


def _said(career: Career) -> list[tuple[str, str]]:
    """What is publicly said about a career: each entry as it is shown, and as it is compared."""
    entries = [
        (question.question, f"{question.question} {question.answer}")
        for question in career.questions
    ]
    entries += [(", ".join(career.skills[:_SHOWN_SKILLS]),) * 2] if career.skills else []
    return [*entries, (career.description, career.description)] if career.description else entries


def load_model(path: str | Path = "models") -> Recommender:
    """The guide's name for `Recommender.load`."""
    return Recommender.load(path)
