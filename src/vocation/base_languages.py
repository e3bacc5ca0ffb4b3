"""Which languages a base model knows, and the one to take for others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MULTILINGUAL = "paraphrase-multilingual-MiniLM-L12-v2"
"""The base model for texts that are not English; it knows about 50 languages."""

MANY = 100_000
"""A base model with more tokens than that reads many languages; English ones have about 30,000."""

# Those of docs/base-models.md. Of a folder, or of any other name, nothing is known.
_ENGLISH = ("all-MiniLM-L6-v2", "all-MiniLM-L12-v2", "all-mpnet-base-v2")


def of_bundle(metadata: Mapping[str, Any]) -> str | None:
    """Return the sentence of `not_known` for a bundle with `metadata`, a stranger's perhaps."""
    base_model = (metadata.get("config") or {}).get("base_model")
    return not_known(str(base_model), map(str, metadata.get("languages") or ()))


def not_known(base_model: str, languages: Iterable[str]) -> str | None:
    """Return a sentence where `base_model` does not know all of the `languages` of the rows.

    `base_model` as in the settings, or several with a comma between; `languages` as in the
    metadata. None where it knows them, and where nothing is known of it.
    """
    names = [name.strip().removeprefix("sentence-transformers/") for name in base_model.split(",")]
    strange = [name for name in languages if name != "English"]
    if not strange or not all(name in _ENGLISH for name in names):
        return None
    return (
        f"rows are in {' and '.join(strange)}, but the base model {', '.join(names)} knows English"
        f" only: train with  --set base_model={MULTILINGUAL}"
    )
