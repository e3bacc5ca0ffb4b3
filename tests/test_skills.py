"""A skill that a text names is found however it is written; one that it denies, or never says, is
not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from vocation import Recommender
from vocation.text.skills import Skills

NAMES = (
    "Python",
    "C",
    "C++",
    "C#",
    ".NET",
    "Node.js",
    "Go",
    "R",
    "R&D",
    "Swift",
    "REST",
    "Java",
    "JavaScript",
    "React",
    "SQL",
    "Microsoft Excel",
    "Front-end development",
    "Problem solving",
    "Code review",
    "Welding",
    "Negotiation",
    "Supplier negotiation",
    "Health and safety",
    "CI/CD pipelines",
    "E-mail campaigns",
    "Data modelling",
    "Closing",
    "Kubernetes",
)
SKILLS = Skills(NAMES)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("I know R, C++ and machine code; node.js too.", ["C++", "Node.js", "R"]),
        ("c# and .net, NodeJS, golang and k8s", ["C#", ".NET", "Node.js", "Go", "Kubernetes"]),
        ("Python 3, ReactJS", ["Python", "React"]),
        ("In C/C++ since school", ["C", "C++"]),
        ("front end development, frontend development", ["Front-end development"]),
        (
            "CI-CD pipeline, email campaigns, health & safety",
            ["Health and safety", "CI/CD pipelines", "E-mail campaigns"],
        ),
        ("data modeling", ["Data modelling"]),
        ("I solve problems", ["Problem solving"]),
        ("Reviewing the code of others, I weld", ["Code review", "Welding"]),
        ("I have negotiated with suppliers", ["Negotiation", "Supplier negotiation"]),
        ("I use excel every day", ["Microsoft Excel"]),
        ("python, r and go", ["Python", "Go", "R"]),
        ("Skills: Excel, Swift", ["Swift", "Microsoft Excel"]),
        ("I write Go. We use R for statistics.", ["Go", "R"]),
    ],
)
def test_skills_are_found_in_many_spellings(text: str, held: list[str]) -> None:
    assert set(SKILLS.held(text)) == set(held)


@pytest.mark.parametrize(
    "text",
    [
        "Rust and Cobol, going home. ASP.NET",
        "Go home and rest. Swift action helps.",
        "I excel at sports, and then we go to the sea",
        "C-level managers, vitamin C, grade C, J. R. Tolkien",
        "The javelin, a pythonic joke, MySQLite",
        "The shop closed at six, it was close",
        "",
    ],
)
def test_a_word_that_is_spelt_alike_is_no_skill(text: str) -> None:
    assert SKILLS.held(text) == ()


def test_a_single_letter_inside_another_name_is_not_found() -> None:
    assert SKILLS.held("I work in R&D") == ("R&D",)


@pytest.mark.parametrize(
    "text",
    [
        "no experience with Python, SQL or Java",
        "I don't know Python",
        "I have never used SQL or Java",
        "Python? No. Java - no experience",
        "Python and SQL are not my thing",
        "I'd like to learn Python",
        "I lack Python",
        "no Python, SQL or Java",
        "Python, which I have never used",
        "I wish I knew Java",
        "I have not yet learned Python, and I don't yet know SQL",
        "I know nothing about SQL",
        "I am bad at welding and Java",
    ],
)
def test_a_skill_that_the_text_denies_is_not_held(text: str) -> None:
    assert SKILLS.mentions(text), "it is seen ..."
    assert SKILLS.held(text) == (), "... and not held"


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Not only Python but also Java", ("Python", "Java")),
        ("I can't live without Python", ("Python",)),
        ("I am not bad at Python, yet I never used SQL", ("Python",)),
        ("I don't know SQL yet I write Python", ("Python",)),
        ("I don't know Java, but I know Python", ("Python",)),
        ("I know Python; never used Java", ("Python",)),
        ("Without a degree, I taught myself Python", ("Python",)),
        ("No degree, five years of Python, SQL", ("Python", "SQL")),
        ("I had to learn Python", ("Python",)),
        ("I want to learn new things, Python is fun", ("Python",)),
        ("I never used Python at work, but at home I write Python", ("Python",)),
        ("No one knows Java like me", ("Java",)),
        ("It's no secret that I love Python", ("Python",)),
        ("I have never failed at welding", ("Welding",)),
        ("I have no fear of closing", ("Closing",)),
    ],
)
def test_denying_ends_where_the_sentence_turns(text: str, held: tuple[str, ...]) -> None:
    assert SKILLS.held(text) == held


def test_lists_and_frames_in_the_makers_names() -> None:
    skills = Skills(
        [
            "Python or Go",
            "Programming in Java or C++",
            "Basic SQL",
            "Woodwork (hives, frames)",
            "Python or Java scripting",
        ]
    )
    assert skills.held("SQL, Go, java and woodwork") == (
        "Python or Go",
        "Programming in Java or C++",
        "Basic SQL",
        "Woodwork (hives, frames)",
    )
    assert skills.held("JavaScript") == ()
    assert skills.held("Java scripting") == (
        "Programming in Java or C++",
        "Python or Java scripting",
    )


def test_mentions_quote_the_text() -> None:
    text = "I love solving hard maths, front end development and SQL"
    assert [(mark.skill, text[mark.start : mark.end]) for mark in SKILLS.mentions(text)] == [
        ("Front-end development", "front end development"),
        ("SQL", "SQL"),
    ]


def test_skills_of_a_recommendation_and_of_a_text(bundle_folder: Path) -> None:
    recommender = Recommender.load(bundle_folder)
    text = (
        "I build websites with HTML and CSS. I have no experience with JavaScript, but I love"
        " front-end work for the browser."
    )
    web = next(
        one
        for one in recommender.recommend(text, top_k=64).careers
        if one.career == "Web Developer"
    )
    assert {"HTML", "CSS"} & set(web.skills_held)
    assert "JavaScript" not in web.skills_held
    assert "JavaScript" in web.skills_missing
    found = {one.skill: one for one in recommender.skills(text)}
    assert found["CSS"].how == "named"
    assert found["CSS"].quote == "CSS"
    assert "JavaScript" not in found
    assert recommender.skills("  ") == ()


CATALOGUE = Skills(
    (
        "Onboarding",
        "Conflict handling",
        "Blueprint reading",
        "Team leadership",
        "Report writing",
        "Budget management",
        "Data analysis",
        "Milking",
        "Microsoft Excel",
        "Staying calm",
    ),
    personal=True,
)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("I onboarded new colleagues", "Onboarding"),
        ("At work I show the new starters the ropes", "Onboarding"),
        ("Good at resolving conflicts", "Conflict handling"),
        ("I can read blueprints", "Blueprint reading"),
        ("Led the night shift team of nine", "Team leadership"),
        ("I wrote the weekly reports", "Report writing"),
        # a name in neither table: by the verb of its noun
        ("I managed a small budget", "Budget management"),
        ("I analyse sales data", "Data analysis"),
        ("I milk cows", "Milking"),
    ],
)
def test_a_skill_is_held_in_other_words(text: str, held: str) -> None:
    assert held in CATALOGUE.held(text)


@pytest.mark.parametrize(
    "text",
    [
        "I want to lead a team",
        "My sister led a team of nine",
        "The boss wrote reports",
        "I never led a team",
        "I hate writing reports",
        "I was onboarded with new colleagues",
        "I'd like to analyse data",
        "Writing reports would bore me",
        "I read about blueprints",
        "I wrote bad reports and I hated it",
        "Can you manage my budget?",
        "I put it in milk",
        "I hate Excel, my brother knows Excel",
        "I keep the horses calm",
    ],
)
def test_a_wish_a_refusal_and_somebody_elses_skill_are_not_held(text: str) -> None:
    assert CATALOGUE.held(text) == ()


def test_other_words_are_for_personal_texts_alone() -> None:
    assert Skills(("Team leadership",)).held("I led a team") == ()
    assert Skills(("SQL",)).held("My brother knows SQL") == ("SQL",)


def test_a_job_held_gives_the_skills_of_its_career(bundle_folder: Path) -> None:
    recommender = Recommender.load(bundle_folder)

    def web(text: str) -> tuple[str, ...]:
        answer = recommender.recommend(text, top_k=64).careers
        return next(one.skills_held for one in answer if one.career == "Web Developer")

    row = recommender.career("Web Developer").skills
    assert web("I worked as a web developer for ten years, now I want to bake bread") == row
    assert web("I want to be a web developer and leave the bakery") == ()
    assert "CSS" not in web("I am a web developer, but I can't stand CSS any more at all")
    found = {one.skill: one for one in recommender.skills("I used to be a web developer")}
    assert (found["CSS"].how, found["CSS"].quote) == ("job held", "web developer")
