"""Draw every kind of chart on its own example into tests/charts_svg, light colours: `python -m scripts.draw_charts`.

A test compares them letter by letter. After a change that was meant, run this (or make golden), look at the pictures in
the diff, and keep them.
"""

from pathlib import Path

from cs_models.charts import CHARTS
from cs_models.exports.pictures import svg

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "charts_svg"


def drawing(name: str) -> str:
    """A chart with the data of its example, a tag a line, so that a diff can be read."""
    return svg(name, CHARTS[name].example(), width=480).replace("><", ">\n<") + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.svg"):
        old.unlink()
    for name in CHARTS:
        (FOLDER / f"{name}.svg").write_text(drawing(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
