"""Every kind of chart, drawn exactly as it is kept in charts_svg: a changed look is a changed file, read in the diff.

The letters are measured in a font that comes with the library, so a drawing does not depend on the machine.
"""

import pytest

from cs_models.charts import CHARTS
from scripts.draw_charts import FOLDER, drawing


def test_every_kind_of_chart_is_kept_and_no_other():
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(CHARTS)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_looks_as_it_is_kept(name):
    kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert "mark container" not in kept.replace("group mark container", ""), "who listens hears the alt text alone"
    assert drawing(name) == kept, "Was it meant? Run make golden and look at the picture in the diff."
