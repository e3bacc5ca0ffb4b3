"""The requests and answers: ours, that of text-embeddings-inference, and that of vLLM and SGLang.

The models of answers describe them in /openapi.json; the answers themselves are written as they
are, and a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StrictInt,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from vocation.api.limits import MOST_CHARACTERS, MOST_TEXTS
from vocation.records import STANCES

_EXAMPLE = "I like fixing cars with my uncle, and maths."

_MOST_STANCES = 1000  # a wrong one is an error each

# fail_fast: one error of a list is enough, and a million of them would take seconds to collect.
Name = Annotated[str, Field(max_length=200)]
Names = Annotated[list[Name], Field(fail_fast=True, max_length=2000)]
Texts = Annotated[list[str], Field(fail_fast=True, json_schema_extra={"maxItems": MOST_TEXTS})]


# What Recommend._one checks.
_ONE: list[JsonValue] = [
    {"required": ["text"]},
    {
        "required": ["texts"],
        "properties": {"stances": {"type": "null"}, "answer": {"maxLength": 0}},
    },
]


class Recommend(BaseModel):
    """A text, or several, and what `Recommender.recommend` takes with them."""

    model_config = ConfigDict(
        json_schema_extra={
            "additionalProperties": False,
            "examples": [{"text": _EXAMPLE}],
            "oneOf": _ONE,
        }
    )

    text: str | SkipJsonSchema[None] = Field(
        None, description=f"One text; {MOST_CHARACTERS:,} characters of it are read."
    )
    texts: Texts | SkipJsonSchema[None] = Field(
        None, description="Several texts, in the place of `text`."
    )
    top_k: Annotated[StrictInt, Field(ge=1, le=2000)] | None = Field(
        None, description="How many careers; if null five, and three ideas for an unsure answer."
    )
    explain: StrictBool = Field(False, description="Quote what speaks for and against a career.")
    stances: dict[int, Literal[STANCES]] | None = Field(  # type: ignore[valid-type]
        None,
        description="What the person says of the `clauses` of an earlier answer, by number from 0.",
    )
    exclude: Names = Field([], description="Careers to leave out.")
    only: Annotated[Names, Field(min_length=1)] | None = Field(
        None, description="Careers to choose among."
    )
    answer: str = Field("", description="What the person says to the `question` of an answer.")
    hear: StrictBool = Field(True, description="Do not read what a clause refuses or leaves.")

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:
        """Refuse other fields; pydantic's own error has an entry for each, with its name."""
        if isinstance(given, dict) and given.keys() - cls.model_fields.keys():
            raise ValueError(f"expected no other fields than {', '.join(cls.model_fields)}")
        stances = given.get("stances") if isinstance(given, dict) else None
        if isinstance(stances, dict) and len(stances) > _MOST_STANCES:
            raise ValueError(f"expected {_MOST_STANCES:,} stances at most")
        return given

    @model_validator(mode="after")
    def _one(self) -> Recommend:
        if (self.text is None) == (self.texts is None):
            raise ValueError("expected either text or texts")
        if self.texts is not None and (self.stances is not None or self.answer):
            raise ValueError("stances and answer belong to one text: send it as text")
        return self


def _is_false(value: bool) -> bool:
    if value:
        raise ValueError("expected false")
    return value


# Not Literal[False]: it takes 0, too.
_False = Annotated[
    StrictBool, AfterValidator(_is_false), WithJsonSchema({"type": "boolean", "const": False})
]


class Predict(BaseModel):
    """What text-embeddings-inference takes at /predict; a list has one text an entry."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"inputs": _EXAMPLE}]})

    inputs: (
        str
        | Texts
        | Annotated[
            list[Annotated[list[str], Field(min_length=1, max_length=1)]],
            Field(fail_fast=True, json_schema_extra={"maxItems": MOST_TEXTS}),
        ]
    ) = Field(description="A text, a list of texts, or a list of lists with one text.")
    truncate: StrictBool | None = Field(
        None, description=f"false refuses texts of more than {MOST_CHARACTERS:,} characters."
    )
    raw_scores: _False = Field(False, description="There are only probabilities.")


class Classify(BaseModel):
    """What vLLM and SGLang take at /v1/classify."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"input": _EXAMPLE}]})

    input: str | Texts = Field(description="A text or a list of texts.")
    model: str | None = Field(None, description="Not read: there is one model.")


class Clause(BaseModel):
    """A clause of a text and how it was understood."""

    start: int
    end: int
    text: str
    stance: str
    counts: bool


class Suggestion(BaseModel):
    """A career of an answer; the last four only with `explain`."""

    career: str
    confidence: float
    words: str
    skills_held: list[str]
    skills_missing: list[str]
    pay: dict[str, Any] | None
    about: str
    entry_route: str
    isco08: list[str]
    family: str
    job_zone: int | None
    preparation: str
    because: list[str] | None = None
    against: list[str] | None = None
    against_for: list[str | None] | None = None
    nearest: str | None = None


class Answer(BaseModel):
    """The answer to one text, as `vocation recommend --json` prints it."""

    decision: Literal["match", "unsure", "help"]
    reason: str | None
    reason_code: str | None
    details: dict[str, str | int]
    question: str | None
    careers: list[Suggestion]
    set: list[str]
    truncated: bool
    clauses: list[Clause]
    directions: list[str]
    near: list[str]
    families: dict[str, list[str]]


class Score(BaseModel):
    """A career and its probability; none where the answer has no careers."""

    score: float
    label: str


class Classified(BaseModel):
    """The probabilities of one text in the order of the careers; none where there are none."""

    index: int
    label: str | None
    probs: list[float]
    num_classes: int


class Usage(BaseModel):
    """Tokens are not counted: all 0."""

    prompt_tokens: int
    total_tokens: int
    completion_tokens: int


class ClassifyAnswer(BaseModel):
    """What vLLM and SGLang answer at /v1/classify."""

    id: str
    object: Literal["list"]
    created: int
    model: str
    data: list[Classified]
    usage: Usage


class CareerEntry(BaseModel):
    """A career in the list, as `vocation careers --json` prints it."""

    career: str
    family: str
    job_zone: int | None
    preparation: str
    isco08: list[str]
    soc: list[str]
    entry_route: str
    rows: int | None


class CareerPage(CareerEntry):
    """All that is publicly known about a career."""

    description: str
    aliases: list[str]
    skills: list[dict[str, Any]]
    books: list[dict[str, str]]
    questions: list[dict[str, str]]
    pay: dict[str, Any] | None
    facts: dict[str, Any] | None
    related: list[dict[str, Any]]


class Model(BaseModel):
    """What the model card says, in figures, and the hashes of the bundle."""

    bundle: str
    vocation: str
    trained: str
    careers: int
    languages: list[str]
    metrics: dict[str, Any] | None
    known_limits: list[str]
    dataset: dict[str, Any]
    config: dict[str, Any]
    versions: dict[str, Any]
    files: dict[str, str]


class State(BaseModel):
    """That the server runs."""

    status: str


class Detail(BaseModel):
    """What is wrong with a field."""

    where: str
    message: str


class Fault(BaseModel):
    """Why a request was refused."""

    type: str
    message: str
    details: list[Detail]


class ErrorAnswer(BaseModel):
    """A request that was refused."""

    error: Fault


class PredictError(BaseModel):
    """A request that was refused, as text-embeddings-inference says it."""

    error: str
    error_type: str


def field_names() -> frozenset[str]:
    """Return the names of all fields of requests, which an error may repeat."""
    forms = (Recommend, Predict, Classify)
    names = {name for form in forms for name in form.model_fields}
    return frozenset(names | {"body", "query", "path", "q", "family", "name"})
