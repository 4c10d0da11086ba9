"""Charts as files: SVG and PNG, drawn without a browser and without a network.

The letters are measured in Liberation Sans, which the drawing library brings along and which is as wide as Arial: a
picture is the same on every machine, whatever fonts are installed there.
"""

import json
import textwrap

import pandas as pd
import vl_convert

from cs_models.charts import CHARTS, theme

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
WIDTH = 720
NOTE = 120  # letters of a line of small print
SHARP = 2.0  # pixels of a PNG per pixel of the screen


def svg(name: str, frame: pd.DataFrame, width: int = WIDTH, height: int | None = None, scale: float = 1.0,
        title: str = "", notes: tuple[str, ...] = (), currency: str | None = None) -> str:
    """A chart of this kind with its data, in the light colours, as SVG text; text from data is escaped in it.

    title, notes: lines above the chart, where the picture goes out alone; currency: of amounts on an axis.

    >>> svg("bridge", CHARTS["bridge"].example())[:4]
    '<svg'
    """
    whole = _whole(name, frame, width, CHARTS[name].spec(height, scale, currency), title, notes)
    return vl_convert.vegalite_to_svg(whole, allowed_base_urls=[])


def png(name: str, frame: pd.DataFrame, width: int = WIDTH, height: int | None = None, scale: float = 1.0,
        title: str = "", notes: tuple[str, ...] = (), currency: str | None = None) -> bytes:
    """The same as a picture of dots, twice as fine as a screen."""
    whole = _whole(name, frame, width, CHARTS[name].spec(height, scale, currency), title, notes)
    return vl_convert.vegalite_to_png(whole, scale=SHARP, allowed_base_urls=[])


def _whole(name: str, frame: pd.DataFrame, width: int, spec: dict, title: str, notes) -> dict:
    """The spec with data and colours in it. No address may be loaded while it is drawn."""
    records = json.loads(frame[list(CHARTS[name].columns)].to_json(orient="records"))
    spec = theme.themed(spec, theme.LIGHT)
    config = {**spec["config"], "font": FONT}
    alone = {"title": _title(title, notes)} if title else {}
    data = {"name": "table", "values": records}
    return spec | alone | {"config": config, "data": data, "width": width, "padding": 8}


def _title(title: str, notes: tuple[str, ...]) -> dict:
    below = [part for note in notes for part in textwrap.wrap(note, NOTE)]
    small = {"subtitleFontSize": 11, "subtitleColor": theme.LIGHT.muted, "subtitlePadding": 6}
    return {"text": title, "subtitle": below, "anchor": "start", "fontSize": 18, "color": theme.LIGHT.text, "offset": 14} | small
