"""The page without a browser: what it says to a good text, to an empty one, to a vague one, and to
hostile strings.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import HOSTILE, PAGE, WEB, hostile_bundle
from streamlit.testing.v1 import AppTest

from vocation import VocationError
from vocation.bundle import layout


@pytest.fixture
def page(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_page(bundle_folder, monkeypatch)


def open_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("VOCATION_BUNDLE", str(folder))
    monkeypatch.syspath_prepend(PAGE)
    return AppTest.from_file(str(PAGE / "app.py"), default_timeout=120).run()


def ask(page: AppTest, words: str, skills: str = "", explain: bool = False) -> AppTest:
    page.text_area(key="words").input(words)
    page.text_input(key="skills").input(skills)
    next(
        button for button in page.button if button.label == "Get Career Recommendations"
    ).click().run()
    if explain:
        page.toggle(key="explain").set_value(True).run()
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
        *page.caption,
    ]
    return (
        [element.value for element in elements]
        + [fold.label for fold in page.expander]
        + [bar.proto.text for bar in page.get("progress")]
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
    assert "Pay in the USA" in texts
    assert "Bureau of Labor Statistics" in texts
    assert sum("preparation \\(" in text for text in shown(page)) == 5, "of every career"
    assert any("Skills you already named" in text and "Git" in text for text in shown(page))
    assert page.session_state.asked == f"{WEB}. Skills: Git"
    assert "Your words that point" not in texts
    assert "Your words that point" in "\n".join(shown(ask(page, WEB, explain=True)))


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
    assert [header.value for header in page.header] == ["Possible directions"]
    assert not page.subheader
    assert len([fold for fold in page.expander if fold.label.startswith("**")]) == 3
    assert not page.get("progress"), "a number was measured on texts that can be answered"


def test_the_question_can_be_answered_and_a_clause_put_right(page: AppTest) -> None:
    ask(page, "I don't want to sit in an office")
    assert "you say what you do not want" in page.info[0].value
    page.chat_input[0].set_value("I repair cars, engines and brakes").run()
    assert not page.exception
    assert "Automotive Technician" in page.subheader[0].value
    clauses = [box.label for box in page.selectbox]
    assert clauses[0].startswith("“I don\\'t want to sit")
    page.selectbox[len(clauses) - 1].set_value("refused").run()
    assert not page.exception
    assert page.info[0].value.startswith("**We can't tell yet:**")
    ask(page, WEB)
    assert {box.value for box in page.selectbox} <= {"wanted"}, "another text begins anew"


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


@pytest.mark.parametrize("content", ["[help", "help = 1", "[help]\ncontacts = [1]", b"\xff\xfe"])
def test_a_bad_site_file_is_said_in_one_sentence(
    content: str | bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(PAGE)
    monkeypatch.chdir(tmp_path)
    from utils import site

    bundle = tmp_path / "bundles" / "models"
    assert site.contacts(bundle) == ()
    file = tmp_path / "site.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(VocationError, match=r"site\.toml"):
        site.contacts(bundle)
    bundle.mkdir(parents=True)
    (bundle.parent / "site.toml").write_text('[help]\ncontacts = ["Us"]', "utf-8")
    assert site.contacts(bundle) == ("Us",), "the file beside the bundle comes first"


def test_an_example_is_answered_with_one_tap(page: AppTest) -> None:
    page.button(key="example 0").click().run()
    assert page.text_area(key="words").value == page.session_state.asked == WEB
    assert len(page.get("progress")) == 5


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
    ask(page, f"{WEB}. {HOSTILE}")
    assert not live(page)
    ask(page, f"{WEB}, and I write <script>alert(1)</script> in JavaScript", explain=True)
    assert r"\<script\>alert\(1\)\<\/script\>" in "\n".join(shown(page))
    assert not live(page)


def test_hostile_strings_in_a_bundle_are_shown_as_text(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(hostile_bundle(bundle_folder, tmp_path / "hostile"), monkeypatch)
    ask(page, WEB, explain=True)
    assert r"\<script\>alert\(1\)\<\/script\> \!\[x\]" in page.subheader[0].value
    assert any(text.startswith(r"**How to get in:** \<script\>") for text in shown(page))
    assert not live(page)


def test_a_missing_bundle_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(tmp_path / "nothing", monkeypatch)
    assert not page.exception
    assert (
        page.error[0]
        .value.replace("\\", "")
        .startswith(f"there is no bundle at {tmp_path / 'nothing'}")
    )
    assert "If you run it" in page.markdown[0].value
    assert not page.text_area


def test_the_figures_of_the_model_are_those_of_its_metadata(
    page: AppTest, bundle_folder: Path
) -> None:
    metadata = json.loads((bundle_folder / layout.METADATA).read_text("utf-8"))
    accuracy = metadata["metrics"]["test"]["accuracy"]
    texts = "\n".join(shown(page))
    for share in ("value", "low", "high"):
        assert f"{100 * accuracy[share]:.1f}\u00a0%" in texts
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
    assert r"between \$80,000 and at least \$239,200" in between
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
