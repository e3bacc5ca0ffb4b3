"""Look around among the careers of a bundle: search them, see which are near and why, and which
skill to learn first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from vocation.records import Career
from vocation.serving.asked import find
from vocation.serving.directions import Directions
from vocation.text.clean import clean
from vocation.text.titles import Titles

_MOST = 5  # near careers
_MOST_CHARACTERS = 200  # of a text that may be a question
_LONGEST = 20  # words of a question
_ASKS = re.compile(
    r"\W*(?:what|how|where|which|when|why|is|are|do|does|tell me|qué|que|cómo|cuánto|cuanto|"
    r"dónde|cuál|es|hay)\b",
    re.IGNORECASE,
)
_PAY = re.compile(
    r"\b(?:earns?|earning|salar\w+|pays?|paid|wages?|make|makes|money|gana\w*|sueldo|salario|"
    r"cobra\w*|paga\w*)\b",
    re.IGNORECASE,
)
# Who speaks of themselves asks for careers: "I like drawing, what could I do?"
_OWN = re.compile(
    r"(?<!\bdo )(?<!\bcan )(?<!\bwould )\bI\b|\b(?:my|me gusta|soy)\b|\b(?:should|could) I\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Related:
    """A career near another: `skills` that both use, `same_family` and `same_preparation` say what
    they share beside the kind of work, by which they are near.
    """

    career: str
    skills: tuple[str, ...]
    same_family: bool
    same_preparation: bool


class Explorer:
    """The careers of a bundle, to look around in. KeyError for a name that is none of them."""

    def __init__(
        self,
        careers: Sequence[Career],
        usual: Mapping[str, Mapping[str, float]],
        directions: Directions,
        titles: Titles,
    ) -> None:
        """`usual` is for each career the share of its rows that show a skill."""
        self.careers = tuple(careers)
        self._place = {career.name: i for i, career in enumerate(careers)}
        self._usual, self._directions, self._titles = usual, directions, titles

    def find(self, query: str) -> list[Career]:
        """Return the careers whose name, other title or family fits `query`, the best first."""
        return find(self.careers, query)

    def asked_about(self, text: str) -> tuple[str, Career] | None:
        """Return what a text asks about one career rather than for careers, and the career.

        "pay" or "career" for a question ("what does a data scientist earn?"), "title" for a bare
        title ("nurse"); None for any other text. English and Spanish.
        """
        text = clean(text[:_MOST_CHARACTERS])
        what, text = _about(text), text.strip(" ?!.¿¡")
        if what is None:
            return None
        for one in self._titles.mentions(text):
            bare = (one.start, one.end) == (0, len(text))
            if one.career is not None and (bare or what != "title"):
                return what, self.careers[one.career]
        return None

    def related(self, name: str) -> tuple[Related, ...]:
        """Return the careers near one, the nearest first; none of another world."""
        one = self.careers[self._place[name]]
        keys = {skill.casefold() for skill in one.skills}
        family, zone = _family_and_zone(one)
        found = []
        for other in self._directions.closest(self._place[name], _MOST):
            near = self.careers[other]
            shared = tuple(skill for skill in near.skills if skill.casefold() in keys)
            its_family, its_zone = _family_and_zone(near)
            alike = family != "" and family == its_family
            found.append(Related(near.name, shared, alike, zone is not None and zone == its_zone))
        return tuple(found)

    def skills_first(
        self, name: str, held: Collection[str] = ()
    ) -> tuple[tuple[str, float | None], ...]:
        """Return the skills of a career that are not `held`, the most usual first.

        Beside each stands the share of the career's rows that show it, None where none does. The
        career's own list decides among equals. It says what the work asks for, never what would
        lift a score.
        """
        career, usual = self.careers[self._place[name]], self._usual.get(name, {})
        has = {skill.casefold() for skill in held}
        missing = [skill for skill in career.skills if skill.casefold() not in has]
        ordered = sorted(missing, key=lambda skill: -usual.get(skill, 0.0))
        return tuple((skill, usual.get(skill)) for skill in ordered)


def _about(text: str) -> str | None:
    """What a text asks about: "pay", "career", "title" where it may be a bare title, or None."""
    if len(text.split()) > _LONGEST or _OWN.search(text):
        return None
    if _PAY.search(text):
        return "pay"
    return "career" if text.rstrip().endswith("?") or _ASKS.match(text) else "title"


def _family_and_zone(career: Career) -> tuple[str, int | None]:
    return (career.facts.family, career.facts.job_zone) if career.facts else ("", None)
