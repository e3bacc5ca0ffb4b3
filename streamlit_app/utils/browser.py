"""What only the visitor's browser can do: tell a screen reader that there is an answer, move the
focus to it, say which language is which, and keep the visitor's words over a refresh.

The words are kept in the tab's own storage, which ends with the tab. The script is fixed; what
people write reaches it as data and is never made markup.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_JS = """
export default function ({ data, parentElement, setStateValue }) {
  const page = document;
  page.documentElement.lang = data.language;
  const mark = () => {
    const main = page.querySelector('[data-testid="stMain"]');
    if (!main) return;
    main.setAttribute("role", "main");
    // Streamlit uses elements again for other texts.
    for (const one of main.querySelectorAll("[lang]")) one.removeAttribute("lang");
    if (!data.careers || data.careers === data.language) return;
    const say = (language, selector, fits = () => true) => {
      for (const one of main.querySelectorAll(selector)) if (fits(one)) one.lang = language;
    };
    // Streamlit names the box of a key "k" by the class st-key-k.
    const [words, labelled, line] = ["words", "labelled", "line"].map(
      (kind) => `[class*="st-key-career-${kind}"]`);
    const named = (link) =>
      new URL(link.href).searchParams.get("career") === link.textContent.trim();
    say(data.careers, `${words}, ${labelled}, ${line} summary, .stMarkdownBadge`);
    say(data.careers, 'a[href*="career="]', named);
    // A small word is a span with a style of its own.
    say(data.language, `${labelled} :is(strong, label, span[style^="font-size"])`);
  };
  mark();
  // What Streamlit draws later, such as another page, does not call this function again.
  let later;
  const drawn = new MutationObserver(() => {
    clearTimeout(later);
    later = setTimeout(mark, 50);
  });
  drawn.observe(page.body, { childList: true, subtree: true });
  const status = parentElement.querySelector("[role=status]");
  const name = "vocation";
  let kept = null;
  try { kept = sessionStorage.getItem(name); } catch { /* storage is switched off */ }
  if (data.fresh && kept) setStateValue("restored", kept);
  else if (!data.fresh) {
    try { sessionStorage.setItem(name, data.keep); } catch { /* full, or switched off */ }
  }
  const focus = () => {
    const answer = page.querySelector(".st-key-answer");
    if (!answer) return;
    answer.tabIndex = -1;
    answer.focus({ preventScroll: true });
    return answer;
  };
  const asked = window.vocationAsked !== data.number;
  if (data.said && (asked || window.vocationSaid !== data.said)) {
    window.vocationAsked = data.number;
    window.vocationSaid = data.said;
    status.textContent = "";
    // An empty region first: the same sentence twice is told twice.
    setTimeout(() => {
      if (!page.querySelector(".st-key-answer")) return;  // another page
      status.textContent = data.said;
      if (asked) focus()?.scrollIntoView({ block: "start" });
    }, 100);
  }
  // The button that was pressed went with its career: its place is where one reads on.
  const lost = setTimeout(() => {
    if (page.activeElement === page.body && !data.fresh) focus();
  }, 600);
  return () => { drawn.disconnect(); clearTimeout(later); clearTimeout(lost); };
}
"""
_HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"
_HTML = f'<div role="status" aria-live="polite" style="{_HIDDEN}"></div>'

# Streamlit writes what is chosen in the colour of buttons, which cannot be dark enough behind white
# and light enough on a dark page.
_STYLE = """<style>
[data-testid="stButtonGroup"] button[data-selected] { color: inherit !important }
</style>"""

_component = st.components.v2.component("vocation_browser", html=_HTML, js=_JS)


def tell(
    *,
    language: str,
    careers: str,
    said: str,
    number: int,
    keep: str,
    fresh: bool,
    on_restored: Callable[[], None],
) -> None:
    """Send the page's state to the browser.

    `said` is told to a screen reader where it changed, or where `number`, that of the answer, is a
    new one, which takes the focus, too. `keep` is
    what the tab keeps; with `fresh`, nothing was said in this session yet, and what the tab kept is
    given back: `on_restored` finds it as `st.session_state.browser.restored`.
    """
    st.html(_STYLE)
    _component(
        key="browser",
        data={
            "language": language,
            "careers": careers,
            "said": said,
            "number": number,
            "keep": keep,
            "fresh": fresh,
        },
        default={"restored": ""},
        height=1,
        on_restored_change=on_restored,
    )
