"""Find the skills that a person has: those their text speaks of, and those of a job they held."""

from __future__ import annotations

from collections.abc import Sequence

from vocation.records import Career, SkillFound
from vocation.text.skills import Skills
from vocation.text.titles import Mention, Titles


class Held:
    """The skills and titles of a catalogue, to find what skills a text holds. Immutable."""

    def __init__(self, careers: Sequence[Career], titles: Titles) -> None:
        self._careers = careers
        self._titles = titles
        self._skills = Skills((skill for one in careers for skill in one.skills), personal=True)

    def skills(
        self, text: str, kept: str, titles: Sequence[Mention] | None = None
    ) -> frozenset[str]:
        """Return the skills that the cleaned `text` holds; `kept` is what it does not refuse.

        `titles` are those of the text, if they were read already.
        """
        mentions = self._skills.mentions(text)
        heard = mentions if kept == text else self._skills.mentions(kept)
        own = {one.skill for one in heard if not one.denied}
        # Who is a nurse and can't stand triage is not credited with it.
        lacked = {one.skill for one in mentions} - own
        return frozenset(own | (self._of_jobs(text, titles).keys() - lacked))

    def found(self, text: str) -> tuple[tuple[SkillFound, ...], frozenset[str]]:
        """Return the skills that the cleaned `text` names, in its order, then those of jobs held.

        Each comes once, with a quote. The second is every skill the text speaks of, had or not.
        """
        mentions = self._skills.mentions(text)
        # Reversed, because the last entry of a key counts: each skill keeps its first mention.
        first = {mention.skill: mention for mention in reversed(mentions) if not mention.denied}
        ordered = sorted(first.values(), key=lambda one: (one.start, -one.end, one.skill))
        named = [SkillFound(one.skill, "named", text[one.start : one.end]) for one in ordered]
        spoken = {mention.skill for mention in mentions}
        jobs = {skill: title for skill, title in self._of_jobs(text).items() if skill not in spoken}
        named += [SkillFound(skill, "job held", title) for skill, title in jobs.items()]
        return tuple(named), frozenset(spoken | jobs.keys())

    def _of_jobs(self, text: str, titles: Sequence[Mention] | None = None) -> dict[str, str]:
        """The skills of the careers that the person holds or held, each with the title said."""
        jobs = self._titles.held(text, self._titles.mentions(text) if titles is None else titles)
        # Reversed, so that the first title counts.
        return {
            skill: one.title
            for one in reversed(jobs)
            if one.career is not None
            for skill in self._careers[one.career].skills
        }
