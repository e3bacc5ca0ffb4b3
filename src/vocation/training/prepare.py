"""What a training run knows before it trains: the data as the model reads it, split once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from vocation.augment import AugmentationReport
from vocation.base_languages import not_known
from vocation.config import TrainConfig
from vocation.data.dataset import Dataset
from vocation.data.split import FEW_ROWS, Split, planned, public_rows
from vocation.progress import NullProgress
from vocation.serving.network import embeddings
from vocation.text.clean import mask_role
from vocation.text.languages import of_rows
from vocation.text.person import MASKING, mask_person
from vocation.training.background import Background
from vocation.training.batches import Examples
from vocation.training.domain import default_cells, in_domain_texts, out_of_domain_texts
from vocation.training.encoder import base_models
from vocation.training.encoder.network import CareerNetwork
from vocation.training.encoder.shipped import Shipped, career_text, token_examples
from vocation.training.examples import ExtraExamples, extra_examples
from vocation.training.heads import Ints, Vectors
from vocation.training.ngrams import counts
from vocation.training.warm_start import WarmStart

ENOUGH_ROWS = 100
"""With fewer rows in a person's voice, the other rows stay in what calibration learns from."""


@dataclass(frozen=True)
class Prepared:
    """The data of a run, ready to be learned from; nothing here changes while it trains.

    `texts` (n) are the rows as the model reads them, `masked` (n) the same without the name of
    their role, `names_role` (n) says which differ; `ngrams` and `masked_ngrams` (n, BUCKETS) are
    the counts of both. `public` (n) marks rows that must not be judged, see `public_rows`.
    `extra` holds what is learned beside the rows. `in_domain` (of the careers `in_domain_roles`)
    and `out_of_domain` are texts that ship with the package, and `background` has those of other
    occupations. `masking` is the version of the rules
    that mask persons, 0 where they are off. `warm_start` is the earlier model to go on from.
    """

    data: Dataset
    config: TrainConfig
    base: Path
    masking: int
    split: Split
    texts: list[str]
    masked: list[str]
    names_role: NDArray[np.bool_]
    ngrams: sparse.csr_matrix
    masked_ngrams: sparse.csr_matrix
    public: NDArray[np.bool_]
    extra: ExtraExamples
    augmentation: AugmentationReport
    in_domain: list[str]
    in_domain_roles: list[str]
    out_of_domain: list[str]
    background: Background
    warm_start: WarmStart | None = None

    @property
    def few(self) -> bool:
        """Whether there are too few rows for a test part: each is held out in turn then."""
        return len(self.data.labels) < FEW_ROWS

    def as_read(self, texts: Iterable[str]) -> list[str]:
        """`texts` as the model reads them, here and when it answers."""
        return _as_read(texts, self.masking)

    def network(self) -> CareerNetwork:
        """A network to begin with: the base model and a fresh classifier, or the earlier model."""
        if self.warm_start is not None:
            return self.warm_start.network(self.data.roles, self.config)
        return CareerNetwork.from_base(self.base, len(self.data.roles), self.config)

    def token_examples(self, rows: Ints, shipped: Shipped, augmented: bool = True) -> Examples:
        """Token windows of `rows` for fine-tuning, in every form that is learned of them.

        Without `augmented` only the masked form, as for validation.
        """
        if not augmented:
            # No oversampling either: a repeated row would count twice in the validation loss.
            return token_examples([self.masked[i] for i in rows], self.data.labels[rows], shipped)
        examples = self.extra.examples(rows, self.data.labels, self.names_role)
        forms = (
            (self.masked, examples.masked),
            (self.texts, examples.plain),
            (self.extra.texts, examples.variants),
        )
        texts = [texts[i] for texts, places in forms for i in places]
        return token_examples(texts, examples.labels, shipped)

    def vectors(self, shipped: Shipped, progress: NullProgress) -> Vectors:
        """Everything that heads are fitted on, encoded by the graph that ships."""
        careers = self.as_read(career_text(self.data.careers[role]) for role in self.data.roles)
        kinds: tuple[Any, ...] = (
            self.masked,
            self.texts,
            careers,
            self.in_domain,
            self.out_of_domain,
            self.background.names,
            self.background.titles,
            self.background.texts,
            self.extra.texts,
        )
        # One call for all: the encoder sorts what it gets by length, and the cache is opened once.
        table = shipped.encode([text for texts in kinds for text in texts], progress)
        # Without the last end: np.split wants the cuts only.
        ends = np.cumsum([len(texts) for texts in kinds])[:-1]
        masked, plain, named, inside, outside, names, titles, others, variants = np.split(
            table, ends
        )
        return Vectors(
            masked_ngrams=self.masked_ngrams,
            ngrams=self.ngrams,
            names_role=self.names_role,
            masked=masked,
            plain=plain,
            labels=self.data.labels,
            careers=embeddings(named, shipped.dim),
            in_domain=inside,
            out_of_domain=outside,
            names=embeddings(names, shipped.dim),
            titles=embeddings(titles, shipped.dim),
            others=others,
            variants=variants,
            variant_ngrams=counts(self.extra.texts),
            extra=self.extra,
        )

    def first_person_rows(self, rows: Ints) -> Ints:
        """Those of `rows` that are not lists of skills or books, where enough remain.

        Nobody writes like that about themselves, and such rows are so close to the descriptions
        that similarity would be trusted too much.
        """
        kept = rows[[self.data.rows[i].source not in ("skills", "books") for i in rows]]
        return kept if len(kept) >= ENOUGH_ROWS else rows

    def is_profile(self, rows: Ints) -> NDArray[np.bool_]:
        """Which of `rows` are what people write about themselves: adverts are not."""
        own = ("profiles", "resumes", "feedback")
        return np.array([self.data.rows[i].kind in own for i in rows], bool)

    def is_own(self, rows: Ints) -> NDArray[np.bool_]:
        """Which of `rows` are the user's own, not rows of the package's default data."""
        default = default_cells()
        return np.array([default.isdisjoint(self.data.rows[i].cells.values()) for i in rows], bool)

    def languages(self) -> list[str]:
        """The languages of the rows; none where the base model reads many, so that nobody is turned
        away.
        """
        return [] if base_models.reads_many(self.base) else of_rows(self.data.texts)

    def unknown_languages(self) -> str | None:
        """A sentence where the base model does not know the languages of the rows."""
        return not_known(self.config.base_model, self.languages())


def prepare(data: Dataset, config: TrainConfig, warm_start: WarmStart | None = None) -> Prepared:
    """Mask, split and count `data`; reads the base model's folder but no weights.

    Raises VocationError where the base model cannot be used.
    """
    masking = MASKING if config.mask_person else 0
    texts = _as_read(data.texts, masking)
    without_role = [
        mask_role(text, data.roles[label])
        for text, label in zip(data.texts, data.labels, strict=True)
    ]
    named = [i for i, text in enumerate(data.texts) if without_role[i] != text]
    masked = list(texts)
    for i, text in zip(named, _as_read([without_role[i] for i in named], masking), strict=True):
        masked[i] = text
    public = public_rows(data.rows, data.groups, data.careers)
    base = base_models.resolve(config.base_model)
    extra, augmentation = extra_examples(data, config)
    names_role = np.array([a != b for a, b in zip(masked, texts, strict=True)])
    ngrams = counts(texts)
    known = set(data.texts)  # a default profile that is a row here must not also be a background
    in_domain = [(role, text) for role, text in in_domain_texts() if text not in known]
    return Prepared(
        data=data,
        config=config,
        base=base,
        masking=masking,
        # Rows that must not be judged are still learned from.
        split=planned(data.labels, data.groups, public, config.seed, data.roles),
        texts=texts,
        masked=masked,
        names_role=names_role,
        ngrams=ngrams,
        masked_ngrams=_replaced(ngrams, names_role, masked),
        public=public,
        extra=replace(extra, texts=tuple(_as_read(extra.texts, masking))),
        augmentation=augmentation,
        in_domain=_as_read((text for _, text in in_domain), masking),
        in_domain_roles=[role for role, _ in in_domain],
        out_of_domain=_as_read(out_of_domain_texts(config.seed), masking),
        background=Background(
            [data.careers[role] for role in data.roles],
            lambda texts: _as_read(texts, masking),
        ),
        warm_start=warm_start,
    )


def _replaced(
    table: sparse.csr_matrix, which: NDArray[np.bool_], texts: list[str]
) -> sparse.csr_matrix:
    """`table` (n, BUCKETS) with the counts of `texts` (n) in the rows `which`: counting is slow."""
    # A new row for each that changes, behind the others; then every row from where it stands.
    place = np.arange(len(texts))
    place[which] = len(texts) + np.arange(which.sum())
    both = sparse.vstack([table, counts([texts[i] for i in np.flatnonzero(which)])])
    return both.tocsr()[place]


def _as_read(texts: Iterable[str], masking: int) -> list[str]:
    return [mask_person(text) if masking else text for text in texts]
