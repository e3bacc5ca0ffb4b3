"""One training run, from the data to a proven bundle.

data -> split -> encoder (fine-tuned in the full preset) -> export -> heads and calibration on the
exported encoder -> measure on the test part
     -> the same again on all rows -> bundle -> load it as a user would and compare
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation import metrics
from vocation.bundle import layout, reader, tasks, writer
from vocation.config import TrainConfig
from vocation.data import split
from vocation.data.dataset import Dataset
from vocation.errors import VocationError
from vocation.fairness import swaps as audit
from vocation.progress import NullProgress
from vocation.reports import card
from vocation.reports import diagnostics as signs
from vocation.reports import privacy as membership
from vocation.serving.model import fuse
from vocation.serving.network import embeddings
from vocation.serving.recommend import Recommender
from vocation.text.clean import label_key, mask_role
from vocation.text.languages import language
from vocation.text.ngrams import NgramScorer
from vocation.text.person import MASKING, mask_person
from vocation.training import baselines, device, heads
from vocation.training import examples as lessons
from vocation.training import pytorch_file as weights
from vocation.training import tasks as multitask
from vocation.training import warm_start as transfer
from vocation.training.batches import Part
from vocation.training.checkpoints import Checkpoints
from vocation.training.domain import Scope, others, people
from vocation.training.encoder import base_models, export
from vocation.training.encoder.network import CareerNetwork, Classifier, balance
from vocation.training.encoder.shipped import Shipped, anchor, token_part
from vocation.training.heads import Calibration, Vectors
from vocation.training.loop import fit
from vocation.training.ngrams import Table, counts
from vocation.training.schedule import History, best_loss, best_steps

AUTO_SECONDS = 120
"""`auto` takes the full preset where it would need at most this long on the machine at hand, and
the head preset everywhere else.
"""

_NONE = np.empty(0, np.int64)
_ENOUGH = 100  # rows that are like a person's text, from which calibration leaves out the others
_LANGUAGE_SHARE = 0.05
_MANY_LANGUAGES = 100_000  # words in a tokenizer's vocabulary: English ones have about 30,000


@dataclass(frozen=True)
class _Stage:
    """One fitted model: an encoder as shipped, the classifier on top, how it was trained."""

    network: CareerNetwork
    shipped: Shipped
    vectors: Vectors
    classifier: Classifier
    table: Table
    scope: Scope
    history: History

    def members(self, held: NDArray[Any], masked: bool = True) -> heads.Members:
        """Every member's scores for the rows `held`, role names masked or as they were, from the
        exported encoder's vectors.
        """
        rows = self.vectors
        vectors, found = (rows.masked, rows.words) if masked else (rows.plain, rows.plain_words)
        return self.score(vectors[held], found[held])

    def score(self, features: heads.Floats, found: Any) -> heads.Members:
        """Every member's scores for texts by their features and `counts`."""
        return {
            "classifier": heads.scores(self.classifier, features),
            "similarity": self.vectors.similarity(features),
            "ngrams": self.table.scores(found),
        }


class Run:
    """The state of one training run; `run` does all of it."""

    def __init__(
        self,
        data: Dataset,
        output: Path,
        config: TrainConfig,
        resume: bool,
        progress: NullProgress,
        earlier: transfer.WarmStart | None = None,
    ) -> None:
        """`earlier` is a model to go on from; without it training begins with the base model and a
        fresh classifier.
        """
        self.earlier = earlier
        self.data = data
        self.output = output
        self.config = config
        self.resume = resume
        self.progress = progress
        device.wait_for_everyone()
        state = {
            key: value for key, value in config.to_dict().items() if key != "report_to"
        }  # who watches does not matter
        began = {"earlier model": earlier.fingerprint} if earlier else {}
        self.masking = MASKING if config.mask_person else 0
        self.checkpoints = Checkpoints(
            output, {"data": data.fingerprint, "masking": self.masking, **began, **state}, resume
        )
        self.say = progress.line
        self.texts = self._seen(data.texts)
        self.masked = self._seen(
            mask_role(text, data.roles[label])
            for text, label in zip(data.texts, data.labels, strict=True)
        )
        self._public = public_rows(data)
        self.parts = split.move_to_train(
            split.split(data.labels, data.groups, config.seed),
            self._public,
            data.labels,
            data.groups,
        )
        self.base = base_models.resolve(config.base_model)
        self._named = np.array(
            [masked != text for masked, text in zip(self.masked, self.texts, strict=True)]
        )
        self._words = counts(self.masked), counts(self.texts)
        further, self._augmented = lessons.further(data, config)
        self._further = replace(further, texts=tuple(self._seen(further.texts)))
        known = set(data.texts)
        inside = [(role, text) for role, text in people() if text not in known]
        self._people_of = [role for role, _ in inside]
        self._people = self._seen(text for _, text in inside)
        self._others = self._seen(others(config.seed))

    def _seen(self, texts: Iterable[str]) -> list[str]:
        """`texts` as the model reads them, here and when it answers: see `person`."""
        return [mask_person(text) if self.masking else text for text in texts]

    def run(self, preset: str, start: float) -> dict[str, Any]:
        """Train, measure, write the bundle, and return its metadata. `start` is when the user's
        call began (time.monotonic).
        """
        self._introduce()
        fresh = self._network()
        preset = self._choose(preset, fresh)
        self._warn(preset, fresh.longest)
        measured, frozen = self._best(preset, fresh)
        preset = "head" if measured is frozen else "full"
        steps = best_steps(measured.history)
        calibration = self._calibrate(measured, frozen)
        figures = self._measure(preset, measured, calibration)
        beside = self._beside(measured, calibration)
        self.say("\nThe model that ships learns from all rows:")
        everything = np.arange(len(self.data.labels))
        shipped = self._fit(preset, self._network(), everything, _NONE, steps, "ship")
        metadata = self._metadata(
            preset, calibration, figures, measured.history, time.monotonic() - start
        ) | {"tasks": beside}
        if self.earlier is not None:
            metadata["started_from"] = self.earlier.provenance(self.data.roles, self.config)
            metadata["known_limits"].append(transfer.LIMIT)
        if device.is_main_process():
            self._write(shipped, metadata)
            self.checkpoints.forget()
        device.wait_for_everyone()
        self._say_all(
            f"  {sign}"
            for sign in signs.slow(
                metadata["training_seconds"], preset, metadata["device"], metadata["config"]
            )
        )
        return metadata

    # ----------------------------------------------------------------------------------------------

    def _introduce(self) -> None:
        self._say_all(self.parts.notes)
        sizes = len(self.parts.train), len(self.parts.validation), len(self.parts.test)
        if self.earlier is not None:
            self._say_all(self.earlier.lines(self.data.roles, self.config, self.data.fingerprint))
        self.say(
            f"Split: {sizes[0]:,} rows to train, {sizes[1]:,} to validate, {sizes[2]:,} to test;"
            " near-duplicates stay on one side."
        )

    def _choose(self, preset: str, network: CareerNetwork) -> str:
        where = device.name()
        if preset != "auto":
            self.say(f"Preset: {preset}, on {where}.")
            return preset
        part = self._token_part(self.parts.train, Shipped.of(network, self.base, self.config))
        seconds = device.full_seconds(network, part, self.config)
        chosen = "full" if seconds <= AUTO_SECONDS else "head"
        self.say(
            f"Preset: {chosen}, on {where}. The full preset would take about {_duration(seconds)}"
            " here."
        )
        return chosen

    def _warn(self, preset: str, longest: int) -> None:
        if longest < self.config.max_length:
            self.say(
                f"WARNING: max_length {self.config.max_length} is more than this base model reads"
                f" at a time: {longest} is used."
            )
        if (
            self.config.augment == "none"
            and self.config.augment_factor != TrainConfig().augment_factor
        ):
            self.say("WARNING: augment_factor does not act while augment is none, and is ignored.")
        if self._augmented.asked:
            made, asked = self._augmented.made, self._augmented.asked
            self.say(
                f"Augmentation: {made:,} of {asked:,} new texts could be made; those of held-out"
                " rows are not learnt."
            )
        for key in self.config.idle_keys(preset):
            self.say(f"WARNING: {key} does not act in the preset {preset!r} and is ignored.")

    # ----------------------------------------------------------------------------------------------

    def _network(self) -> CareerNetwork:
        if self.earlier is not None:
            return self.earlier.network(self.data.roles, self.config)
        return CareerNetwork.from_base(self.base, len(self.data.roles), self.config)

    def _best(self, preset: str, fresh: CareerNetwork) -> tuple[_Stage, _Stage]:
        """The stage to measure, and the one with the encoder as it was: the same one for `head`, or
        where fine-tuning came out worse than that.
        """
        parts = self.parts
        stage = self._fit(preset, fresh, parts.train, parts.validation, None, "measure")
        if preset == "head":
            return stage, stage
        self.say("\nTo compare with, the same with the encoder as it was:")
        base = self._network()
        frozen = self._fit("head", base, parts.train, parts.validation, None, "measure")
        if not len(parts.validation):
            return stage, frozen
        tuned_loss, frozen_loss = best_loss(stage.history), best_loss(frozen.history)
        self.say(
            f"Validation loss, calibrated: {tuned_loss:.3f} fine-tuned, {frozen_loss:.3f} as it"
            " was."
        )
        if tuned_loss <= frozen_loss:
            return stage, frozen
        self.say(
            "WARNING: fine-tuning made it worse on these rows, so the encoder stays as it was"
            " (preset head)."
        )
        return frozen, frozen

    def _fit(
        self,
        preset: str,
        network: CareerNetwork,
        chosen: NDArray[Any],
        validation: NDArray[Any],
        steps: int | None,
        name: str,
    ) -> _Stage:
        """Train on the rows `chosen`: the encoder first where the preset says so, then a classifier
        on the exported encoder's vectors.
        """
        self.say("Preparing the encoder and reading the texts ...")
        shipped = Shipped.of(network, self.base, self.config)
        history: History = []
        if len(validation):
            self.say(
                "The epochs show the classifier alone; all members together are measured after"
                " them."
            )
        if preset == "full":
            part = self._token_part(chosen, shipped)
            held = self._token_part(validation, shipped, both=False) if len(validation) else None
            if self.config.balance == "weights":
                balance(
                    network,
                    lessons.class_weights(
                        self._further.lesson(chosen, self.data.labels, self._named).labels,
                        len(self.data.roles),
                    ),
                )
            history = self._tune(network, part, held, steps, self.checkpoints.stage(name))
            shipped = Shipped.of(network, self.base, self.config)
        vectors = self._vectors(shipped)
        if preset == "full":
            classifier = network.classifier
            if self.config.balance != "weights":
                heads.remove_frequency(classifier, vectors, chosen)
        else:
            shown = self.progress if steps is None else None
            begin = partial(self.earlier.carry, roles=self.data.roles) if self.earlier else None
            classifier, history = heads.train_classifier(
                vectors, chosen, validation, self.config, steps, shown, begin
            )
        network.classifier = classifier
        scope = Scope.fit(np.concatenate([vectors.masked[chosen], vectors.people]), vectors.others)
        return _Stage(
            network,
            shipped,
            vectors,
            classifier,
            heads.train_words(vectors, chosen),
            scope,
            history,
        )

    def _tune(
        self, network: CareerNetwork, part: Part, held: Part | None, steps: int | None, folder: Path
    ) -> History:
        return fit(
            network,
            part,
            held,
            self.config,
            steps=steps,
            checkpoints=folder,
            resume=self.resume,
            progress=self.progress,
        )

    def _token_part(self, rows: NDArray[Any], shipped: Shipped, both: bool = True) -> Part:
        if not both:
            return token_part([self.masked[i] for i in rows], self.data.labels[rows], shipped)
        lesson = self._further.lesson(rows, self.data.labels, self._named)
        kinds = (
            (self.masked, lesson.masked),
            (self.texts, lesson.plain),
            (self._further.texts, lesson.variants),
        )
        return token_part(
            [texts[i] for texts, places in kinds for i in places], lesson.labels, shipped
        )

    def _vectors(self, shipped: Shipped) -> Vectors:
        anchors = self._seen(anchor(self.data.careers[role]) for role in self.data.roles)
        kinds = self.masked, self.texts, anchors, self._people, self._others, self._further.texts
        table = shipped.encode([text for texts in kinds for text in texts], self.progress)
        masked, plain, named, inside, outside, variants = np.split(
            table, np.cumsum([len(texts) for texts in kinds])[:-1]
        )
        anchored, words = embeddings(named, shipped.dim), counts(self._further.texts)
        return Vectors(
            *self._words,
            self._named,
            masked,
            plain,
            self.data.labels,
            anchored,
            inside,
            outside,
            variants,
            words,
            self._further,
        )

    def _calibrate(self, stage: _Stage, frozen: _Stage) -> Calibration:
        """From rows that the scored classifier has not seen: folds of all but the test part.

        A fine-tuned encoder has seen them, and to tune one for each fold would take hours. What
        each member's opinion is worth is then learnt with the encoder as it was, and the validation
        part alone says how sure the fine-tuned one may be.
        """
        held = np.sort(np.concatenate([self.parts.train, self.parts.validation]))
        folds = split.folds(
            self.data.labels[held], self.data.groups[held], heads.FOLDS, self.config.seed
        )
        folds = [(held[a], held[b]) for a, b in folds if len(a) and len(b)]
        members = heads.out_of_fold(
            frozen.vectors, folds, self.config, best_steps(frozen.history), self.progress
        )
        held = self._first_person_rows(
            held[~np.isnan(members["classifier"][held]).any(axis=1) & ~self._public[held]]
        )
        members = {name: table[held] for name, table in members.items()}
        worth = None
        if stage is not frozen:
            worth = (
                heads.learn_weights(members, self.data.labels[held])
                if len(held) >= heads.LEAST_ROWS
                else None
            )
            held = self.parts.validation
            members = stage.members(held)
        elsewhere = stage.score(stage.vectors.others, counts(self._others))
        unknown = self._unknown(stage)
        return heads.calibrate(
            members,
            self.data.labels[held],
            elsewhere,
            unknown,
            self._spoken(held),
            heads.scope_out_of_fold(stage.vectors, held),
            worth,
        )

    def _unknown(self, stage: _Stage) -> heads.Members:
        """Scores for the first-person texts of the default data about careers that this data has
        not, by their names.
        """
        known = {label_key(role) for role in self.data.roles}
        chosen = [i for i, role in enumerate(self._people_of) if label_key(role) not in known]
        found = counts([self._people[i] for i in chosen]) if chosen else self._words[0][:0]
        return stage.score(stage.vectors.people[chosen], found)

    def _spoken(self, held: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of `held` are first-person profiles, where enough are; else all of them."""
        own = np.array([self.data.rows[i].source == "profiles" for i in held], bool)
        return own if own.sum() >= _ENOUGH else np.ones(len(held), bool)

    def _first_person_rows(self, held: NDArray[Any]) -> NDArray[Any]:
        """Those of `held` that are not lists of skills or books, where enough remain: nobody writes
        like that about himself, and they lie so near to the descriptions that similarity would be
        trusted too much.
        """
        kept = held[[self.data.rows[i].source not in ("skills", "books") for i in held]]
        return kept if len(kept) >= _ENOUGH else held

    # ----------------------------------------------------------------------------------------------

    def _measure(
        self, preset: str, stage: _Stage, calibration: Calibration
    ) -> dict[str, Any] | None:
        """The held-out figures, None where nothing could be held out. Vectors are the exported
        graph's own; `_prove` holds the files to the rest.
        """
        test = self.parts.test
        if not len(test):
            self._say_all(card.headline(None))
            return None
        labels, seed = self.data.labels[test], self.config.seed
        probabilities, plain = (
            fuse(stage.members(test, masked), calibration.weights) for masked in (True, False)
        )
        seen = np.concatenate([self.parts.train, self.parts.validation])
        figures: dict[str, Any] = {
            "test": metrics.report(probabilities, labels, calibration.set_threshold, seed),
            "unmasked": metrics.report(plain, labels, calibration.set_threshold, seed),
            "by_source": {},
            "baselines": baselines.compare(
                [self.masked[i] for i in seen],
                self.data.labels[seen],
                [self.masked[i] for i in test],
                labels,
                stage.vectors.similarity(stage.vectors.masked[test]),
            ),
        }
        right = metrics.ranks(probabilities, labels) == 1
        sources = np.array([self.data.rows[i].source for i in test])
        figures["by_source"] = {
            source: metrics.share(right[sources == source])
            for source in self.data.counts
            if (sources == source).any()
        }
        figures["membership"] = self._membership(stage, calibration)
        self._say_all([*card.headline(figures), *signs.lines(self._signs(stage.history, preset))])
        return figures

    def _membership(self, stage: _Stage, calibration: Calibration) -> dict[str, Any] | None:
        """How far confidence tells training rows from held-out ones: rows of people's own words
        where there are enough, as they were written.
        """
        test, labels = self.parts.test, self.data.labels
        train = self.parts.train[
            ~self._public[self.parts.train] & np.isin(labels[self.parts.train], labels[test])
        ]
        own = [
            part[[self.data.rows[i].source == "profiles" for i in part]] for part in (train, test)
        ]
        kind, parts = (
            ("profiles", own) if min(map(len, own)) >= membership.FEWEST else ("all", [train, test])
        )
        learnt, held = (
            fuse(stage.members(part, masked=False), calibration.weights) for part in parts
        )
        return membership.measure(learnt, labels[parts[0]], held, labels[parts[1]], kind)

    def _signs(self, history: History, preset: str) -> list[signs.Diagnostic]:
        return signs.read(
            history, len(self.data.labels), self.config.to_dict(), preset, len(self.data.roles)
        )

    def _beside(self, stage: _Stage, calibration: Calibration) -> dict[str, Any]:
        """What is measured of skills and pay, beside the careers and without touching them."""

        def answer(texts: list[str]) -> heads.Floats:
            seen = self._seen(texts)
            return fuse(
                stage.score(stage.shipped.encode(seen, NullProgress()), counts(seen)),
                calibration.weights,
            )

        found = multitask.judge(
            self.data, self.parts, stage.vectors.masked, answer, self.config.seed
        )
        self._say_all(["", *tasks.lines(found)])
        return found

    def _say_all(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.say(line)

    def _recommender(self, stage: _Stage, calibration: Calibration) -> Recommender:
        """What would be shipped if `stage` were final, without a detour over the disk."""
        careers = tuple(self.data.careers[role] for role in self.data.roles)
        metadata = {
            "classes": list(self.data.roles),
            "calibration": calibration.to_dict(),
            "languages": self._languages(),
            "masking": self.masking,
        }
        model = stage.shipped.model(stage.classifier, stage.scope)
        tokenizer = stage.shipped.tokenizer
        table = stage.table
        where = "the model just trained"
        return Recommender(
            reader.LoadedBundle(
                where,
                model,
                tokenizer,
                careers,
                stage.vectors.anchors,
                table.weights,
                table.factors,
                metadata,
            )
        )

    # ----------------------------------------------------------------------------------------------

    def _metadata(
        self, preset: str, calibration: Calibration, figures: Any, history: History, seconds: float
    ) -> dict[str, Any]:
        report, languages = self.data.report, self._languages()
        per_career = np.bincount(self.data.labels, minlength=len(self.data.roles))
        return {
            "format": layout.FORMAT,
            "classes": list(self.data.roles),
            "config": self.config.to_dict(),
            "preset": preset,
            "trained": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "training_seconds": round(seconds, 1),
            "device": device.name(),
            "dataset": {
                "sha256": self.data.fingerprint,
                "rows": report.used,
                "roles": report.roles,
                "samples_per_source": dict(self.data.counts),
                "level": report.level,
                "read": report.rows_in,
                "merged": len(report.merged),
                "dropped": len(report.dropped),
                "rows_per_career": {
                    "least": int(per_career.min()),
                    "median": float(np.median(per_career)),
                    "most": int(per_career.max()),
                },
                "augmented": asdict(self._augmented),
                "split": {
                    "train": len(self.parts.train),
                    "validation": len(self.parts.validation),
                    "test": len(self.parts.test),
                },
            },
            "metrics": figures,
            "calibration": calibration.to_dict(),
            "masking": self.masking,
            "history": history,
            "versions": card.versions(),
            "languages": languages,
            "known_limits": card.known_limits(report, figures, languages),
        }

    def _write(self, stage: _Stage, metadata: dict[str, Any]) -> None:
        classes = list(self.data.roles)
        calibration = Calibration(**metadata["calibration"])
        recommender = self._recommender(stage, calibration)
        metadata["sample_predictions"] = card.samples(recommender)
        metadata["fairness"] = audit.brief(recommender, self.config.seed)
        careers = [self.data.careers[role].to_dict() for role in classes]
        files = {
            layout.LABELS: export.label_file(classes),
            layout.EMBEDDINGS: export.table_file(stage.vectors.anchors),
            layout.MODEL: stage.shipped.model(stage.classifier, stage.scope),
            layout.TOKENIZER: stage.shipped.tokenizer,
            layout.NGRAMS: export.table_file(stage.table.weights),
            layout.NGRAM_FACTORS: export.table_file(stage.table.factors),
            layout.PROFILES: export.json_file(careers),
            layout.TASKS: export.json_file(
                multitask.table(
                    self.data, stage.vectors.masked, metadata["tasks"], metadata["trained"][:10]
                )
            ),
        }
        kept = stage.network, self.config.to_dict(), classes, metadata["history"]
        heads_only = weights.too_large(stage.network, files)
        files[layout.WEIGHTS] = weights.file(*kept, weights.HEADS_ONLY if heads_only else None)
        if heads_only:
            metadata["known_limits"].append(f"{layout.WEIGHTS} holds the {weights.HEADS_ONLY}.")
        metadata["size_bytes"] = sum(map(len, files.values()))
        files[layout.METADATA] = export.json_file(metadata)
        files[layout.CARD] = card.text(metadata).encode("utf-8")
        self._prove(stage, calibration, files)
        writer.write(self.output, files)
        if heads_only:
            self.say(
                f"{layout.WEIGHTS} holds the {weights.HEADS_ONLY}:"
                f" {weights.write_full(self.output, weights.file(*kept, weights.WHOLE))}"
            )
        if Recommender.load(self.output).classes != self.data.roles:
            raise RuntimeError("the written bundle names other careers than the data")

    def _languages(self) -> list[str]:
        """The languages of the training rows; none where the base model reads many, so that nobody
        is turned away.
        """
        if base_models.vocabulary_size(self.base) > _MANY_LANGUAGES:
            return []
        found = Counter(
            name
            for text in self.data.texts[:: max(1, len(self.data.texts) // 500)]
            if (name := language(text))
        )
        return [
            name for name, times in found.most_common() if times >= _LANGUAGE_SHARE * found.total()
        ]

    def _prove(self, stage: _Stage, calibration: Calibration, files: Mapping[str, bytes]) -> None:
        """The files must answer like the training side: on texts of several lengths, with and
        without names and the like, alone and in a batch.
        """
        texts = sorted(
            (
                mask_role(text, self.data.roles[label])
                for text, label in zip(self.data.texts, self.data.labels, strict=True)
            ),
            key=len,
        )
        personal = [text for text in texts if self.masking and mask_person(text) != text]
        texts = [
            text for kind in (texts, personal) for text in kind[:: max(1, len(kind) // 24)][:24]
        ]
        opened = reader.read_files(files, "the new bundle")
        loaded = Recommender(opened)
        together = loaded.probabilities(texts)
        alone = np.concatenate([loaded.probabilities([text]) for text in texts])
        seen = self._seen(texts)
        vectors = stage.shipped.encode(seen, NullProgress())
        members = {
            "classifier": heads.scores(stage.classifier, vectors),
            "similarity": stage.vectors.similarity(vectors),
            "ngrams": NgramScorer(stage.table.weights, stage.table.factors).scores(seen),
        }
        expected = fuse(members, calibration.weights)
        drift = max(float(np.abs(together - expected).max()), float(np.abs(together - alone).max()))
        if not drift <= 1e-4:
            raise VocationError(
                "the exported model answers differently from the trained one (probabilities differ"
                f" by {drift:.2g}): nothing was written"
            )


def public_rows(data: Dataset) -> NDArray[np.bool_]:
    """Which rows (n) must not be judged: their description stands for the career itself, or they
    are near-duplicates of one that does.
    """
    own = [
        bool(text := row.cells.get("description")) and text == data.careers[row.role].description
        for row in data.rows
    ]
    return np.isin(data.groups, data.groups[np.array(own, bool)])


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
