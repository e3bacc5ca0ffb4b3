"""The page without a browser: what it says to a good text, to an empty one, to a vague one, and to
hostile strings.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import helpers
import pytest
from helpers import HOSTILE, PAGE, edited, hostile_bundle
from streamlit.testing.v1 import AppTest

from vocation import Recommender, VocationError, site
from vocation.bundle import layout
from vocation.records import Career, Question

sys.path.insert(0, str(PAGE))
from utils.visitor import Visitor

WEB = f"{helpers.WEB}."  # the small bundle of the tests reads the sentence as ended, or hardly


@pytest.fixture
def page(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_page(bundle_folder, monkeypatch)


def open_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("VOCATION_BUNDLE", str(folder))
    monkeypatch.syspath_prepend(PAGE)
    return AppTest.from_file(str(PAGE / "app.py"), default_timeout=120).run()


def ask(page: AppTest, words: str, skills: str = "") -> AppTest:
    page.text_area(key="words").input(words)
    page.text_input(key="skills").input(skills)
    next(
        button for button in page.button if button.label == "Get Career Recommendations"
    ).click().run()
    assert not page.exception
    return page


def view(page: AppTest, name: str, **query: str) -> AppTest:
    """Another page of the app, in the same session."""
    for key, value in query.items():
        page.query_params[key] = value
    page.switch_page(f"views/{name}.py").run()
    assert not page.exception
    return page


def shown(page: AppTest) -> list[str]:
    """Every string on the page that goes through Markdown: paragraphs, headings, boxes, and the
    labels of folds and bars.
    """
    elements = [
        *page.markdown,
        *page.subheader,
        *page.header,
        *page.info,
        *page.warning,
        *page.error,
        *page.success,
        *page.title,
        *page.caption,
    ]
    return (
        [element.value for element in elements]
        + [fold.label for fold in page.expander]
        + [bar.proto.text for bar in page.get("progress")]
        + [popover.proto.popover.label for popover in page.get("popover")]
    )


def live(page: AppTest) -> list[str]:
    """The strings of the page in which a part of HOSTILE would work as markup: its first character
    has no backslash before it.
    """
    return [
        text
        for text in shown(page)
        if re.search(r"(?<!\\)(<script|!\[x|\[a\]|\$\\L|\*\*b)|:smile:|http:/|www\.", text)
    ]


def test_the_guides_query_gets_a_web_or_software_career(page: AppTest) -> None:
    ask(page, WEB, skills="Git, ")
    assert any(name in page.subheader[0].value for name in ("Web Developer", "Software Engineer"))
    texts = "\n".join(shown(page))
    assert "how sure the model is" in texts  # what the number means
    assert "Typical pay in the USA" in texts
    assert "Bureau of Labor Statistics" in texts
    assert sum("preparation" in text and "of\u00a05" in text for text in shown(page)) == 5
    assert any("You mentioned:" in text and "Git" in text for text in shown(page))
    assert page.session_state.visitor.text == f"{WEB} Skills: Git"
    assert "What in your text speaks for it" in texts, "reasons need no button"


def test_an_empty_text_is_asked_for(page: AppTest) -> None:
    ask(page, "  ")
    assert "two or three sentences" in page.info[0].value
    assert not page.subheader
    assert not page.get("progress")


def test_an_unsure_answer_says_so_before_it_suggests(page: AppTest) -> None:
    ask(page, "hm ok")
    assert page.info[0].value.startswith("**We can't tell yet:**")
    assert (
        page.info[0].value.rstrip("\\").endswith("?")
    )  # with the next question (the escaped "?" ends the box)
    assert [header.value for header in page.header] == ["Ideas to think about"]
    assert not page.subheader
    assert len([fold for fold in page.expander if fold.label.startswith("**")]) == 3
    assert not page.get("progress"), "a number was measured on texts that can be answered"


def test_the_question_can_be_answered_and_a_clause_put_right(page: AppTest) -> None:
    ask(page, "I don't want to sit in an office")
    assert "you say what you do not want" in page.info[0].value
    page.chat_input[0].set_value("I repair cars, engines and brakes").run()
    assert not page.exception
    assert "Automotive Technician" in page.subheader[0].value
    assert [chip.value for chip in page.radio] == ["out", *["counts"] * (len(page.radio) - 1)]
    page.radio[len(page.radio) - 1].set_value("out").run()
    assert not page.exception
    assert page.info[0].value.startswith("**We can't tell yet:**")
    ask(page, WEB)
    assert {chip.value for chip in page.radio} <= {"counts"}, "another text begins anew"


def test_what_is_most_important_moves_the_list(page: AppTest) -> None:
    text = "I write programs for my friends. I cook for twenty people at the club every week."
    both = {}
    for number in (0, 1):
        ask(page, text)
        page.radio[number].set_value("most").run()
        both[number] = page.session_state.visitor.stances, shown(page)
    assert both[0][0] == {0: "most"}
    assert both[0][1] != both[1][1]


def test_a_career_put_aside_leaves_the_list_and_can_be_taken_back(page: AppTest) -> None:
    ask(page, WEB)
    first = page.subheader[0].value.removeprefix("1\\. ")
    page.button(key=f"excluded {first}").click().run()
    assert first not in "\n".join(head.value for head in page.subheader)
    back = next(one for one in page.get("button_group") if first in str(one.options))
    back.set_value(first).run()
    assert page.session_state.visitor.excluded == []
    assert first in page.subheader[0].value


def test_a_changed_text_is_said_to_be_another_one(page: AppTest) -> None:
    ask(page, WEB)
    page.text_area(key="words").input("I bake bread").run()
    assert any("has changed since" in text for text in shown(page))
    assert page.subheader, "the answer stays until it is asked for again"


def test_a_question_about_a_career_leads_to_its_page_with_the_figure(page: AppTest) -> None:
    ask(page, "what does a data scientist earn?")
    assert "Data Scientist" in page.info[0].value
    assert "Typical pay" in page.info[0].value
    assert not page.subheader
    ask(page, "nurse")
    assert "Registered Nurse" in page.info[0].value
    assert "Typical pay" in page.info[0].value
    assert len(page.info) == 1, "no second answer that cannot tell"


def test_the_twin_of_a_text_is_read_on_request(page: AppTest) -> None:
    ask(page, WEB)
    page.button(key="twin 1").click().run()
    assert not page.exception
    assert page.success or page.warning


def test_a_career_has_an_address_and_the_text_has_none(page: AppTest) -> None:
    ask(page, WEB)
    view(page, "explore", career="Registered Nurse")
    assert page.title[0].value == "Registered Nurse"
    assert WEB not in str(page.query_params)
    view(page, "explore", career="Nurse of Registers")
    assert "There is no career" in page.warning[0].value


def test_careers_are_compared_and_kept(page: AppTest) -> None:
    ask(page, WEB)
    for key in ("compare", "keep"):
        page.button(key=f"{key} Web Developer").click().run()
    view(page, "compare")
    assert [head.value for head in page.header] == ["Web Developer"]
    view(page, "plan")
    assert page.header[0].value == "Web Developer"
    page.checkbox[0].check().run()
    page.text_input(key="felt Web Developer").input("It made me forget the time").run()
    kept = Visitor.from_json(page.session_state.visitor.to_json())
    assert kept.ticked == ["talk Web Developer"]
    assert kept.notes == {"Web Developer": "It made me forget the time"}


def test_skills_read_in_a_text_are_held_until_they_are_taken_back(page: AppTest) -> None:
    ask(page, WEB, skills="Git")
    assert "Git" in page.session_state.visitor.held
    page.button(key="keep Web Developer").click().run()
    view(page, "plan")
    pills = next(one for one in page.get("button_group") if "Git" in str(one.options))
    assert "Git" in pills.value
    pills.set_value([skill for skill in pills.value if skill != "Git"]).run()
    view(page, "match")
    told = next(text for text in shown(page) if "**Skills this job uses**" in text)
    assert "gray-badge[Git]" in told


def test_explore_begins_with_what_to_try_and_leaves_out_small_shares(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    careers = json.loads((bundle_folder / layout.PROFILES).read_text("utf-8"))
    nurse = next(one for one in careers if one["name"] == "Registered Nurse")
    nurse["questions"][-1]["question"] = "What could I try this week?"
    first, second, *_ = nurse["skills"]
    tasks = json.loads((bundle_folder / layout.TASKS).read_text("utf-8"))
    tasks["usual_skills"]["Registered Nurse"] = {first: 0.4, second: 0.03}
    changed = {layout.PROFILES: careers, layout.TASKS: tasks}
    folder = edited(bundle_folder, tmp_path / "try", changed)
    page = view(open_page(folder, monkeypatch), "explore", career="Registered Nurse")
    assert page.expander[0].label == r"What could I try this week\?"
    assert re.findall(r"in (\d+)\s\\%", "\n".join(shown(page))) == ["40"]


@pytest.mark.parametrize(
    ("question", "tried"),
    [
        ("How could I test it within the next few days?", True),
        ("Which small attempt could I make with hardly any money?", True),
        ("What should I build first?", True),
        ("¿Qué podría probar este fin de semana?", True),
        ("Do I taste and cook, or do I manage people?", False),
        ("Is it all evenings and weekends?", False),
        ("Do you ever find out what became of them?", False),
        ("What does a day in a dental practice consist of?", False),
    ],
)
def test_what_to_try_is_found_among_the_questions(question: str, tried: bool) -> None:
    from utils.career_card import to_try

    asked = Career("X", questions=(Question(question, "So."),))
    assert bool(to_try(asked)) == tried


def test_the_sheet_has_the_figures_of_the_page_and_no_markup_of_others(
    page: AppTest, bundle_folder: Path
) -> None:
    from utils import sheet, words

    recommender, person = Recommender.load(bundle_folder), Visitor()
    person.ask(f"{WEB} And I write <script>alert(1)</script> in JavaScript")
    made = sheet.html(recommender, person)
    first = recommender.recommend(person.text).careers[0]
    sure = words.percent_of(first.confidence).replace("\u00a0", " ")
    assert f"1. {first.career}</strong>, {sure}" in made
    assert "<script" not in made
    code = re.search("[0-9a-f]{10}", made)
    assert code
    assert code[0] in sheet.html(Recommender.load(bundle_folder), person), "again, to the digit"
    person.excluded = [first.career]
    assert code[0] not in sheet.html(recommender, person)


def test_an_answer_says_what_such_a_confidence_was_worth(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 50 held-out rows, not with 49; on the sheet as on the page."""
    from utils import sheet

    record = json.loads((bundle_folder / layout.METADATA).read_text("utf-8"))
    for n, told in ((1_200, "of 1,200 texts answered with 0 to 100"), (49, "")):
        counted = [{"from": 0.0, "to": 1.0, "n": n, "right": n - 1}]
        record["metrics"]["by_confidence"] = counted
        folder = edited(bundle_folder, tmp_path / str(n), {layout.METADATA: record})
        page = ask(open_page(folder, monkeypatch), WEB)
        made = sheet.html(Recommender.load(folder), page.session_state.visitor)
        for text in ("\n".join(shown(page)).replace("\\", ""), made):
            assert told in text
            assert ("In our tests" in text) == bool(told)


@pytest.mark.parametrize(
    "kept",
    [
        *(
            "",
            "[]",
            "{",
            '{"text": 1}',
            '{"kept": [1]}',
            "[" * 100_000,
            '{"text": %s}' % ("9" * 5_000),
        ),
        *(
            '{"text": "\\ud800"}',
            '{"notes": {"\\udfff": "fine"}}',
            '{"text": "' + "a" * 600_000 + '"}',
        ),
    ],
)
def test_what_a_tab_or_a_file_keeps_is_checked(kept: str) -> None:
    with pytest.raises(ValueError, match=r"expected|Expecting|brackets|digits|surrogates"):
        Visitor.from_json(kept)


def test_a_hostile_plan_is_cut_to_what_a_page_can_show(page: AppTest) -> None:
    """More careers than fit side by side, the same twice, names that are markup, long answers."""
    names = ["Web Developer", "Web Developer", "Registered Nurse", "Chef", "Accountant", HOSTILE]
    plan = dict.fromkeys(("excluded", "already", "compared", "kept", "held", "ticked"), names)
    stances = {"0": [], "-1": "wanted", "x": "left", "99999": "most"}
    found = Visitor.from_json(
        json.dumps(plan | {"text": WEB, "answers": ["a" * 2_000] * 120, "stances": stances})
    )
    assert len(found.compared) == 3
    assert len(found.answer) == 50_000
    page.session_state.visitor = found
    for name in ("match", "compare", "plan"):
        view(page, name)
        assert not live(page)


def test_every_text_of_the_page_is_there_in_every_language() -> None:
    from utils import words

    def names(text: object) -> list[set[str]]:
        forms = text.values() if isinstance(text, dict) else [text]
        return [set(re.findall(r"{(\w+)}", str(form))) for form in forms]

    english = words.strings("en")
    for language in words.LANGUAGES:
        # Names of fields, languages and months are those of the data, put into other languages.
        own = {
            key: text
            for key, text in words.strings(language).items()
            if not key.startswith(("family.", "languages.", "month."))
        }
        assert own.keys() == english.keys(), language
        assert {key: names(text) for key, text in own.items()} == {
            key: names(text) for key, text in english.items()
        }


@pytest.mark.parametrize("name", ["match", "explore", "compare", "plan", "about"])
def test_every_page_in_spanish(page: AppTest, name: str) -> None:
    page.session_state.language = "es"
    view(page, name)
    from utils import words

    assert words.strings("es")[f"{name}.title"].split("{")[0] in page.title[0].value


def test_a_spanish_bundle_shows_spanish_throughout(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No text of the English page is left on any page; languages and fields have Spanish names."""
    from utils import words

    record = json.loads((bundle_folder / layout.METADATA).read_text("utf-8"))
    record["languages"] = ["Spanish"]
    folder = edited(bundle_folder, tmp_path / "es", {layout.METADATA: record})
    page = open_page(folder, monkeypatch)
    page.session_state.language = "es"
    page.run()
    assert page.text_area(key="words").label.endswith("(en español)")
    spanish = "\n".join(map(str, words.strings("es").values()))
    english = [
        text
        for text in words.strings("en").values()
        if isinstance(text, str) and len(text) > 8 and "{" not in text and text not in spanish
    ]
    page.text_area(key="words").input("I love programming and building web pages")
    next(one for one in page.button if one.label == "Ver profesiones").click().run()
    assert "inglés" in page.info[0].value
    assert "en español" in page.info[0].value
    for name in ("match", "explore", "compare", "plan", "about"):
        view(page, name)
        labels = [one.label for kind in (page.button, page.text_input) for one in kind]
        told = "\n".join([*shown(page), *labels])
        assert [text for text in english if text in told] == [], name
    view(page, "explore", career="Registered Nurse")
    assert any("Salud" in text for text in shown(page))
    page.session_state.visitor.compared = ["Registered Nurse"]
    view(page, "compare")
    assert any(re.search(r"mayo de \d{4}", text) for text in shown(page)), "the month of its pay"


def test_a_text_of_distress_gets_help_and_careers_only_if_asked_for(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner's contacts are those of site.toml in the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.toml").write_text(
        '[help]\ncontacts = ["Listeners: *12 34*, all day"]\n', "utf-8"
    )
    page = open_page(bundle_folder, monkeypatch)
    ask(page, "I like drawing, but I don't want to live any more.")
    assert "emergency number" in page.info[0].value
    assert any(r"Listeners\: \*12 34\*" in text for text in shown(page))
    assert not page.subheader
    button = next(one for one in page.button if "all the same" in one.label)
    button.click().run()
    assert not page.exception
    assert len(page.subheader) + len(page.expander) >= 5
    ask(page, "Rank my employees from best to worst")
    assert "does not rank people" in page.info[0].value
    assert not any("Listeners" in text for text in shown(page))


@pytest.mark.parametrize(
    "content",
    [
        "[help",
        "help = 1",
        "[help]\ncontacts = [1]",
        b"\xff\xfe",
        "[page]\nlanguage = 'Klingon'",
        "[page]\ncolor = 'red'",
        "[page]\ncolour = 'red'",
        "[page]\nlogo = 'nowhere.png'",
        "[links]\nNurse = 'https://example.org'",
        "[links.Nurse]\n'Open day' = 'javascript:alert(1)'",
    ],
)
def test_a_bad_site_file_is_said_in_one_sentence(
    content: str | bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bundle = tmp_path / "bundles" / "models"
    assert site.read(bundle) == site.Site()
    file = tmp_path / "site.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(VocationError, match=r"site\.toml"):
        site.read(bundle)
    bundle.mkdir(parents=True)
    (bundle.parent / "site.toml").write_text('[help]\ncontacts = ["Us"]', "utf-8")
    assert site.read(bundle).contacts == ("Us",), "the file beside the bundle comes first"


def test_the_owners_words_and_spelling(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "site.toml"
    file.write_text(
        '[page]\ntitle = "What could you do?"\nspelling = "american"\nexamples = ["I mend *bikes*"]\n'
        '[links."Web Developer"]\n"Open day" = "https://example.org/day"\n',
        "utf-8",
    )
    page = open_page(bundle_folder, monkeypatch)
    assert page.title[0].value == r"What could you do\?"
    assert page.button(key="example 0").label == r"I mend \*bikes\*"
    assert "favorite" in page.text_area(key="words").placeholder
    view(page, "explore", career="Web Developer")
    assert "https://example.org/day" in [one.proto.url for one in page.get("link_button")]
    view(page, "explore", career="Chef")
    assert not page.get("link_button")


def test_an_example_is_answered_with_one_tap(page: AppTest) -> None:
    page.button(key="example 0").click().run()
    assert page.text_area(key="words").value == page.session_state.visitor.text
    assert page.get("progress") or page.info


def test_a_text_beyond_the_limit_is_said_to_be_cut(page: AppTest) -> None:
    ask(page, "I repair bikes. " * 4_000)
    assert "its end was not read" in page.warning[0].value


def test_a_busy_page_asks_to_come_again(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is answered, one waits in vain, and a third finds the queue full."""
    from utils import turns

    queue = turns.Turns(answered=1, waiting=1, seconds=0.01)
    monkeypatch.setattr(turns, "TURNS", queue)
    with queue.turn():
        ask(page, WEB)
        assert "again in a minute" in page.warning[0].value
        assert not page.subheader
    ask(page, WEB)
    assert not page.warning
    assert page.subheader
    full = turns.Turns(answered=1, waiting=0, seconds=60)
    with full.turn(), pytest.raises(turns.BusyError), full.turn():
        pass


def test_hostile_words_of_a_person_are_shown_as_text(page: AppTest) -> None:
    """Also as a quoted reason, which only an answer that is a match has."""
    ask(page, f"{WEB} {HOSTILE}")
    assert not live(page)
    ask(page, f"{WEB} And I write ![x](http://x) in JavaScript")
    assert r"\!\[x\]" in "\n".join(shown(page))
    assert not live(page)


def test_hostile_strings_in_a_bundle_are_shown_as_text(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(hostile_bundle(bundle_folder, tmp_path / "hostile"), monkeypatch)
    ask(page, WEB)
    assert r"\<script\>alert\(1\)\<\/script\> \!\[x\]" in page.subheader[0].value
    assert any(text.startswith(r"**How to get in:** \<script\>") for text in shown(page))
    assert not live(page)


def test_a_missing_bundle_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(tmp_path / "nothing", monkeypatch)
    assert not page.exception
    assert "not ready yet" in page.error[0].value
    told = page.expander[0].markdown[0].value.replace("\\", "")
    assert told.startswith(f"there is no bundle at {tmp_path / 'nothing'}"), "for the owner"
    assert not page.text_area


def test_the_figures_of_the_model_are_those_of_its_metadata(
    page: AppTest, bundle_folder: Path
) -> None:
    view(page, "about")
    metadata = json.loads((bundle_folder / layout.METADATA).read_text("utf-8"))
    accuracy = metadata["metrics"]["test"]["accuracy"]
    texts = "\n".join(shown(page))
    for share in ("value", "low", "high"):
        assert f"{100 * accuracy[share]:.1f}" in texts
    assert f"{metadata['dataset']['rows']:,} texts about 64 careers" in texts


def test_pay_is_a_lower_bound_where_it_is_top_coded_and_absent_where_it_is_unknown(
    page: AppTest,
) -> None:
    from utils.career_card import pay_lines

    from vocation.records import Pay

    assert pay_lines(None) == []
    middle, between = pay_lines(
        Pay(200_000, 80_000, 239_200, "USD", "official statistics", "May 2025", top_coded=True)
    )
    assert "at least" not in middle
    assert r"\$80,000 to at least \$239,200" in between
    assert (
        "in 12 job descriptions:** EUR\u00a031,000 a year"
        in pay_lines(Pay(31_000, None, None, "EUR", "ours", "2026-11-23", 12))[0]
    )


def test_the_guides_check_of_a_deployment(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCATION_BUNDLE", str(bundle_folder))
    code = (
        "from utils.model_loader import load_model; load_model(); print('Model loaded"
        " successfully!'); import sys; print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PAGE,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines() == ["Model loaded successfully!", "False"]


def test_a_bundle_that_knows_no_language_has_a_page(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = json.loads((bundle_folder / layout.METADATA).read_text("utf-8")) | {"languages": []}
    own = edited(bundle_folder, tmp_path / "own", {layout.METADATA: record})
    page = open_page(own, monkeypatch)
    assert not page.exception
    assert "(" not in page.text_area(key="words").label
    view(page, "about")
