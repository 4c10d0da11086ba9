"""What a run that is cut short has not sent yet goes whole.

A part of a page that is drawn alone may hold another such part. Where its run is cut short by the next press, Streamlit 1.67
lets go of what it had not sent to the browser yet, but keeps what the part within it had not sent: that would be drawn
into a place that was never made, and the page breaks ("Cannot set a node at a delta path"). The run that follows draws
both anew, so both may go.

The answer to somebody who asked for a file must not go: no run that follows gives it again, and the button would turn for
ever. It is often in the queue just then, since the page is drawn anew when the file is made.
"""

from collections.abc import Iterator
from functools import wraps

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

ANSWER = "backend_operation_response"


def install() -> None:
    """For the server about to start."""
    clear = ForwardMsgQueue.clear
    if hasattr(clear, "__wrapped__"):
        return

    @wraps(clear)
    def whole(queue: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None):
        if fragment_ids_this_run is not None:
            queue._queue = list(_with_their_place(queue._queue, set(fragment_ids_this_run)))
        answers = [one for one in queue._queue if retain_lifecycle_msgs and one.WhichOneof("type") == ANSWER]
        clear(queue, retain_lifecycle_msgs, fragment_ids_this_run)
        queue._queue = [one for one in queue._queue if one.WhichOneof("type") != ANSWER] + answers

    ForwardMsgQueue.clear = whole


def _with_their_place(told: list[ForwardMsg], again: set[str]) -> Iterator[ForwardMsg]:
    """Without what stands in a block that a part drawn again had made and that will not be sent."""
    unmade = {tuple(one.metadata.delta_path) for one in told
              if one.delta.fragment_id in again and one.delta.WhichOneof("type") == "add_block"}
    for one in told:
        path = tuple(one.metadata.delta_path)
        if one.delta.fragment_id in again or not any(path[:deep] in unmade for deep in range(1, len(path) + 1)):
            yield one
