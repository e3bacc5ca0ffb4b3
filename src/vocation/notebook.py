"""HTML for notebooks; every text is escaped, whoever wrote it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from vocation.text.clean import printable


def escaped(text: object) -> str:
    """Return `text` for HTML, with U+FFFD for characters that would reverse what follows."""
    return html.escape(printable(str(text)), quote=True)


def table(title: str, rows: Iterable[Sequence[object]], header: Sequence[object] = ()) -> str:
    """Return a heading and a table of `rows`."""
    lines = [_row(header, "th")] if header else []
    lines += [_row(row, "td") for row in rows]
    return f"<p><b>{escaped(title)}</b></p><table>{''.join(lines)}</table>"


def lines(text: str) -> str:
    """Return `text` with its line breaks and columns."""
    return f"<pre>{escaped(text)}</pre>"


def _row(cells: Sequence[object], tag: str) -> str:
    inside = "".join(
        f'<{tag} style="text-align:left">{escaped("" if cell is None else cell)}</{tag}>'
        for cell in cells
    )
    return f"<tr>{inside}</tr>"
