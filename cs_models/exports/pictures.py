"""Charts as files: SVG and PNG, drawn without a browser and without a network.

The letters are measured in Liberation Sans, which the drawing library brings along and which is as wide as Arial: a
picture is the same on every machine, whatever fonts are installed there.
"""

import json

import pandas as pd
import vl_convert

from cs_models.charts import CHARTS, theme

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
WIDTH = 720
SHARP = 2.0  # pixels of a PNG per pixel of the screen


def svg(name: str, frame: pd.DataFrame, width: int = WIDTH, height: int | None = None, scale: float = 1.0) -> str:
    """A chart of this kind with its data, in the light colours, as SVG text; text from data is escaped in it.

    >>> svg("bridge", CHARTS["bridge"].example())[:4]
    '<svg'
    """
    return vl_convert.vegalite_to_svg(_whole(name, frame, width, height, scale), allowed_base_urls=[])


def png(name: str, frame: pd.DataFrame, width: int = WIDTH, height: int | None = None, scale: float = 1.0) -> bytes:
    """The same as a picture of dots, twice as fine as a screen."""
    whole = _whole(name, frame, width, height, scale)
    return vl_convert.vegalite_to_png(whole, scale=SHARP, allowed_base_urls=[])


def _whole(name: str, frame: pd.DataFrame, width: int, height: int | None, scale: float) -> dict:
    """The spec with data and colours in it. No address may be loaded while it is drawn."""
    chart = CHARTS[name]
    records = json.loads(frame[list(chart.columns)].to_json(orient="records"))
    spec = theme.themed(chart.spec(height, scale), theme.LIGHT)
    config = {**spec["config"], "font": FONT}
    return spec | {"config": config, "data": {"name": "table", "values": records}, "width": width, "padding": 8}
