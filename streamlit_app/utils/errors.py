"""What the log says of an error: its kind and place, never its message, which may quote what a
visitor wrote.
"""

from __future__ import annotations

import logging
import traceback

import streamlit as st


class _WithoutMessage(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            places = "".join(traceback.format_tb(error.__traceback__))
            record.msg, record.args = (
                f"{record.msg}\n{places}{type(error).__name__}: its message may quote a visitor and"
                " is left out",
                (),
            )
            record.exc_info = record.exc_text = None
        return True


_FILTER = _WithoutMessage()


def leave_messages_out() -> None:
    """Have Streamlit log errors of the page, also those of its callbacks, without their message."""
    st.set_option("logger.enableRich", False)  # it would go past the log
    logging.getLogger("streamlit.error_util").addFilter(_FILTER)
