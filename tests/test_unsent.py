"""A run cut short: nothing stays in the queue that the browser would have no place for, and nothing else is lost."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from pages.shared import unsent


@pytest.fixture
def queue(monkeypatch):
    monkeypatch.setattr(ForwardMsgQueue, "clear", getattr(ForwardMsgQueue.clear, "__wrapped__", ForwardMsgQueue.clear))
    unsent.install()
    return ForwardMsgQueue()


def told(path: list[int], fragment: str, block: bool = False) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path[:] = path
    message.delta.fragment_id = fragment
    if block:
        message.delta.add_block.allow_empty = True
    else:
        message.delta.new_element.text.body = fragment
    return message


def left(queue) -> list[list[int]]:
    return [list(one.metadata.delta_path) for one in queue.flush()]


def test_what_stands_in_a_block_that_is_not_sent_goes_with_it(queue):
    for message in (told([0, 3], "desk", block=True), told([0, 3, 0], "desk"), told([0, 3, 1], "inner", block=True),
                    told([0, 3, 1, 0], "inner"), told([0, 4], "inner"), told([1, 3, 0], "elsewhere")):  # fmt: skip
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["desk"])
    assert left(queue) == [[0, 4], [1, 3, 0]]


def test_what_was_sent_before_keeps_its_parts(queue):
    """The block stands in the browser: what the part within it has to say is still welcome."""
    queue.enqueue(told([0, 3, 1], "inner"))
    queue.enqueue(told([0, 3, 0], "desk"))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["desk"])
    assert left(queue) == [[0, 3, 1]]


def test_a_run_of_the_whole_page_and_a_flush_are_as_they_were(queue):
    queue.enqueue(told([0, 3], "desk", block=True))
    queue.enqueue(told([0, 3, 0], "inner"))
    assert left(queue) == [[0, 3], [0, 3, 0]] and left(queue) == []
    queue.enqueue(told([0, 3, 0], "inner"))
    queue.clear(retain_lifecycle_msgs=True)
    assert left(queue) == []


@pytest.mark.parametrize("parts", [None, ["desk"]])
def test_where_a_file_lies_is_told_whatever_is_drawn_anew(queue, parts):
    """The page is drawn anew when the file is made: its answer stands in the queue that is emptied for that."""
    answer = ForwardMsg()
    answer.backend_operation_response.request_id = "asked"
    queue.enqueue(told([0, 3], "desk", block=True))
    queue.enqueue(answer)
    for _ in range(2):
        queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=parts)
    assert [one.backend_operation_response.request_id for one in queue.flush()] == ["asked"] and queue.flush() == []
