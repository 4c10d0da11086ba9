"""Every chart with its example on one page: what the browser test looks at."""

import streamlit as st

from cs_models.charts import CHARTS

st.set_page_config(layout="wide")
st.title("Charts")
for name, chart in CHARTS.items():
    with st.container(key=f"chart-{name}"):
        st.vega_lite_chart(chart.example(), chart.spec(), key=name, alt=chart.title)
