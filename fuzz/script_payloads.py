"""Script payloads in every field that the page shows, in headless Chromium: none may run, fetch, or
become an element.

    python fuzz/script_payloads.py [--count 200] [--first 0] [--per-page 5] [--seed 0]

A bundle is trained on files whose every cell holds a payload; then its JSON files are rewritten
page by page, with a manifest that fits, so that each payload stands once in every field: name,
description, skills, books, questions, official title, sources, kinds of interest, limits, base
model, sources of rows, and the seeker's own text with its explanation. Needs chromium,
chromedriver, selenium and the train and app extras.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from conftest import write_csv
from helpers import CHROMIUM, DRIVER, FLAGS, edited
from payloads import FIELDS, HOOKS, LIVE, changed, missing, payloads
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from tiny_bases import make, wordpiece

import vocation

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
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": HOOKS})
    return driver


def look(driver: webdriver.Chrome, address: str, text: str, cards: int) -> tuple[list[str], str]:
    """Ask the page for `text` with its explanation; what is wrong, and all that is written on the
    page.
    """
    driver.get(address)
    wait = WebDriverWait(driver, 90)
    wait.until(lambda page: page.find_elements(By.TAG_NAME, "textarea"))[0].send_keys(text)
    next(
        button
        for button in driver.find_elements(By.TAG_NAME, "button")
        if button.text == "Get Career Recommendations"
    ).click()
    wait.until(lambda page: f"\n{cards}. " in page.find_element(By.TAG_NAME, "body").text)
    driver.find_element(By.CSS_SELECTOR, "[data-testid=stCheckbox] label").click()
    wait.until(lambda page: "Your words" in page.find_element(By.TAG_NAME, "body").text)
    driver.execute_script(
        "document.querySelectorAll('details:not([open]) > summary').forEach(fold => fold.click())"
    )
    driver.execute_script(
        "document.querySelectorAll('details:not([open]) > summary').forEach(fold => fold.click())"
    )
    time.sleep(0.5)
    bad, ran, outside, shown = driver.execute_script(LIVE)
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    outside += [url for url in asked if not url.startswith((address, "data:", "blob:", "chrome:"))]
    return [f"element {one}" for one in bad] + [f"ran {one}" for one in ran] + [
        f"fetched {one}" for one in outside
    ], shown


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
    options.add_argument("--per-page", type=int, default=5)
    options.add_argument("--seed", type=int, default=0)
    args = options.parse_args()
    all_of_them = payloads(args.first + args.count)
    random.Random(args.seed).shuffle(all_of_them)
    chosen, size = all_of_them[args.first :], args.per_page
    broken: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trained = train(folder, chosen[:size])
        live = shutil.copytree(trained, folder / "live")
        server, address = serve(live, folder)
        driver = browser(folder)
        try:
            wrong, _ = look(driver, address, ASK.format(*chosen[:2]), size)
            if wrong:
                broken["the trained bundle"] = wrong
            for start in range(0, len(chosen), size):
                some = (chosen[start : start + size] * size)[:size]
                replace(live, trained, changed(trained, some))
                wrong, shown = look(driver, address, "; ".join(some), size)
                wrong += [
                    f"not shown as text {FIELDS} times: {one!r}" for one in missing(shown, some)
                ]
                if wrong:
                    broken[" | ".join(some)] = wrong
        finally:
            driver.quit()
            server.terminate()
            server.wait(20)
    for where, wrong in broken.items():
        print(f"{where}\n  " + "\n  ".join(dict.fromkeys(wrong)))
    print(
        f"{len(chosen)} payloads in {FIELDS} fields and the seeker's text,"
        f" {-(-len(chosen) // size)} pages: {len(broken)} pages with anything wrong"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
