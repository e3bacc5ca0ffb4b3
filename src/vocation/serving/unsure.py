"""What an unsure answer says: why, and what to ask next."""

from __future__ import annotations

UNSURE = {
    "empty": (
        "there is no readable text",
        "Tell us in two or three sentences what you like to do and what you are good at.",
    ),
    "refused": (
        "you say what you do not want",
        "What would you like instead, and what are you good at?",
    ),
    "short": (
        "the text is too short to tell",
        "What do you enjoy, what are you good at, and where would you like to work?",
    ),
    "language": (
        "the text seems to be in {language}, which this model has not learnt",
        "Could you write two or three sentences in {known}?",
    ),
    "unreadable": (
        "most of the words could not be read",
        (
            "Could you say it in two or three plain sentences: what you like to do, and what you"
            " are good at?"
        ),
    ),
    "far": (
        "too little in the text tells which work would fit",
        (
            "Which activities, school subjects, tools or hobbies do you enjoy, and what would you"
            " like to do with them?"
        ),
    ),
    "elsewhere": (
        "none of the careers known here fits well",
        (
            "Is there something you enjoy or do well that you have not mentioned? Otherwise a"
            " career that is not in this list may suit you better."
        ),
    ),
    "outside": (
        "you name {outside}, which is not among the {count} careers known here",
        "What do you like about it? The careers listed are the closest ideas.",
    ),
    "left out": (
        "what fits best is among the careers that were left out",
        "Is there something else that you enjoy or do well?",
    ),
    "unwanted": (
        "what fits best is work that you leave or do not want",
        "What else do you enjoy, and what are you good at?",
    ),
    "near": (
        "several careers fit about equally well",
        (
            "What matters most to you in a working day: people, things, numbers, ideas, nature or"
            " making something?"
        ),
    ),
}
"""Why an answer is unsure, and what to ask next, by the reasons of `Model.abstention_reason`."""
