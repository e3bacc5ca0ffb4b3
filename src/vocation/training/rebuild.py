"""Rebuild the serving files of a bundle from its four PyTorch files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from vocation.bundle import check_pickle, layout, reader, writer
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


def rebuild_bundle(folder: str | Path) -> Path:
    """Make a whole bundle in `folder` from its four PyTorch files.

    The weights are opened weights-only, the label encoder is not unpickled. Raises BundleError
    where the files do not belong together.
    """
    folder = Path(folder)
    classes, config, base, network, metadata = _opened(folder)
    shipped = Shipped.of(network.eval(), base, config)
    as_read = mask_person if metadata.get("masking") else str
    # The domain classifier is fitted on the package's texts alone: the rows are not here.
    background = [text for _, text in in_domain_texts()], out_of_domain_texts(config.seed)
    inside, outside = (
        shipped.encode([as_read(text) for text in texts], NullProgress()) for texts in background
    )
    try:
        metadata["calibration"]["weights"] = metadata["calibration"]["weights_without_ngrams"]
        metadata["calibration"]["logit_threshold"] = None  # it was learned with n-grams
        metadata["known_limits"] = [*metadata.get("known_limits", []), NOTE]
        model_card = card.text(metadata).encode("utf-8")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(
            f"{folder}: {layout.METADATA} is not that of a training ({type(error).__name__}"
            f" {error}): train again"
        ) from None
    kept = (layout.WEIGHTS, layout.LABELS, layout.EMBEDDINGS)
    files = {
        **{name: (folder / name).read_bytes() for name in kept},
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
    folder: Path,
) -> tuple[list[str], TrainConfig, Path, CareerNetwork, dict[str, Any]]:
    """Careers, settings, base model's folder, network and metadata of the files in `folder`."""
    checkpoint = pytorch_file.read(folder / layout.WEIGHTS)
    try:
        metadata = reader.metadata(folder)
        # Checked as bytes: unpickling could run code.
        check_pickle.check_labels((folder / layout.LABELS).read_bytes(), str(folder))
        config, classes = TrainConfig.from_dict(checkpoint["config"]), list(checkpoint["classes"])
        base = base_models.resolve(config.base_model)
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
