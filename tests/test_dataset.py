"""One data set from many files: labels, duplicates, careers, and a ledger that always balances."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from vocation.data import dataset as module
from vocation.data.dataset import Dataset, load
from vocation.data.examples import write_examples
from vocation.errors import DataError

RESUMES = Path(__file__).parents[2] / "shared" / "data" / "resumes_962.csv"
WORDS = [
    "amber",
    "basin",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "haven",
    "inlet",
    "jetty",
    "kelp",
    "larch",
    "maple",
]  # 25 of them
WORDS += [
    "north",
    "ocean",
    "prism",
    "quartz",
    "river",
    "stone",
    "trail",
    "umber",
    "valley",
    "willow",
    "xenon",
    "yarrow",
]


def load_text(folder: Path, text: str, name: str = "profiles.csv", **options: object) -> Dataset:
    (folder / name).write_text(text, encoding="utf-8")
    return load(folder, **options)  # type: ignore[arg-type]


def profiles(*rows: tuple[str, str]) -> str:
    return "role,profile\n" + "".join(f'{role},"{text}"\n' for role, text in rows)


def test_the_resumes_have_166_different_rows() -> None:
    if not RESUMES.is_file():
        pytest.skip("the resumes are not next to this checkout (../shared/data/resumes_962.csv)")
    data = load(RESUMES, columns={"role": "Category", "profile": "Resume"})
    assert "166 unique" in str(data.report)
    assert (data.report.rows_in, len(data.roles), data.report.dropped) == (962, 25, ())


def test_spellings_of_one_career_are_merged_and_listed(tmp_path: Path) -> None:
    chef = "Chef de Rôtisserie"
    rows = [
        (chef, "a"),
        (chef, "b"),
        (unicodedata.normalize("NFD", chef), "c"),
        ("chef  de RÔTISSERIE", "d"),
        ("Nurse", "e"),
        ("nurse", "f"),
    ]
    data = load_text(tmp_path, profiles(*rows))
    assert data.roles == (chef, "Nurse")  # the most frequent spelling, the first on ties
    assert [str(merge) for merge in data.report.label_merges] == [
        # NFC and NFD look the same, so they are not listed
        "'chef de RÔTISSERIE' (1 row) is read as 'Chef de Rôtisserie'",
        "'nurse' (1 row) is read as 'Nurse'",
    ]
    assert [data.roles[label] for label in data.labels] == [chef] * 4 + ["Nurse"] * 2


def test_duplicates_are_merged_within_a_role_and_tied_across_roles(tmp_path: Path) -> None:
    text = " ".join(WORDS)
    one_changed = text.replace(
        "maple", "birch"
    )  # 27 runs of three with the blanks around: 24 of 30 are common = .80
    five_changed = " ".join(
        word[::-1] if i % 5 == 0 else word for i, word in enumerate(WORDS)
    )  # 20 % of the words
    rows = [
        ("Chef", text),
        ("Chef", text.upper()),
        ("Chef", one_changed),
        ("Chef", five_changed),
        ("Nurse", one_changed),
        ("Nurse", "I care"),
    ]
    data = load_text(tmp_path, profiles(*rows))
    assert [(merge.kept_line, merge.line, merge.similarity) for merge in data.report.merged] == [
        (2, 3, 1.0),
        (2, 4, 0.8),
    ]
    assert [row.line for row in data.rows] == [2, 5, 6, 7]
    assert (
        data.groups[0] == data.groups[2]
    )  # lines 2 and 6: another role, so kept, but on one side of a split
    assert len(set(data.groups.tolist())) == 3
    assert [str(clash) for clash in data.report.contradictions] == [
        "Chef (profiles.csv, line 2) = Nurse (profiles.csv, line 6)"
    ]
    assert data.report.unique == 5  # six rows, one of them exactly there before


def test_short_texts_are_merged_only_when_all_words_are_equal(tmp_path: Path) -> None:
    rows = [
        ("Chef", "I work in Berlin"),
        ("Chef", "I work in Paris"),
        ("Chef", "i work in paris!"),
        ("Nurse", "C++ and C"),
        ("Nurse", "C# and C"),
    ]
    wish = (  # 14 or 15 words: 14 of 19 runs are common = .74
        "I want {}to work with children in a school or with old people at home"
    )
    data = load_text(
        tmp_path, profiles(*rows, ("Nurse", wish.format("")), ("Nurse", wish.format("not ")))
    )
    assert [(merge.kept_line, merge.line) for merge in data.report.merged] == [(3, 4)]


def test_a_chain_of_small_changes_does_not_melt_together(tmp_path: Path) -> None:
    chain = [list(WORDS)]
    for at in (
        0,
        5,
        10,
        15,
    ):  # each text differs by one word from the one before, by up to four from the first
        chain.append([*chain[-1][:at], f"new{at}", *chain[-1][at + 1 :]])
    data = load_text(
        tmp_path, profiles(("Nurse", "I care"), *(("Chef", " ".join(words)) for words in chain))
    )
    # Common runs with the first kept text: one change 24/30 = .80 (merged), two 21/33 = .64 (kept,
    # and the third merges into that one), ...
    assert [(merge.kept_line, merge.line) for merge in data.report.merged] == [(3, 4), (5, 6)]
    assert [row.line for row in data.rows] == [2, 3, 5, 7]


def test_templates_that_differ_in_the_role_only_are_one_group(tmp_path: Path) -> None:
    text = (
        "A typical day of a {} starts with coffee and ends with a long list of things that nobody"
        " had planned before"
    )
    data = load_text(
        tmp_path,
        profiles(
            ("Chef", text.format("Chef")), ("Registered Nurse", text.format("registered nurse"))
        ),
    )
    assert data.groups.tolist() == [0, 0]
    assert data.report.contradictions == ()


def test_planted_near_duplicates_are_found(tmp_path: Path) -> None:
    rng = random.Random(7)
    vocabulary = [f"word{i}" for i in range(3000)]
    rows, planted = [], []
    for i in range(400):
        words = rng.choices(vocabulary, k=rng.randrange(20, 120))
        changed = list(words)
        for at in rng.sample(range(len(words)), len(words) // 20):  # 5 %
            changed[at] = "changed"
        planted.append((2 * i, 2 * i + 1))
        rows += [("Chef", " ".join(words)), (rng.choice(["Chef", "Nurse"]), " ".join(changed))]
    data = load_text(tmp_path, profiles(*rows))
    merged = {(merge.kept_line, merge.line) for merge in data.report.merged}
    group = {row.line: data.groups[i] for i, row in enumerate(data.rows)}
    missed = [
        pair
        for pair in planted
        if (pair[0] + 2, pair[1] + 2) not in merged and group[pair[0] + 2] != group.get(pair[1] + 2)
    ]
    assert len(missed) <= 4  # 1 %
    assert len(merged) + len(data.report.contradictions) <= len(
        planted
    )  # and nothing else is taken for a duplicate


def test_nothing_is_lost_over_messy_files(tmp_path: Path) -> None:
    rng = random.Random(11)
    pieces = [
        "Chef,What is it?,Salt",
        "nurse,Why?,Care",
        "Nurse,Why?,Care",
        ",Why?,Care",
        "Chef,Why?,nan",
        "Chef,a,b,c",
        "Chef,a",
        ",,",
    ]
    pieces += [
        'Chef,Why?,"open',
        'Nurse,"a, b",c',
        'Chef,"a ""b""",c',
        'Nurse,"a "b" c",d',
        "Chef,é,\u200bè",
        f"Nurse,Why?,{'x' * 200_001}",
    ]
    for _ in range(60):
        lines = [
            "Chef,First?,Yes",
            "Nurse,First?,No",
            *rng.choices(pieces, k=rng.randrange(1, 40)),
            "Chef,Last?,Yes",
        ]
        (tmp_path / "career_qa.csv").write_text(
            "role,question,answer\n" + "\n".join(lines) + "\n", encoding="utf-8"
        )
        data = load(tmp_path)
        report = data.report
        assert report.rows_in == report.used + len(report.merged) + len(report.dropped)
        told = {row.line for row in (*data.rows, *report.merged, *report.dropped)}
        for drop in (
            report.dropped
        ):  # the one way to take lines together: an open quote, and then the lines are named
            if lines_named := re.search(r"lines (\d+) to (\d+) were read as one row", drop.reason):
                told |= set(range(int(lines_named[1]), int(lines_named[2]) + 1))
        assert told == set(range(2, len(lines) + 2))


def test_no_usable_row_or_one_career_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError,
        match=(
            r"found none that is usable in profiles\.csv \(1 dropped\).*line 2: the column"
            r" 'profile' is empty"
        ),
    ):
        load_text(tmp_path, profiles(("Chef", "")))
    with pytest.raises(
        DataError,
        match=(
            r"found only 'Chef' in profiles\.csv \(profiles\.csv, from line 2 on, column 'role'\)\."
            r" Add rows of other careers\."
        ),
    ):
        load_text(tmp_path, profiles(("Chef", "a"), ("chef", "b")))


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        (
            "profiles.csv",
            "role,profile\n",
            r"\(0 dropped\)\. profiles\.csv, line 1: there are column names but no rows\.",
        ),
        (
            "profiles.csv",
            "role,profile\nChef\n",
            (
                r"The first dropped row: profiles\.csv, line 2: expected 2 cells, found 1 \(column"
                r" 'profile'\)\."
            ),
        ),
        (
            "careers.csv",
            "career,job_zone\nChef,3\n",
            r"careers\.csv, line 1: its columns are facts about careers, which teach nothing\.",
        ),
    ],
)
def test_a_refusal_names_the_place(tmp_path: Path, file: str, text: str, sentence: str) -> None:
    (tmp_path / file).write_text(text)
    with pytest.raises(DataError, match=sentence):
        load(tmp_path)


def test_a_row_that_the_limit_left_out_is_named_without_a_column(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"found only .* left out by the limit of 1 rows\.$"):
        load_text(tmp_path, profiles(("Chef", "I cook"), ("Nurse", "I care")), limit=1)


def test_facts_that_nothing_uses_are_said(tmp_path: Path) -> None:
    (tmp_path / "careers.csv").write_text("career,job_zone\nChef,3\nnurse,4\nNurse,2\nPilot,4\n")
    hints = load_text(tmp_path, profiles(("Chef", "I cook"), ("Nurse", "I care"))).report.hints
    assert "careers.csv, line 4: 'Nurse' is there twice; the first one counts." in hints
    assert (
        "careers.csv: the facts of one career are left out, since no row is about it: 'Pilot'."
        in hints
    )


def test_the_public_career_never_holds_a_profile(tmp_path: Path) -> None:
    files = {
        "career_qa.csv": "role,question,answer\nChef,Why?,Because\n",
        "skills_mapping.csv": (
            'role,skills,description\nChef,"Knives, Fire (open, gas)",\nchef,"fire, FIRE (open,'
            ' gas), Salt",Cooks for people\n'
        ),
        "job_descriptions.csv": "role,description,requirements\nNurse,Cares on a ward,Calm\n",
        "books_recommendations.csv": (
            "role,book_title,author,description,level\nChef,On Fire,A. Cook,Heat,beginner\nChef,on"
            " fire,A. Cook,Again,\n"
        ),
        "profiles.csv": "role,profile\nNurse,I once nursed a king\n",
        "careers.csv": "career,job_zone\nNURSE,4\nPilot,3\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    data = load(tmp_path)
    chef, nurse = data.careers["Chef"], data.careers["Nurse"]
    assert (chef.description, chef.skills) == (
        "Cooks for people",
        ("Knives", "Fire (open, gas)", "fire", "Salt"),
    )
    assert [(book.title, book.author, book.level) for book in chef.books] == [
        ("On Fire", "A. Cook", "beginner")
    ]
    assert [question.answer for question in chef.questions] == ["Because"]
    assert nurse.facts is not None
    assert nurse.facts.job_zone == 4
    assert nurse.description == "Cares on a ward"
    assert "king" not in json.dumps([career.to_dict() for career in data.careers.values()])
    assert data.counts == {"qa": 1, "skills": 2, "jobs": 1, "books": 2, "profiles": 1}
    assert list(data.frame().columns) == ["role", "text", "source", "file", "line"]
    assert data.frame()["text"][0] == "Why? Because"


def test_the_report_names_dropped_rows(tmp_path: Path) -> None:
    data = load_text(tmp_path, profiles(("Chef", "I cook"), ("Nurse", "I care"), ("Chef", "")))
    lines = str(data.report).splitlines()
    assert "line 4" in lines[lines.index("Dropped:") + 1]


def test_the_report_warns_of_files_that_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "skills.ods").write_bytes(b"PK")
    data = load_text(tmp_path, profiles(("Chef", "I cook"), ("Nurse", "I care")))
    assert any(warning.startswith("skills.ods: ") for warning in data.report.warnings)
    assert "WARNING: skills.ods" in str(data.report)


def test_the_report_opens_with_the_statistics_and_names_the_level(tmp_path: Path) -> None:
    data = load_text(tmp_path, profiles(("Chef", "I cook"), ("Nurse", "I care")))
    lines = str(data.report).splitlines()
    assert lines[1:6] == [
        "  Total samples: 2",
        "  Unique roles: 2",
        "",
        "  Samples per source:",
        "  profiles 2",
    ]
    assert "Rows: 2 read = 2 used + 0 merged + 0 dropped (2 unique)" in lines
    assert "Level: below minimum (for 'minimum': 48 more rows, 3 more careers)" in lines
    assert data.report.warnings[0].startswith("this is less than a model needs")
    assert json.loads(json.dumps(data.report.to_dict()))["level"] == "below minimum"


def test_the_fingerprint_tells_contents_apart(tmp_path: Path) -> None:
    one = load_text(tmp_path, profiles(("Chef", "I cook"), ("Nurse", "I care"))).fingerprint
    assert load_text(tmp_path, profiles(("Chef", "I cook"), ("Nurse", "I care"))).fingerprint == one
    assert load_text(tmp_path, profiles(("Chef", "I cook"), ("Nurse", "I dare"))).fingerprint != one


def test_a_limit_is_spread_over_careers(tmp_path: Path) -> None:
    rows = [("Chef", f"I cook {i} meals") for i in range(20)] + [
        ("Nurse", f"I tend {i} wards") for i in range(3)
    ]
    data = load_text(tmp_path, profiles(*rows), limit=8)
    assert np.bincount(data.labels).tolist() == [5, 3]
    assert data.report.rows_in == 23
    assert data.report.dropped[0].reason == "left out by the limit of 8 rows"


def test_defaults_fill_missing_kinds_for_the_users_careers_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    (ours / "profiles.csv").write_text(
        profiles(("Chef", "default words"), ("Nurse", "default words, too"))
    )
    (ours / "career_qa.csv").write_text(
        "role,question,answer\nChef,Why?,Because\nPilot,Why?,Wings\n"
    )
    monkeypatch.setattr(module, "default_folder", lambda: ours)
    data = load_text(theirs, profiles(("chef", "I cook"), ("Nurse", "I care")), with_defaults=True)
    assert [(row.role, row.file) for row in data.rows] == [
        ("Chef", "default career_qa.csv"),
        ("Chef", "profiles.csv"),
        ("Nurse", "profiles.csv"),
    ]
    assert load().counts == {"qa": 2, "profiles": 2}  # no folder: the whole default data


def test_the_examples_are_enough_to_train_on(tmp_path: Path) -> None:
    paths = write_examples(tmp_path / "mine")
    data = load(tmp_path / "mine")
    assert (len(paths), len(data.roles), data.report.level) == (6, 5, "minimum")
    assert not data.report.dropped
    assert len({data.careers[role].facts.family for role in data.roles}) == 5
    with pytest.raises(DataError, match=r"already holds career_qa\.csv, .*nothing was written"):
        write_examples(tmp_path / "mine")


def test_hints_name_careers_and_never_block(tmp_path: Path) -> None:
    (tmp_path / "books_recommendations.csv").write_text(
        "role,book_title,author,description\nChef,On Fire,,Heat\n"
    )
    (tmp_path / "career_qa.csv").write_text(
        "role,question,answer\n" + "".join(f"Nurse,What is {i}?,It is {i}\n" for i in range(5))
    )
    (tmp_path / "skills_mapping.csv").write_text(
        "role,skills,description\nChef,Fire,The same\nNurse,Calm,The same\n"
    )
    rows = [("Chef", f"Ich koche {i} und das ist nicht ein Spiel mit der Zeit") for i in range(3)]
    data = load_text(
        tmp_path,
        profiles(
            *rows,
            *(("Nurse", f"The ward {i} and the care of it is for you and Ã©") for i in range(3)),
        ),
    )
    told = "\n".join(data.report.hints)
    for hint in (
        "1 career has fewer than three books: Chef.",
        "1 book has no author (first: books_recommendations.csv, line 2): Chef.",
        "5 answers are not 50 to 200 words long (first: career_qa.csv, line 2): Nurse.",
        "1 career has questions of one kind only: Nurse.",
        "2 rows do not list 5 to 10 skills",
        "2 careers share a description with another one: Chef, Nurse.",
        "3 rows hold corrupt characters",
        "languages are mixed",
    ):
        assert hint in told


def test_the_level_counts_careers_that_can_be_tested(tmp_path: Path) -> None:
    """520 careers with one row each: enough rows and careers, and nothing to measure."""
    words = [f"w{i}" for i in range(600)]
    rows = [(f"Title {i}", " ".join(words[i : i + 9])) for i in range(520)]
    report = load_text(tmp_path, profiles(*rows)).report
    assert (report.level, report.missing) == (
        "below minimum",
        "for 'minimum': 3 different texts a career",
    )
    assert report.warnings[0].startswith("520 careers in 520 rows, and 520 of them have fewer")
    assert "free job titles" in report.warnings[0]
    # Twelve careers of five texts, and ten of one: only the twelve count.
    texts = [" ".join(words[7 * i : 7 * i + 9]) for i in range(70)]
    rows = [(f"Title {i % 12 if i < 60 else i}", text) for i, text in enumerate(texts)]
    assert load_text(tmp_path, profiles(*rows)).report.missing == (
        "for 'recommended': 430 more rows, 3 more careers with 3 different texts,"
        " 1 more kind of file"
    )
    assert any(warning.startswith("520 of 520 careers have fewer") for warning in report.warnings)


def test_the_report_foretells_what_a_training_will_not_test(tmp_path: Path) -> None:
    """Four rows a career, each a near-duplicate of the next one: joined through merged rows."""
    from vocation.data.split import planned, public_rows

    chain = [" ".join(f"{role}{i + j}" for i in range(40)) for role in "ab" for j in (0, 2, 4, 6)]
    texts = [(text[0].upper() * 4, text) for text in chain]
    data = load_text(tmp_path, profiles(*texts))
    assert len(data.rows) > len(set(data.groups.tolist())) == 2
    public = public_rows(data.rows, data.groups, data.careers)
    notes = planned(data.labels, data.groups, public, 42, data.roles).notes
    assert notes[0].startswith("2 of 2 careers have fewer than 3 different texts")
    assert data.report.warnings[-len(notes) :] == notes


def test_a_text_column_that_is_the_label_column_is_named(tmp_path: Path) -> None:
    names = ("Senior Accountant", "Chef", "Ward Nurse")
    same = [(name, f"{name.upper()}{sign}") for name in names for sign in ("", ".", "s") * 2]
    real = [(name, f"I like what a {name} does, and more") for name in names]
    warnings = load_text(tmp_path, profiles(*same, *real)).report.warnings
    assert "18 of 21 rows the text is the career itself" in warnings[0]
    assert "--columns profile=NAME" in warnings[0]
    assert not any("itself" in one for one in load_text(tmp_path, profiles(*real)).report.warnings)


def test_most_rows_dropped_or_merged_is_a_warning(tmp_path: Path) -> None:
    kept = [("Chef", "I cook soup"), ("Nurse", "I care for people")]
    few = load_text(tmp_path, profiles(*kept * 4, ("Chef", ""), ("", "I row"))).report
    assert not any("dropped" in warning for warning in few.warnings)
    assert any(warning.startswith("6 of 8 rows (75%) repeat") for warning in few.warnings)
    many = load_text(tmp_path, profiles(*kept, *[("Chef", "")] * 5, ("", "I row"))).report
    assert many.warnings[0] == (
        "6 of 8 rows (75%) were dropped; the main reason, for 5: the column 'profile' is empty"
        " (first: profiles.csv, line 4)."
    )
    assert "  5: the column 'profile' is empty" in str(many).splitlines()
