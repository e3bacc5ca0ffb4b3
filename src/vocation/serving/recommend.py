"""Answer a text with careers: the recommendation, the decision to answer or to ask, the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from vocation import metrics
from vocation.bundle import layout, reader
from vocation.bundle.tasks import suggest
from vocation.data.pay import official
from vocation.errors import BundleError
from vocation.records import (
    SHOWN_SKILLS,
    Career,
    Facts,
    Recommendation,
    SkillFound,
    Suggestion,
)
from vocation.serving.asked import Texts, choose, listed, one_text
from vocation.serving.beside import BEFORE_ANSWER, Beside
from vocation.serving.decisions import NO_CAREERS, Decision, Decisions, Judged, Named
from vocation.serving.directions import Directions
from vocation.serving.estimator import Estimator
from vocation.serving.explain import NONE, Reasons, phrase_reasons
from vocation.serving.explorer import Explorer
from vocation.serving.held import Held
from vocation.serving.model import load_models
from vocation.serving.pooled import PooledModels, Scored
from vocation.serving.stances import Heard, answer_alone, listen
from vocation.serving.unsure import UNSURE
from vocation.text.care import ANSWERS
from vocation.text.clean import MAX_TEXT, plain_text
from vocation.text.titles import Titles

# From which calibrated probability on an answer is called so.
# The last one is 0, so that every probability has words.
_WORDS = ((0.6, "strong match"), (0.3, "good match"), (0.1, "possible match"), (0.0, "weak match"))
_GUESS = "a guess"  # whatever the probability, if the answer is unsure


class Recommender(Estimator, Beside):
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
        self._fingerprint = opened.fingerprint
        titles = Titles.of(opened.careers)
        self._held = Held(self.careers, titles)
        trained = str(opened.metadata.get("trained", ""))[:10]
        self._pay = [
            opened.tasks.pay.get(career.name) or official(career, trained)
            for career in opened.careers
        ]
        try:
            calibration = opened.metadata["calibration"]
            self._set_threshold = float(calibration["set_threshold"])
            confidence_threshold = float(calibration["confidence_threshold"])
            self.languages: tuple[str, ...] = tuple(map(str, opened.metadata["languages"]))
        except (KeyError, TypeError, ValueError):
            raise BundleError(
                f"{opened.where}: {layout.METADATA} has no usable calibration"
            ) from None
        self._models = load_models(opened.members or (opened,), threads)
        self._directions = Directions(self._models, self.classes)
        self.explorer = Explorer(self.careers, opened.tasks.usual, self._directions, titles)
        self._pooled = PooledModels(self._models, self.careers, titles, confidence_threshold)
        self._decisions = Decisions(self._pooled, self._directions)
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

    @overload
    def skills(self, text: str | None) -> tuple[SkillFound, ...]: ...
    @overload
    def skills(self, text: Texts) -> list[tuple[SkillFound, ...]]: ...

    def skills(
        self, text: str | Texts | None
    ) -> tuple[SkillFound, ...] | list[tuple[SkillFound, ...]]:
        """Return the skills that `text` names, each quoted once, those of a job held, suggestions.

        What the text denies ("no experience with ..."), wishes or refuses is none. Suggestions are
        skills to ask for; there are some only if they were measured to be useful. Several texts
        get a list.
        """
        if (alone := one_text(text)) is None:
            return [self.skills(one) for one in listed(text)]
        text = plain_text(alone[:MAX_TEXT])
        named, spoken = self._held.found(text)
        if not self._tasks.usual or not text:
            return named
        scored = self._pooled.score([listen(text)])
        if self._pooled.abstention_reason(0, scored) not in (None, "near"):
            return named
        more = suggest(
            scored.probabilities[0],
            self.classes,
            self._tasks.usual,
            spoken,  # denied ones too: they are not suggested
        )
        suggested = (SkillFound(skill, "suggested", confidence=share) for skill, share in more)
        return (*named, *suggested)

    def probabilities(self, texts: Texts, by_name: bool = True) -> NDArray[np.float64]:
        """Return calibrated probabilities (n texts, n classes); each row sums to 1.

        A text gets the same row alone and in any batch. Without `by_name` it does not count that a
        text names a career, and what it refuses is read, too: these are the trained model's own.
        `texts` are as for `recommend`; TypeError for a single text.
        """
        cleaned = [plain_text(text[:MAX_TEXT]) for text in listed(texts)]
        if not cleaned:
            return np.zeros((0, len(self.classes)))
        heard = [listen(text) if by_name else Heard.whole(text) for text in cleaned]
        return self._pooled.score(heard, by_name).probabilities

    @overload
    def recommend(
        self,
        text: str | None,
        top_k: int | None = None,
        explain: bool = False,
        *,
        care: bool = True,
        exclude: Sequence[str] = (),
        only: Sequence[str] | None = None,
        stances: Mapping[int, str] | None = None,
        answer: str = "",
        hear: bool = True,
    ) -> Recommendation: ...
    @overload
    def recommend(
        self,
        text: Texts,
        top_k: int | None = None,
        explain: bool = False,
        *,
        care: bool = True,
        exclude: Sequence[str] = (),
        only: Sequence[str] | None = None,
        hear: bool = True,
    ) -> list[Recommendation]: ...

    def recommend(
        self,
        text: str | Texts | None,
        top_k: int | None = None,
        explain: bool = False,
        *,
        care: bool = True,
        exclude: Sequence[str] = (),
        only: Sequence[str] | None = None,
        stances: Mapping[int, str] | None = None,
        answer: str = "",
        hear: bool = True,
    ) -> Recommendation | list[Recommendation]:
        """Return careers for one text, or a list of answers for several texts.

        Several texts are a list, a tuple, a numpy array or a pandas Series. None, NaN and pandas.NA
        are answered like an empty text. `top_k` careers are named (1 or more; at most all): if not
        given, five, and three ideas where the answer is unsure. With `explain` each says which
        phrases of the text spoke for it and against it, which costs one more reading of the text
        for every phrase. Careers of `exclude` are left out, and all but those of `only`: confidence
        is then among those that are left. With `care` a text that speaks of distress, or asks to
        choose among people, gets "help" and no careers.

        What a clause refuses or leaves is not read, and a career that it names is not suggested.
        `stances` is what the person says of the `clauses` of an earlier answer, by their numbers
        from 0, {1: "wanted"}: it goes before what was understood. Without `hear` all other clauses
        are read, whatever they say. `answer` is what they say to the `question` of an earlier
        answer: it is read with the text, and alone where the two together tell too little.

        Raises TypeError for anything that is no text and for `stances` or an `answer` to several
        texts, ValueError for an unknown career, clause or stance, or if no career is left.
        """
        _check_count(top_k)
        left = choose(self.careers, exclude, only)
        alone, answer = one_text(text), listed([answer])[0]
        given = listed(text) if alone is None else [alone]
        if alone is None and (stances is not None or answer):
            raise TypeError("stances and an answer belong to one text, found several texts")
        answer = plain_text(answer[:MAX_TEXT])
        longest = BEFORE_ANSWER if answer else MAX_TEXT
        heard = [listen(plain_text(one[:longest]), stances, hear, answer) for one in given]
        if not heard:
            return []
        scored = self._pooled.score([*heard, answer_alone(heard[0], stances)] if answer else heard)
        rows = range(len(heard))
        if answer and self._pooled.abstention_reason(0, scored):
            # The first text may be in another language, or about nothing: the answer need not be.
            rows = range(1, 2) if self._pooled.abstention_reason(1, scored) is None else rows
        judged = self._decisions.judge(scored, rows, left, top_k, care)
        answers = [
            self._answer(i, scored, own, explain, cut=len(one) > longest)
            for i, own, one in zip(rows, judged, given, strict=True)
        ]
        return answers if alone is None else answers[0]

    def decide(
        self,
        texts: Texts,
        top_k: int | None = None,
        *,
        care: bool = True,
        exclude: Sequence[str] = (),
        only: Sequence[str] | None = None,
        hear: bool = True,
    ) -> list[Decision]:
        """Return what `recommend` decides about several texts, without what it says beside that.

        Decision, careers, confidences and directions are the same; skills, pay and the like are not
        looked for, which takes a quarter off what is computed beside the network. All else is as
        for `recommend`.
        """
        _check_count(top_k)
        left = choose(self.careers, exclude, only)
        heard = [listen(plain_text(one[:MAX_TEXT]), heed=hear) for one in listed(texts)]
        if not heard:
            return []
        judged = self._decisions.judge(
            self._pooled.score(heard), range(len(heard)), left, top_k, care
        )
        return [
            Decision(
                one.decision,
                one.code,
                tuple(Named(self.classes[c], float(one.shares[c])) for c in one.best),
                self._named(one.directions),
            )
            for one in judged
        ]

    def _answer(
        self, i: int, scored: Scored, judged: Judged, explain: bool, cut: bool
    ) -> Recommendation:
        """Return the answer to text `i` of `scored`, as `judged`; `cut` if its end is left out."""
        heard, unsure, best = scored.heard[i], judged.code, judged.best
        if judged.decision == "help":
            told = ANSWERS[str(unsure)]
            return Recommendation("help", told[0], (), question=told[1], reason_code=unsure)
        details = self._details(unsure, i, scored)
        reason, question = (
            (part.format(**details) for part in UNSURE[unsure]) if unsure else (None, None)
        )
        if unsure in NO_CAREERS:
            return Recommendation("unsure", reason, (), (), cut, question, unsure, heard.clauses)
        reasons = [Reasons()] * len(best)
        if explain:
            # A guess has no reasons that would hold.
            reasons = [NONE] * len(best) if unsure else self._reasons(i, scored, best)
        same = scored.masked[0][i].text == heard.text  # then the titles are at the same places
        held = self._held.skills(heard.text, heard.kept, scored.titles[i] if same else None)
        careers = tuple(
            self._suggest(held, c, float(judged.shares[c]), own, bool(unsure))
            for c, own in zip(best, reasons, strict=True)
        )
        in_set = metrics.prediction_sets(judged.shares[None], self._set_threshold)[0]
        likely = [c for c in judged.order if in_set[c]]
        return Recommendation(
            judged.decision,
            reason,
            careers,
            self._named(likely),
            cut or any(bool(read.truncated[i]) for read in scored.reads),
            question,
            unsure,
            heard.clauses,
            self._named(judged.directions),
            () if unsure else self._named(self._directions.near(best, judged.shares)),
            self._families([*best, *likely]),
            details,
        )

    def _named(self, careers: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.classes[c] for c in careers)

    def _families(self, careers: Sequence[int]) -> dict[str, str]:
        """Return the family of each of `careers` that has one, by name."""
        known = ((self.careers[c].name, self.careers[c].facts) for c in careers)
        return {name: facts.family for name, facts in known if facts and facts.family}

    def _details(self, unsure: str | None, i: int, scored: Scored) -> dict[str, str | int]:
        """Return what the reason and the question about text `i` name."""
        if unsure == "language":
            language = str(scored.masked[0][i].language)
            return {"language": language, "known": " or ".join(self.languages)}
        if unsure == "outside":
            return {"outside": str(scored.outside[i]), "count": len(self.classes)}
        return {}

    def _suggest(
        self, named: frozenset[str], c: int, confidence: float, reasons: Reasons, unsure: bool
    ) -> Suggestion:
        skills = self.careers[c].skills
        held = tuple(skill for skill in skills if skill in named)
        missing = tuple(skill for skill in skills if skill not in named)[:SHOWN_SKILLS]
        facts = self.careers[c].facts or Facts()
        words = _GUESS if unsure else next(words for least, words in _WORDS if confidence >= least)
        return Suggestion(
            self.classes[c],
            confidence,
            words,
            held,
            missing,
            *reasons,
            pay=self._pay[c],
            about=self.careers[c].in_brief(),
            entry_route=facts.entry_route,
            isco08=facts.isco08,
            family=facts.family,
            job_zone=facts.job_zone,
        )

    def _reasons(self, i: int, scored: Scored, best: Sequence[int]) -> list[Reasons]:
        """Return the reasons for and against each career of `best`, and its nearest public text."""
        found = phrase_reasons(
            scored.heard[i].kept,
            scored.probabilities[i],
            best,
            self.classes,
            self._pooled.read,
            scored.heard[i].phrases(),
        )
        return [
            own._replace(nearest=self._nearest(self.classes[c], i, scored))
            for c, own in zip(best, found, strict=True)
        ]

    def _nearest(self, career: str, i: int, scored: Scored) -> str | None:
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


def _check_count(top_k: int | None) -> None:
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be 1 or more, found {top_k}")


def load_model(path: str | Path = "models") -> Recommender:
    """Load a bundle: the guide's name for `Recommender.load`."""
    return Recommender.load(path)
