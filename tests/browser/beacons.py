"""A script that does everything a page of this app never does: text that calls another host, put where it is obeyed.

Beside it stands the same without the headers, to show that the calls would otherwise be made.
"""

import os

import altair as alt
import pandas as pd
import streamlit as st

from server import front

PLACE = os.environ.get("BEACON", "")


def beacon(name: str) -> str:
    return f"![x]({PLACE}/{name}.png)"


def show() -> None:
    st.title("Beacons")
    for name in ("markdown", "write", "caption", "info", "header"):
        getattr(st, name)(beacon(name))
    st.metric(beacon("label"), beacon("value"))
    st.checkbox(beacon("checkbox"))
    st.tabs([beacon("tab"), "other"])
    st.table(pd.DataFrame({"plan": [beacon("table")]}))
    st.html(f"<img src='{PLACE}/html.png'><script>window.ran = true</script>")
    points = pd.DataFrame({"x": [1], "y": [1], "picture": [f"{PLACE}/mark.png"]})
    st.altair_chart(alt.Chart(points).mark_image(width=20, height=20).encode(x="x", y="y", url="picture"))
    st.altair_chart(alt.Chart(alt.UrlData(f"{PLACE}/rows.json")).mark_point().encode(x="x:Q", y="y:Q"))


if __name__ == "__main__":
    show()
else:
    app = st.App(__file__, middleware=front.middleware() if not os.environ.get("BARE") else [])
