"""A page that looks again by its own clock never undoes what a press set in that moment."""

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner_utils import script_requests
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests

from pages.shared import polls


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    monkeypatch.setattr(script_requests.ScriptRequests, "request_rerun", ScriptRequests.request_rerun)
    polls.install()


def states(**values: float) -> WidgetStates:
    told = WidgetStates()
    for name, value in values.items():
        told.widgets.add(id=name).double_value = value
    return told


def by_hand(**values: float) -> RerunData:
    return RerunData(widget_states=states(**values), fragment_id="desk")


def by_clock(**values: float) -> RerunData:
    return RerunData(widget_states=states(**values), fragment_id="clock", is_auto_rerun=True)


def runs_with(requests: ScriptRequests) -> dict[str, float] | None:
    found = requests.on_scriptrunner_ready().rerun_data.widget_states
    return found if found is None else {one.id: one.double_value for one in found.widgets}


def test_a_clock_alone_changes_no_slider():
    requests = ScriptRequests()
    requests.request_rerun(by_clock(rise=0.1))
    assert runs_with(requests) is None, "the session goes on with what it has"


@pytest.mark.parametrize("order", ["hand first", "clock first"])
def test_a_clock_beside_a_hand_leaves_the_hand_its_value(order):
    requests, asked = ScriptRequests(), [by_hand(rise=0.2), by_clock(rise=0.1)]
    for one in asked if order == "hand first" else asked[::-1]:
        requests.request_rerun(one)
    assert runs_with(requests) == {"rise": 0.2}


def test_a_hand_is_heard_and_installing_twice_is_installing_once():
    before = ScriptRequests.request_rerun
    polls.install()
    requests = ScriptRequests()
    requests.request_rerun(by_hand(rise=0.2))
    assert runs_with(requests) == {"rise": 0.2} and ScriptRequests.request_rerun is before
