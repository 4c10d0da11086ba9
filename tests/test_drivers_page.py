"""The Drivers page: what the data suggest, what the user asks, and the way to the price lever."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.drivers.choices import control_groups
from pages.shared import cache

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Each test keeps its uploads in a folder of its own."""
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    cache.store.clear()


def clean(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].stack_trace
    return at


def opened(data: bytes = b"", **link: str) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, value in link.items():
        at.query_params[name] = value
    clean(at.run())
    if data:
        at.switch_page("pages/data/page.py").run()
        at.file_uploader[0].upload("export.csv", data)
        clean(at.run()).button(key="use").click().run()
    return clean(at.switch_page("pages/drivers/page.py").run())


def shown(at: AppTest) -> str:
    kinds = ("title", "markdown", "caption", "info", "warning", "error")
    return (
        " ".join(str(part.value) for kind in kinds for part in at.get(kind))
        .replace("\\", "")
        .replace("\xa0", " ")
    )


def day(month: int) -> date:
    return date(2022 + month // 12, month % 12 + 1, 5)


def repriced(seed=0, joining=80, months=42, change=24, ratio=1.8, plan="Pro") -> list[str]:
    """Monthly customers whose price goes from 50 to 60 in one month; then they leave `ratio` times as
    fast.
    """
    draw, lines, number = np.random.default_rng(seed), [], 0
    for start in range(months):
        for _ in range(joining):
            number += 1
            left = next((m for m in range(start + 1, months)
                         if draw.random() < 0.05 * (ratio if m >= change else 1)), None)  # fmt: skip
            end = day(left).isoformat() if left else ""
            name = f"{plan}{number}"
            if start < change and (left is None or left > change):
                lines += [
                    f"{name},{day(start)},{day(change)},{plan},50",
                    f"{name},{day(change)},{end},{plan},60",
                ]
            else:
                lines.append(f"{name},{day(start)},{end},{plan},{60 if start >= change else 50}")
    return lines


def as_file(lines) -> bytes:
    return ("customer,start,end,plan,mrr\n" + "\n".join(lines) + "\n").encode()


def test_the_sample_rise_is_suggested_and_has_no_effect():
    at = opened()
    labels = " | ".join(button.label for button in at.button).replace("\\", "").replace("\xa0", " ")
    assert "April 2025: new customers pay 8 % more" in labels
    assert "No lasting effect of the price change of April 2025" in shown(at)
    assert "Association, not cause" in shown(at) and "44 % less" in shown(at)
    assert "Checks" in at.expander[1].label or any("Checks" in box.label for box in at.expander)


def test_a_rise_that_drove_customers_away_is_found_and_goes_to_the_lever():
    at = opened(as_file(repriced()))
    month = next(box for box in at.selectbox if box.label == "First month at the new price")
    assert month.value == "2024-01", "the widest rise in the data is asked about first"
    assert "After the price change of January 2024 customers left" in shown(at)
    at.button(key="use-price").click().run()
    clean(at)
    assert float(at.query_params["PriceIncrease.rise"]) == 0.2
    assert "PriceIncrease.scope" not in at.query_params, "everybody is where the lever stands at rest"
    assert float(at.query_params["PriceIncrease.churn_elasticity"]) == 2.0, (
        "1.8 after 20 % is cut to the lever's 2"
    )
    assert at.slider(key="PriceIncrease.rise").value == 0.2


def test_another_month_and_a_control_group_can_be_asked():
    lines = repriced(1) + [line.replace("60", "50") for line in repriced(2, ratio=1.0, plan="Basic")]
    at = opened(as_file(lines))
    control = next(box for box in at.selectbox if box.label.startswith("Kept"))
    assert list(control.options)[0] == "None" and len(control.options) == 3
    control.set_value('["plan", "Basic"]').run()
    assert "against customers of Basic" in shown(clean(at))


def test_too_few_departures_hide_the_estimate():
    at = opened(as_file(repriced(3, joining=4)))
    assert "Cannot detect" in shown(at) and not [b for b in at.button if b.key == "use-price"]


@pytest.mark.parametrize("data, words", [
    (b"customer,start,end\n" + b"".join(b"C%d,2025-0%d-01,2025-0%d-28\n" % (n, 1 + n % 5, 6 + n % 3) for n in range(40)),
     ("no segment columns", "less than 18 months", "Nobody in this file is billed annually")),
    (b"customer,start,end,mrr\n" + b"".join(b"C%d,%d-0%d-01,,5\n" % (n, 2022 + n % 4, 1 + n % 5) for n in range(40)),
     ("no segment columns", "Choose the month", "No month shows a rise")),
])  # fmt: skip
def test_what_is_missing_is_a_sentence(data, words):
    text = shown(opened(data))
    assert not [word for word in words if word not in text]


def test_a_snapshot_says_that_it_has_no_dates():
    text = shown(opened(ds="sample-snapshot"))
    assert "This file has no dates, so there is no month to look before and after" in text


def test_names_of_the_file_are_only_names():
    name = "![x](http://evil.test/x.png) $5 vs $7 C(x)"
    lines = repriced(4, plan="Pro") + repriced(5, plan=name)
    at = opened(as_file(lines))
    texts = [str(e.value) for kind in ("markdown", "title", "caption", "info") for e in at.get(kind)]
    assert not [text for text in texts if "![x](" in text]


def test_control_groups_are_the_plans_that_have_customers():
    import cs_models as cs

    found = control_groups(cs.read(ROOT / "sample_data" / "subscriptions.csv"))
    assert found[""] == "None" and "plan: Core" in found.values() and "segment: Enterprise" in found.values()
