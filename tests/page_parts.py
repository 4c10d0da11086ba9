"""A page under AppTest: is it whole, press a button, what does it say."""

from streamlit.testing.v1 import AppTest


def clean(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].stack_trace
    return at


def unfold(at: AppTest, key: str) -> AppTest:
    """What stands in a fold or a popover is drawn when it is opened."""
    at.session_state[key] = True
    return clean(at.run())


def press(at: AppTest, key: str) -> AppTest:
    """A button; one that adds a decision stands in a fold."""
    if key.startswith("add-") and not at.session_state["more"]:
        unfold(at, "more")
    return clean(at.button(key=key).click().run())


def ask(at: AppTest, name: str) -> AppTest:
    """One of the questions, wherever it is folded away now."""
    key = f"ask-{name}"
    for fold in ("more-questions", "ask-again"):
        if not any(one.key == key for one in at.button):
            unfold(at, fold)
    return press(at, key)


def text(part) -> str:
    """As it is read: without the signs that keep Markdown and line breaks away."""
    return str(part).replace("\\", "").replace("\xa0", " ").replace("\u2060", "")


def said(at: AppTest) -> str:
    parts = [*at.title, *at.markdown, *at.caption, *at.info, *at.warning, *at.error]
    return " ".join(text(part.value) for part in parts)


def title(at: AppTest) -> str:
    (one,) = at.title
    return text(one.value)
