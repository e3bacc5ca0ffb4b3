"""What each endpoint answers, as bytes: computed in a thread, apart from HTTP."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from vocation import __version__
from vocation.api import forms
from vocation.api.limits import MOST_CHARACTERS, MOST_TEXTS, Late
from vocation.api.problems import Problem, as_json
from vocation.api.swap import Served
from vocation.records import Recommendation
from vocation.serving.asked import choose, entry, nearest
from vocation.text.clean import label_key

Answered = Callable[[str, Recommendation], None]
"""Is told of each text and its answer."""


def recommend(served: Served, asked: forms.Recommend, late: float, answered: Answered) -> bytes:
    """Return the answers to `asked`: those of `vocation recommend --json`."""
    _check_choice(served, asked)
    more: dict[str, Any] = {
        "explain": asked.explain,
        "exclude": asked.exclude,
        "only": asked.only,
        "hear": asked.hear,
    }
    if asked.text is not None:
        more |= {"stances": asked.stances, "answer": asked.answer[:MOST_CHARACTERS]}
    try:
        answers = ask(served, listed(asked.text, asked.texts), late, answered, asked.top_k, **more)
    except ValueError:
        if not asked.stances:  # of what is refused with one, they alone were not checked yet
            raise
        said = "expected the number of a clause of this text, from 0"
        raise Problem(422, said, [{"where": "stances", "message": said}]) from None
    found = [one.to_dict() for one in answers]
    if len(asked.answer) > MOST_CHARACTERS:
        found[0]["truncated"] = True
    return as_json(found if asked.text is None else found[0])


def predict(
    served: Served, asked: forms.Predict, late: float, answered: Answered
) -> tuple[bytes, str]:
    """Return what text-embeddings-inference would answer, and the decisions."""
    single = isinstance(asked.inputs, str)
    given = [asked.inputs] if isinstance(asked.inputs, str) else asked.inputs
    texts = [one if isinstance(one, str) else one[0] for one in given]
    if asked.truncate is False and any(len(text) > MOST_CHARACTERS for text in texts):
        raise Problem(413, f"expected texts of {MOST_CHARACTERS:,} characters at most")
    answers = ask(served, listed(None, texts), late, answered, len(served.keys))
    found = [
        [{"score": score, "label": label} for label, score in _scores(served, one).items()]
        for one in answers
    ]
    return as_json(found[0] if single else found), decisions(answers)


def classify(
    served: Served, asked: forms.Classify, late: float, answered: Answered
) -> tuple[bytes, str]:
    """Return what vLLM and SGLang would answer, and the decisions."""
    texts = listed(*((asked.input, None) if isinstance(asked.input, str) else (None, asked.input)))
    answers = ask(served, texts, late, answered, len(served.keys))
    classes = served.recommender.classes
    data = []
    for i, answer in enumerate(answers):
        scores = _scores(served, answer)
        data.append(
            {
                "index": i,
                "label": next(iter(scores), None),
                "probs": [scores[name] for name in classes] if scores else [],
                "num_classes": len(classes),
            }
        )
    found = {
        "id": f"classify-{uuid.uuid4().hex}",
        "object": "list",
        "created": int(time.time()),
        "model": f"vocation-{served.hash[:12]}",
        "data": data,
        "usage": {"prompt_tokens": 0, "total_tokens": 0, "completion_tokens": 0},
    }
    return as_json(found), decisions(answers)


def listed(text: str | None, texts: Sequence[str] | None) -> Sequence[str]:
    """Return one text or several as a list. Raises Problem for too many."""
    if texts is not None and len(texts) > MOST_TEXTS:
        raise Problem(413, f"expected {MOST_TEXTS} texts at most, found {len(texts)}")
    return [text] if text is not None else texts or ()


def ask(
    served: Served,
    texts: Sequence[str],
    late: float,
    answered: Answered,
    top_k: int | None,
    **more: Any,
) -> list[Recommendation]:
    """Return the answer to each of `texts`. Raises Late from time.monotonic() `late` on.

    One by one: together they would cost no less, and the deadline could not be kept.
    """
    answers = []
    for text in texts:
        if time.monotonic() > late:
            raise Late
        answer = served.recommender.recommend(text[:MOST_CHARACTERS], top_k, **more)
        if len(text) > MOST_CHARACTERS:
            answer = replace(answer, truncated=True)
        answered(text, answer)
        answers.append(answer)
    return answers


def decisions(answers: Sequence[Recommendation]) -> str:
    """Return the value of X-Vocation-Decision: the decisions in the order of the texts."""
    return ",".join(answer.decision for answer in answers)


def careers(served: Served, query: str, family: str) -> bytes:
    """Return the careers that fit `query` (all for "") of a `family` (of all for "").

    Raises Problem for a family that no career has.
    """
    recommender = served.recommender
    found = recommender.explorer.find(query) if query else list(recommender.careers)
    if family:
        key = label_key(family)
        members = {
            one.name
            for one in recommender.careers
            if one.facts and label_key(one.facts.family) == key
        }
        if not members:
            raise Problem(404, "there is no family of this name: /v1/careers names them")
        found = [one for one in found if one.name in members]
    rows = _rows(served)
    return as_json([entry(one, rows.get(one.name)) for one in found])


def career(served: Served, name: str) -> bytes:
    """Return all that is publicly known of the career `name`. Raises Problem for any other name."""
    place = served.keys.get(label_key(name))
    if place is None:
        raise Problem(404, "there is no career of this name: /v1/careers?q= searches")
    recommender = served.recommender
    one = recommender.careers[place]
    pay = recommender.official_pay(one.name)
    page = {
        **entry(one, _rows(served).get(one.name)),
        "description": one.description,
        "aliases": one.aliases,
        "skills": [
            {"skill": skill, "share": share}
            for skill, share in recommender.explorer.skills_first(one.name)
        ],
        "books": [asdict(book) for book in one.books],
        "questions": [asdict(question) for question in one.questions],
        "pay": asdict(pay) if pay else None,
        "facts": asdict(one.facts) if one.facts else None,
        "related": [asdict(near) for near in recommender.explorer.related(one.name)],
    }
    return as_json(page)


def model(served: Served) -> bytes:
    """Return the figures of the model card and the hashes of the bundle."""
    metadata = served.recommender.metadata
    return as_json(
        {
            "bundle": served.hash,
            "vocation": __version__,
            "trained": str(metadata.get("trained", "")),
            "careers": len(served.keys),
            "languages": served.recommender.languages,
            "metrics": metadata.get("metrics"),
            "known_limits": metadata.get("known_limits") or [],
            "dataset": metadata.get("dataset") or {},
            "config": metadata.get("config") or {},
            "versions": metadata.get("versions") or {},
            "files": dict(served.files),
        }
    )


def _rows(served: Served) -> dict[str, int]:
    dataset = served.recommender.metadata.get("dataset") or {}
    return dataset.get("rows_by_career") or {}


def _scores(served: Served, answer: Recommendation) -> dict[str, float]:
    """Return the probability of every career, the best first; none where the answer has none."""
    scores = {one.career: one.confidence for one in answer.careers}
    if scores:  # careers that the text refuses are not among them
        scores |= {name: 0.0 for name in served.recommender.classes if name not in scores}
    return scores


def _check_choice(served: Served, asked: forms.Recommend) -> None:
    """Raise Problem where `exclude` or `only` name no career, with the nearest ones and without
    the name, or where they leave none.
    """
    careers = served.recommender.careers
    for field, names in (("exclude", asked.exclude), ("only", asked.only or ())):
        for i, name in enumerate(names):
            if label_key(name) not in served.keys:
                near = ", ".join(one.name for one in nearest(careers, name)[:3])
                said = "expected a career of this bundle" + (
                    f"; the nearest: {near}" if near else ""
                )
                raise Problem(422, said, [{"where": f"{field}.{i}", "message": said}])
    try:
        choose(careers, asked.exclude, asked.only)
    except ValueError:
        raise Problem(422, "no career is left: exclude fewer, or name more under only") from None
