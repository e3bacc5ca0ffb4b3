"""Script payloads in every field that the page shows, in headless Chromium: none may run, fetch, or
become an element.

    python fuzz/script_payloads.py [--count 200] [--first 0] [--per-page 10] [--seed 0]

A bundle is trained on files whose every cell holds a payload; then its JSON files are rewritten
page by page, with a manifest that fits, so that each payload stands once in every field: name,
description, skills, books, questions, official title, sources, kinds of interest, limits, base
model, sources of rows; and in the owner's site.toml, in a plan that the tab kept, in ?career= and in
the visitor's own text. All pages are visited, and the sheet to print. Needs chromium,
chromedriver, selenium and the train and app extras.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "streamlit_app"))

from conftest import write_csv
from helpers import CHROMIUM, DRIVER, FLAGS, edited
from payloads import FIELDS, HOOKS, LIVE, changed, letters, payloads
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from tiny_bases import make, wordpiece
from utils import sheet
from utils.visitor import MOST_COMPARED, Visitor

import vocation
from vocation.bundle import layout
from vocation.site import FILE as SITE

PAGE = Path(__file__).parents[1] / "streamlit_app"
ASK = "I like {} and music, because {} makes me happy"


def train(folder: Path, some: list[str]) -> Path:
    """A bundle trained on files in which every cell holds a payload: one career for each of
    `some`.
    """
    data = folder / "data"
    data.mkdir()
    names = [f"{payload[:150]} {i}" for i, payload in enumerate(some)]
    rows = list(zip(names, some, strict=True))
    write_csv(
        data / "profiles.csv",
        ["role", "profile"],
        [[name, f"{own} says person {i}"] for name, own in rows for i in range(5)],
    )
    write_csv(
        data / "career_qa.csv",
        ["role", "question", "answer"],
        [[name, own, f"{own} {name}"] for name, own in rows],
    )
    write_csv(
        data / "skills_mapping.csv",
        ["role", "skills", "description"],
        [[name, own, own] for name, own in rows],
    )
    books = ["role", "book_title", "author", "description", "level"]
    write_csv(
        data / "books_recommendations.csv",
        books,
        [[name, own, own, own, own] for name, own in rows],
    )
    config = {
        "base_model": str(make(folder / "base", "bert", wordpiece)),
        "num_epochs": 1,
        "min_steps": 20,
    }
    return vocation.train(data, folder / "trained", preset="head", config=config).folder


def serve(bundle_folder: Path, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """The page over `bundle_folder`, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
        "--server.headless",
        "true",
        "--browser.gatherUsageStats",
        "false",
    ]
    command = [sys.executable, "-m", "streamlit", "run", str(PAGE / "app.py"), *options]
    with open(folder / "streamlit.log", "wb") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "VOCATION_BUNDLE": str(bundle_folder)},
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return server, address
        except OSError:
            time.sleep(0.2)
    raise TimeoutError((folder / "streamlit.log").read_text())


def browser(folder: Path) -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS.split(), f"--user-data-dir={folder / 'chromium'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    options.add_experimental_option("perfLoggingPrefs", {"enablePage": False})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": HOOKS})
    return driver


def text_of(page: webdriver.Chrome) -> str:
    # All that is written, seen or not: to find what is seen costs the browser much more.
    return str(page.execute_script("return document.body.textContent"))


def open_page(driver: webdriver.Chrome, address: str) -> None:
    """Go to a page and wait until it stands."""
    driver.get(address)
    wait = WebDriverWait(driver, 90, 0.1)
    try:
        wait.until(lambda page: "A computer program answers" in text_of(page))
    except TimeoutException:
        raise TimeoutError(
            f"{address} did not stand after 90 s: {text_of(driver)[:2000]}"
        ) from None
    wait.until(lambda page: not page.find_elements(By.CSS_SELECTOR, "[data-stale=true]"))


def ask(driver: webdriver.Chrome, address: str, text: str) -> None:
    """Ask the page for `text`, and wait for the answer, whatever it is."""
    forget(driver, address)
    wait = WebDriverWait(driver, 90, 0.1)
    wait.until(lambda page: page.find_elements(By.TAG_NAME, "textarea"))[0].send_keys(text)
    # The box stands before the button does, and on a busy machine long before.
    wait.until(
        lambda page: [
            button
            for button in page.find_elements(By.TAG_NAME, "button")
            if button.text == "Get Career Recommendations"
        ]
    )[0].click()
    wait.until(lambda page: page.find_elements(By.CSS_SELECTOR, ".st-key-answer"))
    wait.until(lambda page: "Reading your text" not in text_of(page))


def forget(driver: webdriver.Chrome, address: str) -> None:
    """Open the first page as somebody who has said nothing in this tab."""
    driver.get(address)
    driver.execute_script("sessionStorage.clear()")
    open_page(driver, address)


def check(
    driver: webdriver.Chrome, address: str, where: str, whole: Sequence[str] = ()
) -> tuple[list[str], str]:
    """What is wrong with the page that stands, and all that is written on it. The page itself sets
    the texts `whole` apart, as they are.
    """
    for _ in range(2):  # folds within folds
        driver.execute_script(
            "document.querySelectorAll('details:not([open]) > summary').forEach(one => one.click())"
        )
    time.sleep(0.3)
    bad, ran, outside, shown = driver.execute_script(LIVE, [letters(one) for one in whole])
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    harmless = (address, "data:", "blob:", "chrome:")
    outside += [url for url in asked if not url.startswith(harmless)]
    if where == "sheet":  # it quotes the visitor so
        bad = [one for one in bad if not one.startswith("<blockquote>")]
    found = [f"element {one}" for one in bad] + [f"ran {one}" for one in ran]
    return [f"{where}: {one}" for one in (*found, *(f"fetched {url}" for url in outside))], shown


def plan(names: list[str], some: list[str], shown: list[str]) -> Visitor:
    """What a hostile file says that somebody kept; of all careers `shown` are not put aside."""
    return Visitor(
        text="; ".join(some),
        compared=shown,
        kept=names,
        excluded=[*some, *(name for name in names if name not in shown)],
        already=some,
        held=some,
        notes=dict.fromkeys(names, some[0]),
    )


def site(folder: Path, names: list[str], some: list[str]) -> None:
    """Settings of the owner that hold payloads wherever a text may stand."""
    told = json.dumps  # its strings are strings of TOML
    links = "".join(
        f"[links.{told(name)}]\n{told(one[:200])} = {told(f'https://example.org/{one}'[:500])}\n"
        for name, one in zip(names, some, strict=True)
    )
    (folder / SITE).write_text(
        f"[page]\nname = {told(some[0][:300])}\ntitle = {told(some[-1][:300])}\n"
        f"examples = {told([one[:300] for one in some])}\n"
        f"[help]\ncontacts = {told([one[:300] for one in some])}\n{links}",
        "utf-8",
    )


def tour(driver: webdriver.Chrome, address: str, live: Path, some: list[str]) -> list[str]:
    """All pages with these payloads: what is wrong."""
    recommender = vocation.Recommender.load(live)
    names = list(recommender.classes)
    wrong: list[str] = []
    # "You ask about *Chef*.", and "press *Compare* at a career" until the kept plan comes.
    apart = [*names, *some, *(one[:80] for one in some), "Compare"]

    def see(where: str, expected: list[str], times: int = 1) -> None:
        for _ in range(20):  # a busy machine draws slowly
            found, shown = check(driver, address if where != "sheet" else "file:", where, apart)
            wrong.extend(found)
            whole = letters(shown)
            missing = [one for one in expected if whole.count(letters(one)) < times]
            if not missing:
                break
        wrong.extend(f"{where}: not shown as text: {one!r}" for one in dict.fromkeys(missing))

    forget(driver, address)
    see("first", [one[:300] for one in (*some, some[-1])])
    ask(driver, address, "; ".join(some))
    see("match", [])  # an unsure answer shows three careers
    ask(driver, address, "I don't want to live any more")
    see("help", [one[:300] for one in some])
    for start in range(0, len(names), MOST_COMPARED):
        part = slice(start, start + MOST_COMPARED)
        kept = plan(names, some, names[part])
        driver.execute_script("sessionStorage.setItem('vocation', arguments[0])", kept.to_json())
        # What the tab kept comes with a second run of the page, for which `see` waits.
        open_page(driver, f"{address}/compare")
        see("compare", some[part], 5)
        open_page(driver, address)
        see("match again", some[part], FIELDS)
    open_page(driver, f"{address}/plan")
    see("plan", some, 4)
    for name, one in zip(names, some, strict=True):
        open_page(driver, f"{address}/explore?career={quote(name)}")
        see("career", [one], FIELDS)
    for one in some:
        open_page(driver, f"{address}/explore?career={quote(one)}")
        see("explore", [])
    open_page(driver, f"{address}/about")
    see("about", [])
    page_of_two = live.parent / "sheet.html"
    for start in range(0, len(names), MOST_COMPARED):
        part = slice(start, start + MOST_COMPARED)
        page_of_two.write_text(sheet.html(recommender, plan(names, some, names[part])), "utf-8")
        driver.get(page_of_two.as_uri())
        see("sheet", some[part], 3)
    return wrong


def replace(folder: Path, source: Path, files: dict[str, Any]) -> None:
    """Put the edited bundle in place of `folder`, newer than it was, so that the page loads it
    again.
    """
    shutil.rmtree(folder, ignore_errors=True)
    edited(source, folder, files)


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--count", type=int, default=200)
    options.add_argument(
        "--first", type=int, default=0, help="leave out so many: for a campaign in several parts"
    )
    options.add_argument("--per-page", type=int, default=10)
    options.add_argument("--seed", type=int, default=0)
    args = options.parse_args()
    # The page's modules are used here for the sheet; Streamlit warns of each use.
    logging.disable(logging.WARNING)
    # Shuffled within the part: parts share no payload, and together they leave none out.
    chosen, size = payloads(args.first + args.count)[args.first :], args.per_page
    # No bundle with other control characters is read, so the page never gets these.
    refused = [
        one for one in chosen if any(letter < " " and letter not in "\t\n\r" for letter in one)
    ]
    chosen = [one for one in chosen if one not in refused]
    random.Random(args.seed).shuffle(chosen)
    broken: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trained = train(folder, chosen[:size])
        live = shutil.copytree(trained, folder / "live")
        server, address = serve(live, folder)
        driver = browser(folder)
        try:
            ask(driver, address, ASK.format(*chosen[:2]))
            if wrong := check(driver, address, "the trained bundle")[0]:
                broken["the trained bundle"] = wrong
            for start in range(0, len(chosen), size):
                some = (chosen[start : start + size] * size)[:size]
                files = changed(trained, some)
                site(folder, files[layout.METADATA]["classes"], some)
                replace(live, trained, files)
                if wrong := tour(driver, address, live, some):
                    broken[" | ".join(some)] = wrong
        finally:
            driver.quit()
            server.terminate()
            server.wait(20)
    for where, wrong in broken.items():
        print(f"{where}\n  " + "\n  ".join(dict.fromkeys(wrong)))
    print(
        f"{len(refused)} payloads with control characters left out; {len(chosen)} in the bundle, the owner's settings, a kept plan, addresses and the"
        f" visitor's text, {-(-len(chosen) // size)} tours of all pages: {len(broken)} with"
        " anything wrong"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
