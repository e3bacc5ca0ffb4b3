"""Take a part of the rows, spread over careers and kinds of file."""

from __future__ import annotations

from collections import Counter

from vocation.records import SOURCES, Row
from vocation.text.clean import label_key


def spread(rows: list[Row], limit: int) -> tuple[list[Row], list[Row]]:
    """The first `limit` rows when careers, and within them kinds of file, take turns; and the
    others. Both in the order of `rows`.
    """
    turn_of_source: Counter[tuple[str, str]] = Counter()
    ranks = []
    for i, row in enumerate(rows):
        career = label_key(row.role)
        turn_of_source[career, row.source] += 1
        ranks.append((turn_of_source[career, row.source], SOURCES.index(row.source), i, career))
    turn_of_career: Counter[str] = Counter()
    order = []
    for _, _, i, career in sorted(ranks):
        turn_of_career[career] += 1
        order.append((turn_of_career[career], career, i))
    taken = {i for _, _, i in sorted(order)[: max(limit, 0)]}
    return [row for i, row in enumerate(rows) if i in taken], [
        row for i, row in enumerate(rows) if i not in taken
    ]
