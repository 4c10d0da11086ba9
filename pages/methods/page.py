"""How every number is made: formulas, levers with their evidence, models, definitions, out of the code."""

from itertools import groupby

import pandas as pd
import streamlit as st

from cs_models import methods, words
from pages.shared import answers, layout


def contents(found) -> None:
    """The sections as links, and under each its entries."""
    for section in found:
        links = " · ".join(f"[{words.md(entry.title)}](#{entry.anchor})" for entry in section.entries)
        st.markdown(f"**[{words.md(section.title)}](#{section.anchor})** {links}")


def show(section) -> None:
    st.header(words.md(section.title), anchor=section.anchor, divider="gray")
    st.caption(words.md(section.about))
    for entry in section.entries:
        with st.container(gap="xsmall"):
            st.subheader(words.md(entry.title), anchor=entry.anchor)
            if entry.call:
                st.code(entry.call, language="python", wrap_lines=True)
            for kind, texts in groupby(methods.blocks(entry.text), key=lambda block: block[0]):
                if kind == "example":
                    st.code("\n".join(text for _, text in texts), language="python", wrap_lines=True)
                else:
                    mark, gap = ("- ", "\n") if kind == "point" else ("", "\n\n")
                    st.markdown(gap.join(mark + methods.prose(text) for _, text in texts))
            if entry.rows:
                cells = [[words.md(cell) for cell in row] for row in entry.rows]
                st.table(pd.DataFrame(cells, columns=entry.columns), border="horizontal")


subs = answers.subscriptions()
everything = methods.sections(subs)
number = words.counted(methods.counted(everything), "method")
layout.heading(f"How every number is made: {number}, told by the code that computes them")
wanted = st.text_input("Search", key="methods-search", placeholder="a word such as payback", max_chars=80)
found = methods.search(everything, wanted)
if not found:
    st.info("Nothing here says that. Try a shorter word.", icon=":material/search_off:")
with st.container(border=True, gap="xsmall"):
    contents(found)
for section in found:
    show(section)
