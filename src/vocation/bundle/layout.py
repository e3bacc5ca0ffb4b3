"""The layout of a bundle: format number, file names, size limits, and the shape of the metadata.

Reader and writer both take every name and every limit from here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping

from vocation.bundle import check_json, ensemble

FORMAT = 3
"""Version of this layout; a reader refuses any other."""

MB = 1_000_000

WEIGHTS = "career_model_cpu.pth"
LABELS = "label_encoder.pkl"
EMBEDDINGS = "career_embeddings.npy"
METADATA = "model_metadata.json"
MODEL, TOKENIZER, PROFILES = "model.onnx", "tokenizer.json", "profiles.json"
NGRAMS, NGRAM_FACTORS = "ngrams.npy", "ngram_factors.npy"
PUBLIC_TEXTS = "public_texts.npy"
TASKS = "tasks.json"
TITLES = "titles.npy"
CARD, MANIFEST = "MODEL_CARD.md", "manifest.json"
ZIP = "trained_models.zip"

SERVING = {
    MODEL: 1200 * MB,
    TOKENIZER: 64 * MB,
    NGRAMS: 512 * MB,
    NGRAM_FACTORS: 1 * MB,
    PROFILES: 64 * MB,
    EMBEDDINGS: 256 * MB,
    PUBLIC_TEXTS: 512 * MB,
    METADATA: 16 * MB,
}
"""The files that serving opens, with the largest size accepted for each."""

OPTIONAL = {TASKS: 16 * MB, TITLES: 128 * MB}
"""The files that serving opens if the manifest lists them."""

MEMBER_FILES = SERVING | OPTIONAL
"""The files that each member of an ensemble has."""

WRITTEN = (
    WEIGHTS,
    LABELS,
    EMBEDDINGS,
    METADATA,
    MODEL,
    TOKENIZER,
    NGRAMS,
    NGRAM_FACTORS,
    PUBLIC_TEXTS,
    PROFILES,
    CARD,
)
"""The files that the writer needs for one model; it adds the manifest and the zip."""

OF_ENSEMBLE = (ensemble.LIST, METADATA, PROFILES, CARD)
"""The files of an ensemble besides the numbered files of its members."""

PYTORCH_FILES = (WEIGHTS, LABELS, EMBEDDINGS, METADATA)
"""The files that PyTorch users load."""

MANIFEST_LIMIT = 1 * MB
OTHER_LIMIT = 2000 * MB
"""The largest size of a file that is copied but never parsed."""

MOST_SKILLS = 20_000
"""Distinct skills of all careers: each takes microseconds and kilobytes to search a text for."""

MOST_SKILL_LETTERS = 1_000_000
"""Characters of all distinct skills together, a tenth of a second to prepare."""

MOST_DIMENSIONS = 8192
"""Columns of a career's embedding; no encoder has more."""

MOST_TITLES = 10_000
"""Occupations that a catalogue does not have; there are about a thousand official ones."""

_PROBABILITY = check_json.Range(0, 1)
# A component that hardly varies gets a weight of its inverse deviation, at most 1e9. A float64
# holds the product with any 32-bit score.
_WEIGHT, _SCORE = check_json.Range(0, 1e12), check_json.Range(-1e12, 1e12)
_COUNT = check_json.Range(0, 1e9)
_SHARE = {**dict.fromkeys(("value", "low", "high"), _PROBABILITY), "n": int}
_TEST_METRICS = {
    **dict.fromkeys(("accuracy", "top_3"), _SHARE),
    **dict.fromkeys(("macro_f1", "calibration_error"), _PROBABILITY),
}
_BY_KIND = {...: dict.fromkeys(("accuracy", "top_3"), _SHARE)}
_METRICS = {
    "test": _TEST_METRICS,
    "folds?": {"count": int, "encoder_as_it_was": bool},
    "macro?": {"value": _PROBABILITY, "careers": int},
    "worst_tenth?": {"value": _PROBABILITY, "careers": int, "of": int, "worst": {...: _SHARE}},
    "by_family?": _BY_KIND,
    "by_job_zone?": _BY_KIND,
    "by_confidence?": [
        {"from": _PROBABILITY, "to": _PROBABILITY, "n": _COUNT, "right": _COUNT},
    ],
    "mixed_up?": [{"right": str, "answered": str, "times": int, "of": int}],
}
_SCORE_WEIGHTS = dict.fromkeys(("classifier?", "similarity?", "ngrams?"), _WEIGHT)
_CALIBRATION = {
    "set_threshold?": _PROBABILITY,
    "confidence_threshold?": _PROBABILITY,
    "doubt?": check_json.Range(0, 0.99),
    "domain_threshold?": _SCORE,
    "domain_confidence?": _WEIGHT,
    "logit_threshold?": (None, _SCORE),
    "known?": (None, dict.fromkeys(("margin", "log_odds", "level", "bias"), _SCORE)),
    "weights?": _SCORE_WEIGHTS,
    "weights_without_ngrams?": _SCORE_WEIGHTS,
}
_DATASET = {
    "sha256?": str,
    "level?": str,
    "notice?": str,
    "rows?": int,
    "roles?": int,
    "samples_per_source?": {...: int},
    "rows_by_career?": {...: int},
}
METADATA_SHAPE = {
    "classes": [str],
    "languages?": [str],
    "calibration?": _CALIBRATION,
    "config?": {"base_model?": str},
    "dataset?": (None, _DATASET),
    "known_limits?": [str],
    "metrics?": (None, _METRICS),
    "preset?": str,
    "sample_predictions?": [{"text": str}],
    "trained?": str,
}
"""The part of the metadata that commands and the app rely on, in the notation of check_json.fits.
A key that ends with a question mark may be missing.
"""


def required_files(present: Collection[str]) -> list[str]:
    """List the files that a bundle with the files `present` must have.

    That is WRITTEN and those of OPTIONAL that are present, or the files of an ensemble.
    """
    if ensemble.LIST in present:
        return [*OF_ENSEMBLE, *ensemble.own_files(present, MEMBER_FILES)]
    return [*WRITTEN, *(name for name in OPTIONAL if name in present)]


def bundle_files(present: Collection[str]) -> set[str]:
    """Return those of `present` that belong to a bundle of any kind: a new bundle replaces them."""
    members = ensemble.own_files(present, MEMBER_FILES)
    # Of any kind: a single model may replace an ensemble, and the other way round.
    return {*WRITTEN, *OPTIONAL, *OF_ENSEMBLE, *members} & set(present)


def size_limit(name: str) -> int:
    """Return the largest size in bytes accepted for the bundle file `name`."""
    limits = {**MEMBER_FILES, ensemble.LIST: MANIFEST_LIMIT}
    return limits.get(re.sub(r"^\d-", "", name), OTHER_LIMIT)  # "2-model.onnx" is a member's


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """Return the manifest of a bundle with these `files`: the format, each size and sha256."""
    listed = {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in sorted(files.items())  # equal files, equal manifest
    }
    return json.dumps({"format": FORMAT, "files": listed}, indent=1).encode()
