"""Calibration: how component scores become a probability, a prediction set and a decision.

Everything is learned from rows that the scored heads have not seen.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from vocation import metrics
from vocation.data.split import folds as make_folds
from vocation.progress import NullProgress
from vocation.serving.background import features
from vocation.serving.model import add, fuse, softmax, with_doubt
from vocation.text.clean import label_key
from vocation.text.titles import Titles
from vocation.training import background, heads
from vocation.training.fit import FittedModel
from vocation.training.heads import Floats, Ints, Scores
from vocation.training.in_turn import InTurn
from vocation.training.ngrams import counts
from vocation.training.prepare import ENOUGH_ROWS, Prepared
from vocation.training.schedule import best_steps

LEAST_ROWS = 20
"""Fewer held-out rows teach nothing about weights."""

# What the thresholds may cost, as shares of held-out rows.
_FALSE_ALARMS = 0.01  # in-domain texts that may be taken for something else
# Without held-out rows: the share of texts about careers that the model does not know that is
# noticed. Of right answers by similarity alone 2 to 4 % are then doubted too.
_NOTICED_UNTRAINED = 0.25

# On cosines of MiniLM 15 is the temperature that calibrates name-and-description answers.
_UNTRAINED = {"classifier": 0.0, "similarity": 15.0, "ngrams": 0.0}

# With few rows what they teach counts as one with so many that say what is safe.
_SAFE_ROWS = 30
_SAFE_MASS = 0.9

# Held-out rows are of one make with the rows that are learnt: on them the classifier, which has
# learnt how these rows are written, looks better and surer than on other people's texts. So the
# learnt weights are moved towards what holds there, and softened: chosen on eight sets of real
# texts and texts by other hands (benchmarks/results.md, Real people). Rows of the user's own
# tell better what the people there write: they count as much as this from _OWN_ROWS on.
_ELSEWHERE = {"classifier": 0.6, "similarity": 1.5, "ngrams": 0.8}
_OWN_ROWS = 200
# The same for prediction sets: at this mass they cover 80 to 97 % of other people's texts, each
# kind by itself, with 3 to 8 careers of 279; at .9 86 to 99 %, with 8 to 18.
_MASS_ELSEWHERE = 0.82


@dataclass(frozen=True)
class Calibration:
    """How scores become a probability and a decision; written to model_metadata.json as it is."""

    weights: dict[str, float]
    weights_without_ngrams: dict[str, float]
    set_threshold: float
    domain_threshold: float
    domain_confidence: float
    confidence_threshold: float
    logit_threshold: float | None
    known: dict[str, float] | None
    learnt_from: int
    doubt: float = 0.0

    def probabilities(self, scores: Scores) -> Floats:
        """Calibrated probabilities (n, classes) from component scores, each (n, classes)."""
        return fuse(scores, self.weights, self.doubt)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for model_metadata.json."""
        return asdict(self)


def calibrate(
    prepared: Prepared,
    model: FittedModel,
    frozen: FittedModel,
    turns: InTurn | None,
    progress: NullProgress,
) -> Calibration:
    """Calibrate `model` on folds of all rows but the test part; on those of `turns`, if any.

    A fine-tuned encoder has seen those rows, and tuning one for each fold would take hours. The
    weights are then learned with the encoder as it was (`frozen`), and the validation part alone
    decides how sure the fine-tuned model may be. With few rows that part decides nothing.
    """
    data, prior = prepared.data, None
    if turns is not None:
        held = prepared.first_person_rows(turns.rows)
        scores = {name: table[held] for name, table in turns.masked.items()}
    else:
        held, scores, prior = _but_the_test_part(prepared, model, frozen, progress)
    profiles = prepared.is_profile(held)
    return fit_calibration(
        scores,
        data.labels[held],
        outside=model.scores(model.vectors.out_of_domain, counts(prepared.out_of_domain)),
        unknown=_unknown_careers(prepared, model),
        others=model.scores(model.vectors.others, counts(prepared.background.texts)),
        titles=(
            model.vectors.cosines_to_titles(model.vectors.masked[held]),
            model.vectors.cosines_to_titles(model.vectors.others),
        ),
        is_first_person=profiles if profiles.sum() >= ENOUGH_ROWS else np.ones(len(held), bool),
        domain=heads.domain_out_of_fold(model.vectors, held),
        prior=prior,
        own=int(prepared.is_own(held).sum()),
        few=prepared.few,
    )


def _but_the_test_part(
    prepared: Prepared, model: FittedModel, frozen: FittedModel, progress: NullProgress
) -> tuple[Ints, Scores, dict[str, float] | None]:
    """The rows that calibrate `model`, their scores, and the weights of another `frozen`."""
    data, parts = prepared.data, prepared.split
    seen = np.sort(np.concatenate([parts.train, parts.validation]))
    count = heads.FOLDS if len(seen) < heads.MANY else heads.FOLDS_OF_MANY
    folds = make_folds(data.labels[seen], data.groups[seen], count, prepared.config.seed)
    # Folds are positions in `seen`; indexing makes row numbers of them.
    chosen = [(seen[a], seen[b]) for a, b in folds if len(a) and len(b)]
    # Folds have no validation part to stop by, so they take the length of the measured run.
    steps = best_steps(frozen.history)
    (scores,) = heads.out_of_fold(frozen.vectors, chosen, prepared.config, steps, progress)
    # NaN marks rows that no fold held out.
    scored = ~np.isnan(scores["classifier"][seen]).any(axis=1)
    # Public rows are left out: similarity has seen their texts as descriptions.
    held = prepared.first_person_rows(seen[scored & ~prepared.public[seen]])
    scores = {name: table[held] for name, table in scores.items()}
    prior = None
    if model is not frozen:
        if len(held) >= LEAST_ROWS:
            prior = learn_weights(scores, data.labels[held])
        # The fine-tuned encoder has seen the training rows, but not these.
        held = parts.validation
        scores = model.row_scores(held)
    return held, scores, prior


def _unknown_careers(prepared: Prepared, model: FittedModel) -> Scores:
    """Scores of default first-person texts about careers that this data does not have, neither by
    name nor by alias.
    """
    names = {label_key(role) for role in prepared.data.known}
    known = Titles.of([prepared.data.careers[role] for role in prepared.data.roles])
    chosen = [
        i
        for i, role in enumerate(prepared.in_domain_roles)
        if label_key(role) not in names and not known.has(role)
    ]
    found = counts([prepared.in_domain[i] for i in chosen])
    return model.scores(model.vectors.in_domain[chosen], found)


def fit_calibration(
    scores: Scores,
    labels: Ints,
    outside: Scores,
    unknown: Scores,
    others: Scores,
    titles: tuple[tuple[Floats, Floats], tuple[Floats, Floats]],
    is_first_person: NDArray[np.bool_],
    domain: tuple[Floats, Floats, Floats],
    prior: dict[str, float] | None = None,
    own: int = 0,
    few: bool = False,
) -> Calibration:
    """Learn weights and thresholds from held-out `scores` (n, classes) and their `labels` (n,).

    The weights are at least 0 and make the held-out answers most likely (log loss): together they
    are a temperature and a mixture. With fewer rows than it takes to learn that, the answer rests
    on similarity alone. `outside` are scores of out-of-domain texts, `unknown` of texts about
    careers that the model does not know, `others` of texts about other occupations; `titles` are
    the cosines to names and other titles of the held-out rows, and of the latter texts;
    `is_first_person` (n,) are the rows that sound most like
    seekers; `domain` is from `domain_out_of_fold`. With `prior`, weights learned elsewhere, only
    their common factor is learned here. `own` of the rows are the user's, not the package's; `few`
    as for `learn`.
    """
    n, classes = scores["similarity"].shape
    enough = n >= LEAST_ROWS
    learnt = learn(scores, labels, own, prior, few)
    weights, doubt = learnt.weights, learnt.doubt
    without = {name: scores[name] for name in ("classifier", "similarity")}
    # Without rows (0, 1) and not (0, 0): argmax refuses an axis of length 0.
    probabilities = fuse(scores, weights, doubt) if n else np.zeros((0, 1))
    ours, in_domain, out_of_domain = domain
    if enough:
        sure, unsure = probabilities.max(axis=1), fuse(outside, weights, doubt).max(axis=1)
        confidence, threshold = _domain_threshold(ours, sure, out_of_domain, unsure)
    else:
        # Too few rows to learn how confidence helps: the domain score decides alone.
        inside = np.concatenate([ours, in_domain])
        # At most 0, where the classifier itself draws the line.
        confidence, threshold = 0.0, min(0.0, float(np.quantile(inside, _FALSE_ALARMS)))
    return Calibration(
        weights=weights,
        weights_without_ngrams={
            **learn(without, labels, own, prior, few).weights,
            "ngrams": 0.0,
        },
        set_threshold=learnt.set_threshold,
        domain_threshold=threshold,
        domain_confidence=confidence,
        # At most 3 % of answerable texts are reported as fitting several careers.
        # Without rows: 1.5 times the confidence of an answer that prefers no career.
        confidence_threshold=_towards(
            1.5 / classes,
            float(np.quantile(probabilities.max(axis=1), 0.03)) if enough else 0.0,
            learnt.trust,
        ),
        # The largest score before softmax: after it, six careers give 99 % for an unknown one too.
        logit_threshold=(
            None
            if enough
            else _logit_threshold(with_doubt(add(unknown, weights), doubt).max(axis=1))
        ),
        known=(
            _known(probabilities, labels, is_first_person, fuse(others, weights, doubt), titles)
            if enough
            else None
        ),
        learnt_from=n,
        doubt=doubt,
    )


@dataclass(frozen=True)
class Learnt:
    """What held-out rows teach about probabilities; `trust` says how far, from 0 to 1."""

    weights: dict[str, float]
    doubt: float
    set_threshold: float
    trust: float


def learn(
    scores: Scores,
    labels: Ints,
    own: int,
    prior: dict[str, float] | None = None,
    few: bool = False,
) -> Learnt:
    """Learn weights and the mass of prediction sets; arguments as for `fit_calibration`.

    With `few` rows what they teach is moved towards what holds without any, and no answer is surer
    than as many right ones in a row would make it.
    """
    n, classes = scores["similarity"].shape
    safe = prior or {name: _UNTRAINED[name] for name in scores}
    if n < LEAST_ROWS:
        return Learnt(dict(safe), _doubt(n, classes) if few else 0.0, _SAFE_MASS, 0.0)
    weights = _elsewhere(learn_weights(scores, labels, prior), own)
    doubt, trust = 0.0, 1.0
    if few:
        doubt, trust = _doubt(n, classes), n / (n + _SAFE_ROWS)
        weights = {name: _towards(safe[name], weights[name], trust) for name in weights}
    probabilities = fuse(scores, weights, doubt)
    mass = _mass_elsewhere(metrics.set_threshold(probabilities, labels), own)
    return Learnt(weights, doubt, _towards(_SAFE_MASS, mass, trust), trust)


def _towards(safe: float, learnt: float, trust: float) -> float:
    # Where nothing is moved not even rounding may change the value.
    return learnt if trust == 1 else trust * learnt + (1 - trust) * safe


def _doubt(n: int, classes: int) -> float:
    """What to spread over all careers so that no answer is surer than (n + 1) / (n + 2).

    So likely is one more success after `n` in a row (the rule of succession of Laplace, 1774).
    """
    return classes / ((classes - 1) * (n + 2)) if classes > 1 else 0.0


def _elsewhere(weights: dict[str, float], own: int) -> dict[str, float]:
    """Weights for texts of another make than the rows from which `weights` were learned.

    The more of these rows are the user's `own`, the less is changed.
    """
    strength = _strength(own)
    return {name: weight * _ELSEWHERE[name] ** strength for name, weight in weights.items()}


def _mass_elsewhere(mass: float, own: int) -> float:
    """The mass of prediction sets for such texts."""
    return mass + _strength(own) * max(0.0, _MASS_ELSEWHERE - mass)


def _strength(own: int) -> float:
    """How far to move from what was learned, with so many rows of the user's own."""
    return _OWN_ROWS / (_OWN_ROWS + own)


def _domain_threshold(
    inside: Floats, sure_inside: Floats, outside: Floats, sure_outside: Floats
) -> tuple[float, float]:
    """Fit (factor, threshold) for `domain score + factor * logit(confidence)`.

    At most _FALSE_ALARMS of the in-domain texts fall below the threshold.
    """
    # logit is infinite at 0 and 1, hence the clip.
    sure = logit(np.clip(np.concatenate([sure_inside, sure_outside]), 1e-6, 1 - 1e-6))
    # (texts, 2): domain score and confidence; in-domain texts come first.
    x = np.stack([np.concatenate([inside, outside]), sure], axis=1)
    model = LogisticRegression(class_weight="balanced").fit(x, np.arange(len(x)) < len(inside))
    domain_weight, confidence_weight = model.coef_[0]
    if domain_weight <= 0 or confidence_weight < 0:  # nothing sensible to learn: domain alone
        return 0.0, min(0.0, float(np.quantile(inside, _FALSE_ALARMS)))
    # The boundary a*d + b*c + bias = 0, divided by a, reads d + factor*c = -bias/a.
    factor = float(confidence_weight / domain_weight)
    usual = float(np.quantile(inside + factor * sure[: len(inside)], _FALSE_ALARMS))
    # The lower one of the two: the share of false alarms is a limit, not an aim.
    return factor, min(usual, float(-model.intercept_[0] / domain_weight))


def _logit_threshold(unknown: Floats) -> float | None:
    """What the best score of a text must reach (the maximum logit of Hendrycks et al. 2022).

    `unknown` are the best scores of texts about careers that the model does not know.
    """
    return float(np.quantile(unknown, _NOTICED_UNTRAINED)) if len(unknown) else None


def _known(
    probabilities: Floats,
    labels: Ints,
    chosen: NDArray[np.bool_],
    others: Floats,
    titles: tuple[tuple[Floats, Floats], tuple[Floats, Floats]],
) -> dict[str, float] | None:
    """The rule that tells texts that fit a career from others, learned from the rows `chosen`.

    None where there are no other titles, or nothing right to learn from.
    """
    (near, far), cosines = titles
    right = (probabilities.argmax(axis=1) == labels)[chosen]
    if not far.shape[1] or right.sum() < LEAST_ROWS:
        return None
    best = others.max(axis=1)
    return background.fit(
        probabilities[chosen],
        labels[chosen],
        near[chosen],
        far[chosen],
        features(*cosines, best) if len(best) else np.zeros((0, 3)),
    )


def learn_weights(
    scores: Scores, labels: Ints, prior: dict[str, float] | None = None
) -> dict[str, float]:
    """Weights, at least 0, of the `scores` (n, classes each) that make the labels most likely.

    With `prior` these, times the one factor that does.
    """
    if prior is not None:
        together = np.sum([prior[name] * table for name, table in scores.items()], axis=0)
        factor = learn_weights({"": together}, labels)[""]
        return {name: factor * prior[name] for name in scores}
    tables = [scores[name].astype(np.float64) for name in scores]
    # Weights are learned per standard deviation, so that one ridge fits all components.
    sizes = np.array([table.std() + 1e-9 for table in tables])
    tables = [table / size for table, size in zip(tables, sizes, strict=True)]
    # table[own] is the score of each row's own career (n,).
    own = np.arange(len(labels)), labels

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Log loss at the weights `w`, and its gradient."""
        p = softmax(sum(weight * table for weight, table in zip(w, tables, strict=True)))
        # Softmax's gradient: the expected score under p minus the score of the own career.
        slopes = np.array(
            [float(((p * table).sum(axis=1) - table[own]).mean()) for table in tables]
        )
        # A touch of ridge keeps the weights finite where every held-out row is right.
        log_loss = float(-np.log(np.maximum(p[own], 1e-12)).mean())
        return log_loss + 1e-4 * float((w**2).sum()), slopes + 2e-4 * w

    bounds = [(0.0, 50.0)] * len(tables)
    # jac=True: `loss` returns its gradient too. L-BFGS-B takes bounds.
    found = minimize(loss, np.ones(len(tables)), jac=True, method="L-BFGS-B", bounds=bounds)
    pairs = zip(scores, found.x, sizes, strict=True)
    # Back from weights per standard deviation to weights of the raw scores.
    return {name: float(weight / size) for name, weight, size in pairs}
