from __future__ import annotations

import pytest

from vocation.text.clean import clean, label_key, mask_role, model_input, names_goal, phrases


def test_clean_leaves_one_line_of_visible_text() -> None:
    assert clean(" a\u200bb\tc\r\nd\x00 e\u0301 ") == "ab c d é"


def test_labels_that_differ_in_case_space_or_unicode_form_have_one_key() -> None:
    assert label_key("Cafe\u0301  Owner") == label_key("café-owner") == label_key("CAFÉ OWNER")
    assert label_key("C++ Developer") != label_key("C Developer")


@pytest.mark.parametrize(
    ("text", "role", "expected"),
    [
        ("A Data Scientist knows data.", "Data Scientist", "A this role knows data."),
        ("data-scientists and DATA  SCIENTISTS", "Data Scientist", "this role and this role"),
        ("Attorneys at law; an attorney", "Attorney", "this role at law; an this role"),
        ("policemen work", "Policeman", "this role work"),
        ("A datascientist is another word", "Data Scientist", "A datascientist is another word"),
        ("C++ (a language)", "C++", "this role (a language)"),
        ("chefs in the chefferie", "Chef", "this role in the chefferie"),
    ],
)
def test_mask_role(text: str, role: str, expected: str) -> None:
    assert mask_role(text, role) == expected


def test_what_somebody_wants_to_be_is_told_from_whom_he_meets() -> None:
    for text in (
        "I want to be a nurse",
        "I'm a trainee nurse.",
        "Working as a nurse",
        "No office! I'd love to become a night nurse",
    ):
        assert names_goal(text, "Nurse"), text
    for text in (
        "The nurse was late",
        "I don't want to be a nurse",
        "Never be a nurse",
        "I am a nursery cook",
        "waiting to be seen by a nurse",
    ):
        assert not names_goal(text, "Nurse"), text


def test_model_input_never_holds_the_role_column() -> None:
    assert (
        model_input("qa", {"role": "Nurse", "question": "Why?", "answer": "Because."})
        == "Why? Because."
    )
    assert (
        model_input(
            "books", {"role": "Nurse", "book_title": "T", "author": "Somebody", "description": ""}
        )
        == "T"
    )


def test_phrases_are_clauses_of_the_text() -> None:
    text = "I like cars, and I fix them at home because it is fun. Python 3.11 is ok!"
    assert [text[a:b] for a, b in phrases(text)] == [
        "I like cars",
        "I fix them at home",
        "it is fun",
        "Python 3.11 is ok",
    ]
    assert [text[a:b] for a, b in phrases(text, most=2)] == [
        "I like cars, and I fix them at home",
        "it is fun. Python 3.11 is ok",
    ]
