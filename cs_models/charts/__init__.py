"""Charts: a tidy table goes in, a drawing comes out; nothing here computes a result.

Each module declares one `CHART`. The names of columns are our own: what a user called a segment is a value in
a cell and never part of a spec. A spec is made once per size and kept; a page sends new data to it.

>>> {'bridge', 'cohorts', 'cumulative'} <= set(CHARTS)
True
"""

import importlib
import json
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import altair as alt
import pandas as pd

from cs_models import locales
from cs_models.charts import theme

PAGE, STAGE = 1.0, 1.4  # sizes: on a desk, on a wall
NO_CHARTS = {"theme", "lines", "curves"}  # shared by the builders


@dataclass(frozen=True)
class Chart:
    """One kind of chart.

    `columns` is the tidy table it draws, `build(height, scale)` makes the drawing without data, `example()`
    is a small table for tests and documentation, `height` the usual height in pixels, `money` the columns in which
    a reader of the page's source would find amounts.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    build: Callable[[float, float], alt.TopLevelMixin]
    example: Callable[[], pd.DataFrame]
    height: int = 320
    money: tuple[str, ...] = ()

    def spec(self, height: int | None = None, scale: float = PAGE, currency: str | None = None) -> dict:
        """The Vega-Lite spec without data, made once per size (45 ms the first time), locale and currency.

        Money on an axis bears the sign of `currency`, and none without it.
        """
        own = (self.name, height or self.height, scale)
        return json.loads(_localized(*own, currency, locales.tag()))

    def drawing(
        self, frame: pd.DataFrame, tokens: theme.Tokens = theme.LIGHT, currency: str | None = None
    ) -> alt.TopLevelMixin:
        """The chart with its data and colours, for a notebook or a picture file."""
        records = json.loads(frame[list(self.columns)].to_json(orient="records"))
        spec = theme.themed(self.spec(currency=currency), tokens) | {"data": {"values": records}, "width": 720}
        return alt.Chart.from_dict(spec)


@lru_cache(maxsize=512)
def _localized(name: str, height: int, scale: float, currency: str | None, _tag: str) -> str:
    """The spec with the labels of its axes in the viewer's locale, and that locale for all the browser writes."""
    labels = {theme.SHORT_NUMBER: locales.axis(), theme.SHORT_MONEY: locales.axis(currency)}
    spec = _labelled(json.loads(_spec(name, height, scale)), labels)
    return json.dumps(spec | {"config": {"locale": locales.vega()}})


def _labelled(part, labels: dict[str, str]):
    if isinstance(part, dict):
        return {key: labels.get(value, value) if key == "labelExpr" and isinstance(value, str) else _labelled(value, labels)
                for key, value in part.items()}  # fmt: skip
    return [_labelled(value, labels) for value in part] if isinstance(part, list) else part


@lru_cache(maxsize=64)
def _spec(name: str, height: int, scale: float) -> str:
    spec = CHARTS[name].build(height, scale).to_dict()
    kept = {key: part for key, part in spec.items() if key not in ("data", "datasets", "config")}
    return json.dumps(_as_one(kept))


def _as_one(part):
    """Layers take the one table of the whole chart; a name per layer would look for another. Who listens hears the one
    sentence of the chart: its marks, a hundred of them without a name, are silent."""
    if isinstance(part, list):
        return [_as_one(value) for value in part]
    if not isinstance(part, dict):
        return part
    return {key: value | {"aria": False} if key == "mark" else _as_one(value) for key, value in part.items() if key != "data"}


def _discover() -> dict[str, Chart]:
    modules = (m.name for m in pkgutil.iter_modules(__path__) if m.name not in NO_CHARTS)
    charts = [importlib.import_module(f"{__name__}.{name}").CHART for name in sorted(modules)]
    return {chart.name: chart for chart in charts}


# The modules import Chart from here, so they are loaded last.
CHARTS = _discover()
