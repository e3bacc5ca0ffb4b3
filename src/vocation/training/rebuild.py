"""Rebuild the serving files of a bundle from its four PyTorch files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from vocation.bundle import layout, pytorch_files, reader, writer
from vocation.config import TrainConfig
from vocation.errors import BundleError, VocationError
from vocation.progress import NullProgress
from vocation.records import Career
from vocation.reports import card
from vocation.text.ngrams import BUCKETS
from vocation.text.person import mask_person
from vocation.training import pytorch_file
from vocation.training.domain import DomainClassifier, in_domain_texts, out_of_domain_texts
from vocation.training.encoder import base_models, export
from vocation.training.encoder.network import CareerNetwork
from vocation.training.encoder.shipped import Shipped

NOTE = (
    "Completed from the PyTorch weights: descriptions, skills, books and facts of the careers, and"
    " the table of words, are not known to this bundle."
)


_REMEDY = "call  vocation.training.rebuild_bundle(folder, base_model=...)  with its name or folder"


def rebuild_bundle(folder: str | Path, base_model: str | Path | None = None) -> Path:
    """Make a whole bundle in `folder` from its four PyTorch files.

    The weights are opened weights-only, the label encoder is not unpickled. `base_model`, a name or
    a folder, is used in place of the one that the files name. Raises BundleError where the files do
    not belong together.
    """
    folder = Path(folder)
    kept = pytorch_files.read_pytorch(folder)
    classes, config, base, network, metadata = _opened(folder, kept[layout.WEIGHTS], base_model)
    shipped = Shipped.of(network.eval(), base, config)
    as_read = mask_person if metadata.get("masking") else str
    # The domain classifier is fitted on the package's texts alone: the rows are not here.
    background = [text for _, text in in_domain_texts()], out_of_domain_texts(config.seed)
    inside, outside = (
        shipped.encode([as_read(text) for text in texts], NullProgress()) for texts in background
    )
    try:
        metadata["calibration"]["weights"] = metadata["calibration"]["weights_without_ngrams"]
        # They were learned with n-grams.
        metadata["calibration"] |= {"logit_threshold": None, "known": None}
        metadata["known_limits"] = [*metadata.get("known_limits", []), NOTE]
        model_card = card.text(metadata).encode("utf-8")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(
            f"{folder}: {layout.METADATA} is not that of a training ({type(error).__name__}"
            f" {error}): train again"
        ) from None
    files = {
        **kept,
        layout.METADATA: export.json_file(metadata),
        layout.MODEL: shipped.model(network.classifier, DomainClassifier.fit(inside, outside)),
        layout.TOKENIZER: shipped.tokenizer,
        # The table of words is not in the PyTorch files: zeros score 0 for every career.
        layout.NGRAMS: export.table_file(np.zeros((BUCKETS, len(classes)), np.int8)),
        layout.NGRAM_FACTORS: export.table_file(np.zeros((BUCKETS, 2), np.float16)),
        # No descriptions are known, so there is nothing to compare with (0 rows).
        layout.PUBLIC_TEXTS: export.table_file(np.zeros((0, shipped.dim), np.int8)),
        layout.PROFILES: export.json_file([Career(name).to_dict() for name in classes]),
        layout.CARD: model_card,
    }
    reader.read_files(files, str(folder))  # refuse before anything is replaced
    # The four files are among the new ones, so there is nothing to keep.
    return writer.write(folder, files, keep=False)


def _opened(
    folder: Path, weights: bytes, base_model: str | Path | None
) -> tuple[list[str], TrainConfig, Path, CareerNetwork, dict[str, Any]]:
    """Careers, settings, base model's folder, network and metadata of the files in `folder`."""
    try:
        metadata = pytorch_files.metadata(folder)
        checkpoint = pytorch_file.load(io.BytesIO(weights), str(folder / layout.WEIGHTS))
        config, classes = TrainConfig.from_dict(checkpoint["config"]), list(checkpoint["classes"])
        base = (
            base_models.of_bundle(config.base_model, _REMEDY)
            if base_model is None
            else base_models.resolve(str(base_model))
        )
        network = CareerNetwork.from_base(base, len(classes), config)
        pytorch_file.restore(network, checkpoint, folder, tuned=metadata["preset"] != "head")
    # These say already what is wrong and what to do; the rest gets a sentence below.
    except BundleError:
        raise
    except (
        VocationError,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        RuntimeError,
        ModuleNotFoundError,
    ) as error:
        raise BundleError(
            f"{folder}: the four files cannot be completed to a bundle"
            f" ({str(error).splitlines()[0][:300]}): train again"
        ) from None
    return classes, config, base, network, metadata
