"""What the owner says of careers and of help, as forms over site.toml."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from utils import owner, page
from utils.safe_text import escape
from utils.words import plain, say
from vocation import VocationError
from vocation.owner import site_file
from vocation.site import PERIODS, LocalPay


def show_career() -> None:
    """Local pay and links of a career: what its page shows beside the official figures."""
    st.markdown(say("owner_data.career_what"))
    try:
        careers = [one.name for one in page.recommender().careers]
    except VocationError as error:
        owner.trouble(error)
        return
    career = st.selectbox(
        plain("owner_data.which"),
        careers,
        index=None,
        placeholder=plain("owner_data.choose"),
        format_func=escape,
        key="owner career",
    )
    if career is None:
        return
    site = page.site_or_none()
    with st.form(f"career {career}"):
        pay = _pay(site.pay.get(career))
        links = _links(site.links.get(career, ()))
        pressed = st.form_submit_button(plain("owner_data.save_career"))
    if pressed:
        _write(lambda: site_file.set_career(owner.bundle(), career, pay, links))


def show_contacts() -> None:
    """Where people in need find somebody."""
    st.markdown(say("owner_data.help_what"))
    with st.form("contacts"):
        text = st.text_area(
            plain("owner_data.contacts"), "\n".join(page.site_or_none().contacts), max_chars=10_000
        )
        pressed = st.form_submit_button(plain("owner_data.save_contacts"))
    if pressed:
        _write(lambda: site_file.set_contacts(owner.bundle(), text.splitlines()))


def _pay(now: LocalPay | None) -> LocalPay | None:
    """What is typed as pay; None where both figures are empty."""
    low, high = (
        st.number_input(plain(f"owner_data.{name}"), min_value=0.0, value=value, format="%.2f")
        for name, value in (
            ("low", float(now.low) if now else None),
            ("high", float(now.high) if now else None),
        )
    )
    currency = st.text_input(plain("owner_data.currency"), now.currency if now else "")
    period = st.selectbox(
        plain("owner_data.period"),
        PERIODS,
        index=PERIODS.index(now.period) if now else 0,
        format_func=lambda one: plain(f"explore.a_{one}"),
    )
    source = st.text_input(plain("owner_data.source"), now.source if now else "")
    date = st.text_input(plain("owner_data.date"), now.date if now else "")
    if not low and not high:
        return None
    return LocalPay(
        low or high or 0, high or low or 0, currency.strip(), period, source.strip(), date.strip()
    )


def _links(now: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    found = []
    # Those of a file that was written by hand may be more.
    for number in range(max(site_file.MOST_LINKS, len(now))):
        label, address = now[number] if number < len(now) else ("", "")
        left, right = st.columns(2)
        label = left.text_input(plain("owner_data.link", number=number + 1), label)
        address = right.text_input(plain("owner_data.address", number=number + 1), address)
        if label.strip() or address.strip():
            found.append((label.strip(), address.strip()))
    return found


def _write(change: Callable[[], Path]) -> None:
    """Make a change of site.toml, and say what came of it."""
    try:
        file = change()
    except (VocationError, OSError) as error:
        owner.trouble(error)
    else:
        st.success(say("owner_data.written", file=str(file)))
