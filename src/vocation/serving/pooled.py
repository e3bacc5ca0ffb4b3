"""Score texts with the models of a bundle, and say why an answer is not to be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vocation.bundle import ensemble
from vocation.records import Career
from vocation.serving.model import NAMED, MaskedText, Model, fit_equally, softmax
from vocation.serving.network import Read
from vocation.serving.stances import Heard, has_letters
from vocation.serving.unsure import UNSURE
from vocation.text.clean import plain_text
from vocation.text.titles import Mention, Titles


class Scored(NamedTuple):
    """Texts as the models judge them.

    `probabilities` (n, classes) of all models together; for each model its `scores` (n, own
    careers), what its network `read`, and the n texts as it reads them, `masked`. `titles` (n) are
    the occupations that the first model's texts name, `named` (n, classes) their evidence of
    careers, `outside` an occupation that none of them is. `heard` (n) is what was read of each
    text: nothing where all of it refuses something.
    """

    probabilities: NDArray[np.float64]
    scores: list[NDArray[np.float64]]
    reads: list[Read]
    masked: list[list[MaskedText]]
    titles: list[list[Mention]]
    named: NDArray[np.float64]
    outside: list[str | None]
    heard: list[Heard]


class PooledModels:
    """The models of a bundle as one: their mean probability, and the reason of most to abstain."""

    def __init__(
        self,
        models: Sequence[Model],
        careers: Sequence[Career],
        titles: Titles,
        confidence_threshold: float,
    ) -> None:
        """`confidence_threshold` is the mean probability below which several careers fit."""
        self.models = models
        self._classes = [career.name for career in careers]
        self._titles = titles
        place = {name: i for i, name in enumerate(self._classes)}
        self._columns = [np.array([place[name] for name in model.classes]) for model in models]
        self._confidence_threshold = confidence_threshold

    def score(self, heard: Sequence[Heard], by_name: bool = True, mask: bool = True) -> Scored:
        """Score texts by what is read of them; those that a model reads alike are read once.

        Without `by_name` it does not count that a text names a career, without `mask` they are read
        with names and all.
        """
        texts = [one.kept or one.text for one in heard]
        masked: dict[int, list[MaskedText]] = {}
        for model in self.models:
            if model.masking not in masked:
                read_as = model.masked if mask else str
                masked[model.masking] = [MaskedText(read_as(text)) for text in texts]
        different = {
            # A dict is a set that keeps the order: texts that masking makes equal are read once.
            masking: list(dict.fromkeys(one.text for one in own))
            for masking, own in masked.items()
        }
        runs = {
            (network, masking): network.run(different[masking])
            for network, masking in {(one.network, one.masking): None for one in self.models}
        }
        # In the masked text no name of a person is taken for a title.
        mentions = [self._titles.mentions(one.text) for one in masked[self.models[0].masking]]
        named = np.array([self._titles.evidence(found, len(self._classes)) for found in mentions])
        scores, reads = [], []
        for model, columns in zip(self.models, self._columns, strict=True):
            read = runs[model.network, model.masking]
            own = different[model.masking]
            place = {text: i for i, text in enumerate(own)}
            # From the distinct texts back to one row for each text.
            rows = [place[one.text] for one in masked[model.masking]]
            named_here = NAMED * named[:, columns] if by_name else 0.0
            scores.append(model.with_doubt(model.scores(own, read)[rows] + named_here))
            reads.append(read.rows(rows))
        probabilities = [softmax(table) for table in scores]
        return Scored(
            ensemble.pool(probabilities, self._columns, len(self._classes)),
            scores,
            reads,
            [masked[model.masking] for model in self.models],
            mentions,
            named,
            [
                self._titles.outside(one.text, found)
                for one, found in zip(masked[self.models[0].masking], mentions, strict=True)
            ],
            list(heard),
        )

    def read(self, parts: Sequence[str]) -> NDArray[np.float64]:
        """Return the probabilities (n, classes) of `parts` of texts that were heard already."""
        if not parts:
            return np.zeros((0, len(self._classes)))
        return self.score([Heard.whole(plain_text(part)) for part in parts]).probabilities

    def abstention_reason(self, i: int, scored: Scored) -> str | None:
        """Return why the answer to text `i` of `scored` is not to be trusted, or None.

        A reason is a key of UNSURE that half of the models or more have.
        """
        if not has_letters(scored.heard[i].text):
            return "empty"
        if not scored.heard[i].kept:
            return "refused"
        rows = zip(
            self.models, scored.masked, scored.scores, scored.reads, self._columns, strict=True
        )
        reasons = [
            model.abstention_reason(masked[i], scores[i], read, i, scored.named[i][columns])
            for model, masked, scores, read, columns in rows
        ]
        reason = ensemble.majority_reason(reasons, UNSURE)
        if scored.outside[i] is not None and reason != "language":
            return "outside"
        if reason is None and fit_equally(scored.probabilities[i], self._confidence_threshold):
            return "near"  # each model may be confident, of another career
        return reason

    def unwanted(self, heard: Heard) -> NDArray[np.bool_]:
        """Return which careers (classes,) are named where something is refused or left: "I quit
        nursing". Those that a wanted clause names, too, are not among them.
        """
        found = np.full(len(self._classes), False)
        away = [one.text for one in heard.clauses if one.stance in ("refused", "left")]
        if not away:
            return found  # the usual text
        found[self._careers(away, 0.0)] = True
        if found.any():
            wanted = [one.text for one in heard.clauses if one.stance == "wanted"]
            found[self._careers(wanted, 1e-9)] = False
        return found

    def _careers(self, texts: Sequence[str], least: float) -> list[int]:
        """The careers that `texts` name with the weight `least` or more."""
        masked = (self.models[0].masked(text) for text in texts)
        mentions = (one for text in masked for one in self._titles.mentions(text))
        return [one.career for one in mentions if one.career is not None and one.weight >= least]
