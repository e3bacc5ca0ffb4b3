"""Writing: the files of a bundle, verified against the trained model before they are written."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.bundle import layout, reader, writer
from vocation.errors import BundleError, VocationError
from vocation.fairness import swaps
from vocation.progress import NullProgress
from vocation.reports import card, samples
from vocation.serving.recommend import Recommender
from vocation.text.clean import mask_role
from vocation.text.ngrams import BUCKETS, NgramScorer
from vocation.text.person import mask_person
from vocation.training import device, heads, pytorch_file, tasks
from vocation.training.calibrate import Calibration
from vocation.training.encoder import export
from vocation.training.encoder.network import CareerNetwork
from vocation.training.encoder.shipped import directions, public_texts
from vocation.training.fit import FittedModel
from vocation.training.prepare import Prepared
from vocation.training.schedule import History

TOLERANCE = 1e-4
"""How far a probability of the files may be from the trained model's: rounding only."""

# Sizes of a bundle. All that shrinks is the table of words, so the zip counts as much as the files.
_BYTES_A_WEIGHT = 1.05  # 8 bits, a scale of 32 bits for each row, and a little unrounded
_OTHER_FILES = 5 * layout.MB  # tokenizer, profiles, public texts, metadata

_VERIFIED = 24  # texts of each kind that are compared


def metadata(
    prepared: Prepared,
    preset: str,
    calibration: Calibration,
    metrics: dict[str, Any] | None,
    history: History,
    seconds: float,
) -> dict[str, Any]:
    """What model_metadata.json says, but for what only the model that ships can tell."""
    data, parts, languages = prepared.data, prepared.split, prepared.languages()
    report = data.report
    per_career = np.bincount(data.labels, minlength=len(data.roles))
    return {
        "format": layout.FORMAT,
        "classes": list(data.roles),
        "config": prepared.config.to_dict(),
        "preset": preset,
        "trained": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "training_seconds": round(seconds, 1),
        "device": device.name(),
        "dataset": {
            "sha256": data.fingerprint,
            "rows": report.used,
            "roles": report.roles,
            "samples_per_source": dict(data.counts),
            "level": report.level,
            "read": report.rows_in,
            "merged": len(report.merged),
            "dropped": len(report.dropped),
            "rows_per_career": {
                "least": int(per_career.min()),
                "median": float(np.median(per_career)),
                "most": int(per_career.max()),
            },
            "rows_by_career": dict(zip(data.roles, per_career.tolist(), strict=True)),
            "augmented": asdict(prepared.augmentation),
            "split": {
                "train": len(parts.train),
                "validation": len(parts.validation),
                "test": len(parts.test),
            },
            **({"notice": data.notice} if data.notice else {}),
            **({"added_to_defaults": asdict(report.additions)} if report.additions else {}),
        },
        "metrics": metrics,
        "calibration": calibration.to_dict(),
        "masking": prepared.masking,
        "history": history,
        "versions": card.versions(),
        "languages": languages,
        "known_limits": card.known_limits(report, metrics, languages, prepared.config.base_model),
    }


def write(
    output: Path,
    prepared: Prepared,
    model: FittedModel,
    calibration: Calibration,
    described: dict[str, Any],
    progress: NullProgress,
    keep: bool = True,
) -> None:
    """Write the bundle of `model`; completes its metadata `described` in place.

    With `keep` the bundle before is kept beside it. Raises VocationError, and writes nothing, where
    the files do not answer like the model.
    """
    classes = list(prepared.data.roles)
    recommender = _recommender(prepared, model, described)
    described["sample_predictions"] = samples.of(recommender)
    described["fairness"] = swaps.brief(recommender, prepared.config.seed)
    files = _serving_files(prepared, model, described)
    kept = model.network, prepared.config.to_dict(), classes, described["history"]
    # Known only now: the other files count towards the limit.
    heads_only = pytorch_file.too_large(model.network, files)
    part = pytorch_file.HEADS_ONLY if heads_only else None
    files[layout.WEIGHTS] = pytorch_file.file(*kept, part)
    if heads_only:
        described["known_limits"].append(f"{layout.WEIGHTS} holds the {part}.")
    described["size_bytes"] = sum(map(len, files.values()))
    files[layout.METADATA] = export.json_file(described)
    files[layout.CARD] = card.text(described).encode("utf-8")
    # Last, on the very bytes that are written next.
    verify_export(prepared, model, calibration, files)
    writer.write(output, files, keep=keep)
    if heads_only:
        whole = pytorch_file.write_full(
            output, pytorch_file.file(*kept, pytorch_file.WHOLE), live=keep
        )
        progress.line(f"{layout.WEIGHTS} holds the {part}: {whole}")
    # Read from the disk, as a user would.
    if Recommender.load(output).classes != prepared.data.roles:
        raise RuntimeError("the written bundle names other careers than the data")


def check_space(output: Path, network: CareerNetwork, careers: int) -> None:
    """Raise BundleError if the disk has no room for the bundle of `network`.

    Estimated from the weights: 16 bits for PyTorch, 8 and a little for answering, and the zip of
    both. The bundle that is there stays, so it frees nothing.
    """
    numbers = sum(tensor.numel() for tensor in network.state_dict().values())
    weights = 2 * numbers
    answering = int(_BYTES_A_WEIGHT * numbers) + BUCKETS * careers + _OTHER_FILES
    need = 2 * (weights + answering)
    if weights + answering > pytorch_file.MOST_BYTES:
        need = weights + 2 * answering  # the weights lie beside the bundle, and not in its zip
    folder = Path(os.path.realpath(output)).parent
    free = shutil.disk_usage(folder).free
    if free < need:
        raise BundleError(
            f"nothing was trained: the bundle needs about {need / layout.MB:,.0f} MB in {folder},"
            f" {free / layout.MB:,.0f} MB are free: make room there, or name another --output"
        )


def _serving_files(
    prepared: Prepared, model: FittedModel, described: Mapping[str, Any]
) -> dict[str, bytes]:
    data = prepared.data
    careers = [data.careers[role] for role in data.roles]
    described_texts = public_texts(careers, model.shipped, prepared.as_read)
    trained_on = described["trained"][:10]
    measured = described["tasks"]
    known = described["calibration"]["known"] is not None
    return {
        **({layout.TITLES: export.table_file(_titles(model))} if known else {}),
        layout.LABELS: export.label_file(list(data.roles)),
        layout.EMBEDDINGS: export.table_file(model.vectors.careers),
        layout.MODEL: model.shipped.model(model.classifier, model.domain),
        layout.TOKENIZER: model.shipped.tokenizer,
        layout.NGRAMS: export.table_file(model.ngrams.weights),
        layout.NGRAM_FACTORS: export.table_file(model.ngrams.factors),
        layout.PUBLIC_TEXTS: export.table_file(described_texts),
        layout.PROFILES: export.json_file([career.to_dict() for career in careers]),
        layout.TASKS: export.json_file(
            tasks.table(data, model.vectors.masked, measured, trained_on)
        ),
    }


def _recommender(
    prepared: Prepared, model: FittedModel, described: Mapping[str, Any]
) -> Recommender:
    """What `model` will answer, without a detour over the disk."""
    keys = ("classes", "calibration", "languages", "masking")
    return Recommender(
        reader.LoadedBundle(
            where="the model just trained",
            model=model.shipped.model(model.classifier, model.domain),
            tokenizer=model.shipped.tokenizer,
            careers=tuple(prepared.data.careers[role] for role in prepared.data.roles),
            embeddings=model.vectors.careers,
            ngrams=model.ngrams.weights,
            ngram_factors=model.ngrams.factors,
            metadata={key: described[key] for key in keys},
            titles=_titles(model),
        )
    )


def _titles(model: FittedModel) -> NDArray[np.int8]:
    return directions(np.concatenate([model.vectors.names, model.vectors.titles]))


def verify_export(
    prepared: Prepared, model: FittedModel, calibration: Calibration, files: Mapping[str, bytes]
) -> None:
    """Check that `files` answer like `model`, alone and in a batch.

    On texts of several lengths, with and without words about the person. Raises VocationError.
    """
    data = prepared.data
    texts = sorted(
        (
            mask_role(text, data.roles[label])
            for text, label in zip(data.texts, data.labels, strict=True)
        ),
        key=len,
    )
    # A slice of all texts may have none with words about the person, so these are added.
    personal = [text for text in texts if prepared.masking and mask_person(text) != text]
    texts = [
        text
        for kind in (texts, personal)
        # Evenly spread over the texts by length, the shortest one included.
        for text in kind[:: max(1, len(kind) // _VERIFIED)][:_VERIFIED]
    ]
    loaded = Recommender(reader.read_files(files, "the new bundle"))
    # Without what is added for careers that a text names: `model` has only what was trained.
    together = loaded.probabilities(texts, by_name=False)
    # A text's answer must not depend on the padding that its neighbours cause.
    alone = np.concatenate([loaded.probabilities([text], by_name=False) for text in texts])
    read = prepared.as_read(texts)
    features = model.shipped.encode(read, NullProgress())
    scores = {
        "classifier": heads.scores(model.classifier, features),
        "similarity": model.vectors.similarity(features),
        # From the texts, as serving does it: `counts` is another road to the same numbers.
        "ngrams": NgramScorer(model.ngrams.weights, model.ngrams.factors).scores(read),
    }
    expected = calibration.probabilities(scores)
    drift = max(float(np.abs(together - expected).max()), float(np.abs(together - alone).max()))
    if not drift <= TOLERANCE:  # also where it is not a number
        raise VocationError(
            "the exported model answers differently from the trained one (probabilities differ by"
            f" {drift:.2g}): nothing was written"
        )
