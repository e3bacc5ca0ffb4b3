"""One page to print for a visitor and a counsellor: own words, three directions, what speaks
against them, what a program cannot know, questions to ask each other, blank lines.

HTML of its own, since a page of Streamlit prints with its boxes and buttons. Nothing in it is
markup but what stands here.
"""

from __future__ import annotations

import html as markup

from utils import chips
from utils.career_card import to_try
from utils.visitor import Visitor
from utils.words import code, language, listed, percent_of, plain
from vocation import Recommendation, Recommender
from vocation.records import Career
from vocation.text.clean import clean

_MOST, _WORDS, _SKILLS = 3, 700, 4  # directions, characters of one's own words, skills of each
_ATTEMPT = 220  # characters of what to try
_LINES = 3  # blank ones

_STYLE = """
@page { size: A4; margin: 14mm }
body { font: 11pt/1.35 system-ui, sans-serif; color: #111; background: #fff;
  max-width: 182mm; margin: 0 auto; padding: 0 4mm }
h1 { font-size: 17pt; margin: 0 0 2mm } h2 { font-size: 12pt; margin: 4mm 0 1mm }
p, ul, ol { margin: 1mm 0 } li { margin: .5mm 0 } blockquote { margin: 1mm 0; padding-left: 3mm;
  border-left: 1mm solid #0b5c63 } .small { font-size: 8.5pt; color: #333 }
.line { border-bottom: .3mm solid #666; height: 8mm }
article { break-inside: avoid }
"""


def html(recommender: Recommender, person: Visitor) -> str:
    """The sheet for what the visitor asked, with the same figures as on the page."""
    answer = chips.answer(recommender, person)
    careers = [recommender.career(one.career) for one in answer.careers[:_MOST]]
    own = code(recommender.languages)
    parts = [
        f"<h1>{_text('sheet.title')}</h1>",
        f"<h2>{_text('sheet.words')}</h2>",
        f"<blockquote>{_shown(_short(person.text))}</blockquote>",
        f"<h2>{_text('sheet.directions')}</h2>",
        *(_direction(i, answer, career, own) for i, career in enumerate(careers)),
        _receipt(recommender, answer),
        f"<h2>{_text('sheet.unknown')}</h2>",
        f"<p>{_text('sheet.unknown_what')}</p>",
        f"<h2>{_text('sheet.questions')}</h2>",
        "<ol>" + "".join(f"<li>{_text(f'sheet.question_{i}')}</li>" for i in (1, 2, 3)) + "</ol>",
        f"<h2>{_text('sheet.notes')}</h2>",
        '<div class="line"></div>' * _LINES,
        f'<p class="small">{_text("page.program")} ',
        f"{_shown(chips.code_line(recommender, person))}</p>",
    ]
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text('sheet.title')}</title><style>{_STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _direction(place: int, answer: Recommendation, career: Career, own: str) -> str:
    """One career of the sheet: how sure, what speaks for and against it, a thing to try."""
    one = answer.careers[place]
    sure = "" if answer.decision == "unsure" else f", {percent_of(one.confidence)}"
    lines = [f"<strong>{place + 1}. {_own(career.name, own)}</strong>{_shown(sure)}"]
    if career.in_brief():
        lines.append(_own(career.in_brief(), own))
    if one.because:
        lines.append(f"{_text('sheet.for')} {_shown(listed(one.because))}")
    if one.against:
        lines.append(f"{_text('sheet.against')} {_shown(listed(one.against))}")
    if missing := one.skills_missing[:_SKILLS]:
        lines.append(f"{_text('sheet.learn')} {_own(', '.join(missing), own)}")
    if attempt := to_try(career):
        lines.append(f"{_text('sheet.try')} {_own(_short(attempt, _ATTEMPT), own)}")
    return f"<article><p>{'<br>'.join(lines)}</p></article>"


def _receipt(recommender: Recommender, answer: Recommendation) -> str:
    """What the figure of the first direction was worth in tests."""
    if answer.decision != "match":
        return ""
    told = chips.receipt(recommender, answer.careers[0].confidence)
    return told and f'<p class="small">{_shown(told)}</p>'


def _own(text: str, own: str) -> str:
    """A text of the career, marked where the `own` language of the data is not the page's."""
    other = own not in ("", language())
    return f'<span lang="{own}">{_shown(text)}</span>' if other else _shown(text)


def _short(text: str, most: int = _WORDS) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0]} …"


def _text(key: str) -> str:
    return markup.escape(plain(key))


def _shown(text: str) -> str:
    return markup.escape(clean(text))
