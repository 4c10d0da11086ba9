"""What a page asks by its own clock decides nothing.

A part of a page that looks again every second sends what all sliders stood at when it asked. If a press set them anew
in that moment, the old values arrive after it, are taken for somebody's hand, and the press is undone without a word.
Whatever a person does is sent by itself, so a clock's request can go without.
"""

from dataclasses import replace
from functools import wraps

from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests


def install() -> None:
    """For the server about to start."""
    ask = ScriptRequests.request_rerun
    if hasattr(ask, "__wrapped__"):
        return

    @wraps(ask)
    def heard(requests: ScriptRequests, asked) -> bool:
        return ask(requests, replace(asked, widget_states=None) if asked.is_auto_rerun else asked)

    ScriptRequests.request_rerun = heard
