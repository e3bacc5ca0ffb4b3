"""Data augmentation: `augment_data` adds variants of the rows in other words, with their origin.

Whatever makes a variant, it must keep the names, numbers and negations of its original
(`guard.Guard`), must not be a near-duplicate of another text, and must stay close to its original
in meaning where an `encode` is given.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from vocation.augment.generator import (
    LEAST_COSINE,
    AugmentationReport,
    Encode,
    Generate,
    Variant,
    variants,
)
from vocation.data.frames import LABEL_COLUMNS, NAMED_BY_AUGMENT, ORIGIN, TEXT_COLUMNS, is_frame
from vocation.errors import ConfigError, DataError
from vocation.text.clean import plain_text
from vocation.text.skill_lists import split_skills

if TYPE_CHECKING:
    import pandas

METHODS = ("paraphrase", "synonym", "all")


def augment_data(
    df: pandas.DataFrame,
    method: str = "paraphrase",
    factor: float = 2,
    seed: int = 42,
    text_column: str | None = None,
    label_column: str | None = None,
    encode: Encode | None = None,
    *,
    least_cosine: float = LEAST_COSINE,
    protect: Iterable[str] = (),
    generate: Generate | None = None,
) -> pandas.DataFrame:
    """Return the rows of `df` unchanged, followed by variants of them in other words.

    The result has round(len(df) * factor) rows, or fewer: then one UserWarning says how many
    variants could be made. A new row copies every other column of its original. The column `origin`
    is "" for rows of `df`, and "17:synonym" for a variant of row 17 (from 0). The same frame,
    settings and `seed` give the same rows.

    method: "paraphrase" changes clauses and phrases (and words, where the text would stay nearly
    the same), "synonym" swaps words, "all" does either and both.
    text_column, label_column: found by their usual names (`TEXT_COLUMNS`, `LABEL_COLUMNS`) where
    not given.
    encode: texts -> vectors (n, d); variants whose cosine to their original is below `least_cosine`
    (-1 to 1) are refused.
    protect: names that must not change, in addition to the labels and the skills of the frame and
    of the default data.
    generate: (texts, count) -> for each text a list of at most `count` variants; called first where
    the method is not "synonym", with one text at a time. What it returns passes the same checks.

    Training takes the result as it is. `attrs["augmentation"]` of the result counts what was
    refused, and why. Raises ConfigError for impossible settings or columns, DataError where the
    frame holds no text.
    """
    _check(method, factor, least_cosine, seed)
    text_name, label_name = _columns(df, text_column, label_column)
    texts = [plain_text(text) if isinstance(text, str) else "" for text in df[text_name]]
    if not any(texts):
        raise DataError(
            f"expected texts in the column {text_name!r}; found none in {len(df):,} rows"
        )
    missing = df[label_name].isna()  # None, NaN, NaT and pandas.NA alike
    labels = [
        "" if absent else str(label) for label, absent in zip(df[label_name], missing, strict=True)
    ]
    cells = [cell for cell in df.get("skills", ()) if isinstance(cell, str)]
    terms = [*protect, *(skill for cell in cells for skill in split_skills(cell))]
    wanted = max(0, _rounded(len(df) * factor) - len(df))
    found, report = variants(
        texts,
        labels,
        wanted,
        method,
        seed,
        encode,
        least_cosine=least_cosine,
        protect=terms,
        generate=generate,
    )
    if report.made < report.asked:
        warnings.warn(
            f"augment_data: {report.made:,} of {report.asked:,} new rows were made: these texts"
            " have no more different variants; collect more texts, use method='all' or a lower"
            " factor",
            UserWarning,
            stacklevel=2,
        )
    result = _joined(df, text_name, found, report)
    # For training, which reads the result by the same columns.
    result.attrs["augmentation"][NAMED_BY_AUGMENT] = (label_name, text_name)
    return result


# --------------------------------------------------------------------------------------------------


def _check(method: str, factor: float, least_cosine: float, seed: int) -> None:
    problems = []
    if method not in METHODS:
        problems.append(f"method must be one of {', '.join(METHODS)}, found {method!r}")
    if (
        isinstance(factor, bool)
        or not isinstance(factor, int | float | np.number)
        # NaN is refused here, since it compares as false.
        or not 1 <= factor <= 100
    ):
        problems.append(
            f"factor must be a number from 1 to 100 (2 doubles the rows), found {factor!r}"
        )
    if not isinstance(least_cosine, int | float) or not -1 <= least_cosine <= 1:
        problems.append(f"least_cosine must be a number from -1 to 1, found {least_cosine!r}")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        problems.append(f"seed must be a whole number, found {seed!r}")
    if problems:
        raise ConfigError("; ".join(problems))


def _columns(df: Any, text_column: str | None, label_column: str | None) -> tuple[str, str]:
    """The columns with the texts and with the labels, by their usual names where not given."""
    if not is_frame(df):
        raise ConfigError(f"augment_data expects a pandas DataFrame, found {type(df).__name__}")
    names = list(df.columns)
    if len(set(names)) < len(names):
        twice = sorted({str(name) for name in names if names.count(name) > 1})
        raise ConfigError(
            f"the frame has several columns of one name ({', '.join(twice)}): rename them"
        )
    if ORIGIN in names:
        raise ConfigError(
            f"the frame has a column {ORIGIN!r} already: augment the original rows (method='all'"
            " does both), or rename that column"
        )
    found = []
    for given, usual, what in (
        (text_column, TEXT_COLUMNS, "text"),
        (label_column, LABEL_COLUMNS, "label"),
    ):
        # Reversed, so that of two names that differ by case only the first column wins.
        lower = {str(name).strip().casefold(): name for name in reversed(names)}
        name = (
            given
            if given is not None
            else next((lower[one] for one in usual if one in lower), None)
        )
        if name is None or name not in names:
            looked = repr(given) if given is not None else f"one of {', '.join(usual)}"
            there = ", ".join(map(str, names)) or "no column"
            raise ConfigError(
                f"expected a column with the {what} ({looked}); found {there}: name it by"
                f" {what}_column"
            )
        found.append(name)
    return found[0], found[1]


def _joined(
    df: pandas.DataFrame, text_name: str, found: Sequence[Variant], report: AugmentationReport
) -> pandas.DataFrame:
    import pandas

    # iloc: the index of the user's frame may have any labels, even repeated ones.
    new = df.iloc[[variant.row for variant in found]].copy()
    new[text_name] = pandas.Series(
        # dtype object, whatever kind of string column the frame has.
        [variant.text for variant in found],
        index=new.index,
        dtype=object,
    )
    result = pandas.concat([df, new], ignore_index=True) if found else df.reset_index(drop=True)
    result[ORIGIN] = [""] * len(df) + [f"{variant.row}:{variant.method}" for variant in found]
    # Set last: concat does not keep attrs in every case.
    result.attrs = {**df.attrs, "augmentation": asdict(report)}
    return result


def _rounded(rows: float) -> int:
    return int(np.floor(rows + 0.5))  # round() takes 2.5 to 2: halves must go up


__all__ = [
    "LABEL_COLUMNS",
    "LEAST_COSINE",
    "METHODS",
    "TEXT_COLUMNS",
    "AugmentationReport",
    "Variant",
    "augment_data",
    "variants",
]
