"""Rules that rephrase a question about a career."""

from __future__ import annotations

import random
import re

# The career in a question: with an article, or a plural.
# "a data analyst" and "nurses" match; "nurse" without article does not.
_A = r"((?:an?|the) [\w+#./ -]+?|[\w+#./ -]+?s)"
_QUESTIONS = [
    (
        rf"What does {_A} do",
        ("What is the job of {0}", "What are the tasks of {0}", "What work does {0} do"),
    ),
    (
        rf"What (?:tools|software) does {_A} (?:typically |commonly |usually )?use",
        ("Which tools are used by {0}", "What does {0} use as tools"),
    ),
    (
        rf"(?:What|Which) skills does {_A} need",
        ("Which skills are needed by {0}", "What must {0} be able to do"),
    ),
    (
        rf"What skills are (?:required|needed) to become {_A}",
        ("Which skills does it take to become {0}", "What do I need to know to become {0}"),
    ),
    (
        rf"What are the (?:main|key) responsibilities of {_A}",
        ("What is {0} responsible for above all", "What are the most important duties of {0}"),
    ),
    (
        rf"What are the daily tasks of {_A}",
        ("What does {0} do every day", "Which tasks fill the day of {0}"),
    ),
    (
        rf"How (?:do|can) (?:I|you) become {_A}",
        (
            "What is the way to become {0}",
            "How does one become {0}",
            "Which path leads to becoming {0}",
        ),
    ),
    (
        rf"How much (?:does|do) {_A} (?:earn|make)",
        ("What is the pay of {0}", "What salary can {0} expect"),
    ),
    (
        rf"What is the average salary (?:for|of) {_A}",
        ("How much does {0} earn on average", "What is the average pay of {0}"),
    ),
    (
        rf"What is the salary range for {_A}",
        ("In which range is the salary of {0}", "Between which figures is the pay of {0}"),
    ),
    (
        rf"What (?:does|is) a typical day (?:look like|like) for {_A}",
        ("What is a typical day like for {0}", "How does {0} spend a typical day"),
    ),
    (
        rf"What are the educational requirements for {_A}",
        ("Which education does {0} need", "What education is required of {0}"),
    ),
    (
        rf"Which programming languages are important for {_A}",
        ("What programming languages should {0} know", "Which languages must {0} program in"),
    ),
]


def question(sentence: str, rng: random.Random) -> str | None:
    """Rephrase a usual question about a career; turn any other one into an indirect request.

    `sentence` has no question mark. None where it begins with no question word.
    """
    for pattern, others in _QUESTIONS:
        match = re.fullmatch(pattern, sentence)
        if match:
            return str(rng.choice(others).format(match[1]))
    # An unknown question keeps its words: any other order might change what is asked.
    if re.match(r"(?:What|How|Which|Where|Why|Who|When|Do|Does|Is|Are|Can|Should)\b", sentence):
        start = rng.choice(
            ("Please tell me:", "I would like to know:", "My question is:", "Can you tell me:")
        )
        return f"{start} {sentence[0].lower()}{sentence[1:]}"
    return None
