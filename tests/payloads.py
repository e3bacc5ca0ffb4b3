"""Script payloads, the places of a bundle that the page shows, and what must not be found on the
page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vocation.bundle import layout
from vocation.records import Pay
from vocation.text.clean import clean

_CODES = ("pwn()", "alert(1)", "top['pw'+'n']()", "fetch('http://127.0.0.1:9/x')")

SHAPES: list[str] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
"""Shapes of payloads by publicly known techniques; CODE is what must never run."""


def payloads(count: int) -> list[str]:
    """The first `count` payloads, all different: every shape with one code, then again with the
    next.
    """
    made = dict.fromkeys(shape.replace("CODE", code) for code in _CODES for shape in SHAPES)
    return list(made)[:count]


def poisoned(career: dict[str, Any], payload: str, name: str) -> dict[str, Any]:
    """A career of profiles.json called `name`, with `payload` in every text that the page shows."""
    facts = {
        "pay_p10": 1000,
        "pay_median": 2000,
        "pay_p90": 3000,
        "employment": 5,
        "job_zone": 3,
        "interests": {payload: 6.5},
    }
    facts |= {
        "entry_route": payload,
        "title": f"{payload} official",
        "pay_title": payload,
        "pay_source": payload,
        "interests_source": payload,
    }
    return career | {
        "name": name,
        "description": payload,
        "skills": [payload, f"{payload} again"],
        "books": [{"title": payload, "author": payload, "description": payload, "level": payload}],
        "questions": [{"question": payload, "answer": payload}],
        "facts": facts,
    }


FIELDS = 16
"""How often `poisoned` and the name put a payload where the page shows it."""


def changed(folder: Path, some: Sequence[str]) -> dict[str, Any]:
    """The JSON files of the bundle `folder`, of as many careers as `some` has payloads, with one of
    them in every text of each career.

    The metadata hold them, too, wherever the tab about the model reads a text. Names are what
    cleaning leaves of them, each its own.
    """
    careers = json.loads((folder / layout.PROFILES).read_text("utf-8"))
    names = [clean(f"{payload} {i}") for i, payload in enumerate(some)]
    metadata = json.loads((folder / layout.METADATA).read_text("utf-8"))
    data = metadata["dataset"] | {"samples_per_source": dict.fromkeys(some, 3)}
    metadata |= {
        "classes": names,
        "known_limits": list(some),
        "dataset": data,
        "trained": some[0],
        "config": metadata["config"] | {"base_model": some[0]},
    }
    pay = Pay(1000, 900, 1100, some[0], some[0], some[0], 5)
    return {
        layout.PROFILES: [poisoned(*both) for both in zip(careers, some, names, strict=True)],
        layout.METADATA: metadata,
        layout.TASKS: {"pay": {names[0]: asdict(pay)}, "usual_skills": {}, "estimator": None},
    }


HOOKS = """
window.__ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'pwn']) window[name] = (...said) => { top.__ran.push(name + said); };
"""
"""Put into every document before anything else in it runs: what a payload calls is noted."""

LIVE = r"""
const main = document.querySelector('[data-testid=stMain]') || document.querySelector('main'), bad = [];
const own = element => {
  // A link of the page to one of its pages, or one of the owner's.
  const href = element.closest('a') ? element.closest('a').href : '';
  return element.closest('[data-testid=stPageLink]') && href.startsWith(location.origin + '/')
    || element.closest('[data-testid=stLinkButton]') && href.startsWith('https://example.org/');
};
// What the page itself sets apart, and shows letter by letter.
const whole = new Set(arguments[0] || []);
const apart = element => !element.children.length && whole.has(element.textContent.replace(/[\s\u2060]/g, ''));
const tags = new Set(`script iframe object embed link meta base img image video audio math animate set foreignobject marquee style body
  del em code pre blockquote hr select`.split(/\s+/));
for (const element of main.querySelectorAll('*')) {
  const tag = element.tagName.toLowerCase();
  if (tag === 'em' && apart(element)) continue;
  if (tags.has(tag) || tag.includes('-') || element.classList.contains('katex') || element.classList.contains('stMarkdownColoredText'))
    bad.push(element.outerHTML.slice(0, 160));
  if (tag === 'a' && !own(element) && !(element.getAttribute('href') || '').startsWith('#')) bad.push(element.outerHTML.slice(0, 160));
  for (const {name, value} of element.attributes)
    if (/^on/i.test(name) || (!(own(element) && name === 'href') && /^(href|src|srcset|srcdoc|action|formaction|data|poster|xlink:href|background)$/i.test(name) && !value.startsWith('#')))
      bad.push(name + '=' + value.slice(0, 120));
}
for (const element of main.querySelectorAll('*'))
  for (const kind of ['mouseover', 'pointerenter', 'focus', 'load', 'error', 'toggle']) element.dispatchEvent(new Event(kind));
const outside = performance.getEntriesByType('resource').map(entry => entry.name).filter(name => !name.startsWith(location.origin));
return [bad, window.__ran, outside, main.textContent];
"""
"""Elements and attributes on the page that only markup in a payload can have made; what ran; what
was fetched from elsewhere; all text. Its argument are the `letters` of texts that the page may set
apart by its own `<em>`.
"""


def letters(text: str) -> str:
    """`text` as the page shows it, without white space and without the invisible joiners that keep
    it from being read as markup.
    """
    return re.sub(r"[\s\u2060]", "", clean(text))


def missing(shown: str, some: Sequence[str]) -> list[str]:
    """Those of `some` that `shown`, the text of the page, does not hold literally in every
    field.
    """
    whole = letters(shown)
    return [payload for payload in some if whole.count(letters(payload)) < FIELDS]
