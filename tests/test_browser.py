"""The page in a real browser, on a phone and on a desktop, with eyes and with a screen reader."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from helpers import CHROMIUM, DRIVER, HOSTILE, WEB, edited, hostile_bundle
from payloads import FIELDS, HOOKS, LIVE, changed, letters, payloads

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from browsing import (
    VIEWS,
    ask,
    chromium,
    fetched,
    go,
    headings,
    press,
    screen,
    served,
    settled,
    wait_for,
)
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"
)
COOK = "I love cooking for guests and baking bread in a kitchen"
CANARY = "zanzibar"  # stands in texts that must be in no address


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="module")
def chrome(folder: Path) -> Iterator[Chrome]:
    with chromium(folder) as driver:
        yield driver


@pytest.fixture
def browser(chrome: Chrome) -> Chrome:
    """A tab of its own: nothing is kept in it yet, and nothing was called from it."""
    chrome.switch_to.new_window("tab")
    chrome.get_log("performance")
    return chrome


@pytest.fixture(scope="module")
def address(bundle_folder: Path, folder: Path) -> Iterator[str]:
    with served(bundle_folder, folder) as found:
        yield found


@pytest.fixture
def axe() -> Callable[[Chrome], list[str]]:
    """What axe-core finds on the page with all its folds open: serious and critical faults."""
    module = pytest.importorskip(
        "axe_core_python.selenium", reason="axe-core-python is not installed"
    )

    def found(browser: Chrome) -> list[str]:
        browser.execute_script(
            "document.querySelectorAll('details').forEach(one => one.open = true)"
        )
        faults: list[dict[str, Any]] = module.Axe().run(browser)["violations"]
        return [
            f"{fault['id']}: {node['html'][:200]}"
            for fault in faults
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]

    return found


def until(browser: Chrome, fact: Callable[[], object]) -> None:
    WebDriverWait(browser, 60).until(lambda _: fact())


def announced(browser: Chrome) -> str:
    """What the live region says; it stands in a shadow root."""
    script = """
    const roots = [...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(Boolean);
    return roots.flatMap(root => [...root.querySelectorAll('[role=status]')])
      .map(one => one.textContent).join(' ')"""
    return str(browser.execute_script(script)).strip()


def suggested(browser: Chrome) -> list[str]:
    """The careers of the answer in order, folded or not, by their buttons: "Web Developer"."""
    script = """
    return [...document.querySelectorAll('.st-key-answer [class*="st-key-keep-"]')]
      .map(one => /st-key-keep-(\\S+)/.exec(one.className)[1].replaceAll('-', ' '))"""
    return list(browser.execute_script(script))


def in_order(browser: Chrome) -> bool:
    """One h1, the first; no level left out on the way down."""
    levels = [level for level, _ in headings(browser)]
    steps = pairwise(levels)
    return levels[:1] == [1] and levels.count(1) == 1 and all(b <= a + 1 for a, b in steps)


def sticks_out(browser: Chrome, width: int) -> bool:
    sides = (
        "const main = document.querySelector('[data-testid=stMain]');"
        "return [main.scrollWidth, document.documentElement.scrollWidth]"
    )
    return max(browser.execute_script(sides)) > width


def test_a_journey_on_a_phone(browser: Chrome, address: str) -> None:
    screen(browser, 390)
    browser.get(address)
    text = ask(browser, f"{WEB}. {COOK}. I have been to {CANARY}.")
    assert "match, " in text
    first = suggested(browser)[0]

    # The answer is told, has the focus, and is read in order.
    until(browser, lambda: first in announced(browser))
    focused = "return document.activeElement.classList.contains('st-key-answer')"
    assert browser.execute_script(focused)
    assert in_order(browser)

    # A sentence that is left out moves the list, and that is told, too.
    kitchen = first in ("Chef", "Baker", "Cook")
    press(browser, f"✓ {COOK if kitchen else WEB}"[:25], ".st-key-chips button")
    press(browser, "Leave it out", "[data-testid=stRadio] label")
    until(browser, lambda: suggested(browser) and suggested(browser)[0] != first)
    second = suggested(browser)[0]
    until(browser, lambda: second in announced(browser))

    # A career that is not wanted goes, one that is kept stays over a refresh, with the text.
    # The focus that stood on its button is not lost.
    browser.execute_script("document.activeElement.blur()")
    press(browser, "Not this one")
    until(browser, lambda: suggested(browser) and second not in suggested(browser))
    until(browser, lambda: browser.execute_script(focused))
    kept = suggested(browser)[0]
    press(browser, "Keep")
    go(browser, "plan")
    until(browser, lambda: (2, kept) in headings(browser))
    browser.refresh()
    until(browser, lambda: (2, kept) in headings(browser))
    go(browser, "match")
    box = wait_for(browser, "textarea")[0]
    until(browser, lambda: CANARY in box.get_property("value"))

    # A career has an address, which is all that an address says.
    browser.get(f"{address}/explore?career={quote(kept)}")
    until(browser, lambda: (1, kept) in headings(browser))
    assert in_order(browser)
    called = [url for url in fetched(browser) if not url.startswith(("chrome:", "data:"))]
    own = (address, f"blob:{address}", address.replace("http", "ws"))
    assert len(called) > 20
    assert all(url.startswith(own) for url in called)  # no font, image or script from elsewhere
    history = browser.execute_script("return performance.getEntries().map(one => one.name)")
    assert not [url for url in [*called, *history] if CANARY in url.lower()]


def test_a_sheet_for_two_on_a_desktop(
    browser: Chrome, address: str, folder: Path, axe: Callable[[Chrome], list[str]]
) -> None:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    screen(browser, 1280)
    browser.get(address)
    ask(browser, f"{WEB}. " + f"{COOK} with friends and neighbours. " * 20)
    names = suggested(browser)[:2]
    for _ in names:
        press(browser, "Compare")
    go(browser, "compare")
    until(browser, lambda: [text for level, text in headings(browser) if level == 2] == names)
    columns = wait_for(browser, "[data-testid=stColumn]")
    assert columns[0].rect["y"] == columns[1].rect["y"], "side by side"

    go(browser, "plan")
    press(browser, "Español", "[data-testid=stButtonGroup] button")
    press(browser, "Guardar la hoja")
    until(browser, (folder / "careers.html").exists)
    browser.get((folder / "careers.html").as_uri())
    assert browser.execute_script("return document.documentElement.lang") == "es"
    assert all(name in browser.page_source for name in (COOK, *names))
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]
    pages = pypdf.PdfReader(io.BytesIO(base64.b64decode(printed))).pages
    assert [round(float(side) * 25.4 / 72) for side in pages[0].mediabox[2:]] == [210, 297]
    assert len(pages) == 1
    assert in_order(browser)
    assert axe(browser) == []


def test_a_plan_comes_back_from_its_file(browser: Chrome, address: str, folder: Path) -> None:
    """What was kept, ticked and felt, in another tab; how it felt joins the text."""
    screen(browser, 390)
    browser.get(address)
    ask(browser, f"{WEB}. I have been to {CANARY}.")
    first = suggested(browser)[0]
    press(browser, "Keep")
    press(browser, "I do this already")
    until(browser, lambda: suggested(browser) and first not in suggested(browser))
    go(browser, "plan")
    wait_for(browser, "[data-testid=stCheckbox] label")[0].click()
    felt = wait_for(browser, ".stTextInput input")[0]
    felt.send_keys("I love cooking for guests", Keys.ENTER)
    settled(browser)  # the button behind the sentence may be drawn anew
    press(browser, "Add this sentence to my text")
    # It leads to the answer; the other links lead to a career. The first page's address is empty.
    link = "[data-testid=stPageLink-NavLink]:not([href*=career], .st-key-pages a)"
    wait_for(browser, link)
    press(browser, "Save my plan")
    until(browser, (folder / "my-plan.json").exists)

    browser.switch_to.new_window("tab")
    screen(browser, 390)
    browser.get(f"{address}/plan")
    settled(browser)
    assert (2, first) not in headings(browser)
    wait_for(browser, "input[type=file]")[0].send_keys(str(folder / "my-plan.json"))
    until(browser, lambda: (2, first) in headings(browser))
    ticked = wait_for(browser, "[data-testid=stCheckbox] input")
    assert [box.get_property("checked") for box in ticked] == [True, *[False] * 4]
    go(browser, "match")
    assert CANARY in wait_for(browser, "textarea")[0].get_property("value")
    chips = wait_for(browser, ".st-key-chips button")  # in a fold, where the answer is unsure
    assert any("cooking for guests" in one.get_property("textContent") for one in chips)
    assert first not in suggested(browser)
    press(browser, f"{first} ✕", "[data-testid=stButtonGroup] button")
    until(browser, lambda: first in suggested(browser))


def test_a_text_carries_its_language_where_that_is_not_the_pages(
    browser: Chrome, address: str
) -> None:
    screen(browser, 1280)
    career = "Registered Nurse"
    browser.get(f"{address}/explore?career={quote(career)}")
    until(browser, lambda: (1, career) in headings(browser))
    settled(browser)
    marked = "return [...document.querySelectorAll('[data-testid=stMain] [lang]')].length"
    assert browser.execute_script(marked) == 0
    press(browser, "Español", "[data-testid=stButtonGroup] button")
    until(browser, lambda: browser.execute_script(marked) > 5)
    spoken = """
    const found = (selector) => document.querySelector('[data-testid=stMain] ' + selector);
    const last = (selector) => [...document.querySelectorAll(selector)].at(-1);
    const spoken = (element) => element.closest('[lang]').lang;
    return [found('h1'), found('[data-testid=stText]'), found('.st-key-keep-Registered-Nurse p'),
      found('[class*=career-labelled] strong'), last('[data-testid=stPageLink] a')].map(spoken)"""
    assert browser.execute_script(spoken) == ["en", "en", "es", "es", "en"]
    go(browser, "explore")  # nothing of what the browser is told changes with the page
    until(browser, lambda: browser.execute_script(marked) > 20)
    small = "return document.querySelector('[class*=career-labelled] p > span').lang"
    assert browser.execute_script(small) == "es"


def test_an_unsure_answer_is_short(browser: Chrome, address: str) -> None:
    screen(browser, 390)
    browser.get(address)
    ask(browser, "I like being outside with people. I want to help them.")
    assert wait_for(browser, "[data-testid=stChatInput] textarea"), "no question was asked"
    until(browser, lambda: "tell" in announced(browser))
    assert in_order(browser)
    tall = "return document.querySelector('[data-testid=stMain]').scrollHeight"
    assert browser.execute_script(tall) < 1_200


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)])
def test_nobody_is_shut_out(
    browser: Chrome, address: str, axe: Callable[[Chrome], list[str]], width: int, dark: bool
) -> None:
    """axe-core on every page, in both languages, in light and in dark."""
    screen(browser, width, dark)
    browser.get(address)
    ask(browser, f"{WEB}. I never want to sit in an office again. I like {CANARY}.")
    press(browser, "Keep")
    press(browser, "Compare")
    press(browser, "✓", ".st-key-chips button")
    wait_for(browser, "[data-testid=stRadio]")
    found = {"an open chip": axe(browser)}
    for code, name in (("en", "English"), ("es", "Español")):
        press(browser, name, "[data-testid=stButtonGroup] button")
        until(
            browser,
            lambda code=code: (
                browser.execute_script("return document.documentElement.lang") == code
            ),
        )
        for view in VIEWS:
            go(browser, view)
            assert in_order(browser), view
            assert not sticks_out(browser, width), view
            found[f"{code} {view}"] = axe(browser)
    assert {view: faults for view, faults in found.items() if faults} == {}


def test_it_follows_light_and_dark_from_any_folder(browser: Chrome, address: str) -> None:
    """The theme is found although the server runs elsewhere; the smallest phone has room."""
    colours = {}
    for dark in (False, True):
        screen(browser, 360, dark)
        browser.get(address)
        wait_for(browser, "h1")
        settled(browser)
        colours[dark] = browser.execute_script(
            "return getComputedStyle(document.querySelector('h1')).color"
        )
    assert colours == {False: "rgb(28, 36, 39)", True: "rgb(232, 237, 236)"}
    ask(browser, WEB)
    assert not sticks_out(browser, 360)


def test_hostile_strings_are_text_in_a_browser(
    browser: Chrome, bundle_folder: Path, tmp_path: Path
) -> None:
    screen(browser, 360)
    with served(hostile_bundle(bundle_folder, tmp_path / "hostile"), tmp_path) as address:
        browser.get(address)
        text = ask(browser, f"{HOSTILE} and I love programming")
        assert HOSTILE in text.replace("\u2060", "")
        main = wait_for(browser, "[data-testid=stMain]")[0]
        assert not main.find_elements(
            "css selector", "script, img, .katex, a[href*='//x'], a[href*=www]"
        )
        assert not sticks_out(browser, 360)


def test_script_payloads_stay_text(browser: Chrome, bundle_folder: Path, tmp_path: Path) -> None:
    """A sample of fuzz/script_payloads.py: a payload in every text of each of the 64 careers,
    five of which are shown.
    """
    some = payloads(64)
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": HOOKS})
    poisoned = edited(bundle_folder, tmp_path / "payloads", changed(bundle_folder, some))
    screen(browser, 360)
    with served(poisoned, tmp_path) as address:
        browser.get(address)
        ask(browser, f"{WEB}. I like {some[0]} and {some[14]}")
        bad, ran, outside, shown = browser.execute_script(LIVE)
    assert (bad, ran, outside) == ([], [], [])
    assert sum(letters(shown).count(letters(payload)) >= FIELDS for payload in some) >= 5
