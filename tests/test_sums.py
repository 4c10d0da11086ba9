"""What is written as parts and a sum adds up as it is written, in every size, sign and unit."""

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_models import locales, words
from cs_models.charts import bridge
from cs_models.sums import level_after, parts_of, written, written_step

AMOUNTS = st.floats(-3e6, 3e6).map(lambda value: round(value, 6))
UNITS = {"": 1, "K": 1000, "M": 1_000_000}


def read(text: str) -> Decimal:
    """What somebody reads: "−$12.3K" is -12,300."""
    sign, number, unit = re.fullmatch(r"([−+]?)\$([\d,.]+)([KM]?)", text).groups()
    return Decimal(number.replace(",", "")) * UNITS[unit] * (-1 if sign == "−" else 1)


@settings(deadline=None)
@given(st.lists(AMOUNTS, min_size=1, max_size=12))
def test_parts_add_up_as_they_are_written_and_none_is_a_step_off(parts):
    total = sum(parts)
    step = written_step([*parts, total])
    shown = parts_of(parts, total)
    assert all(abs(Decimal(str(one)) - Decimal(str(was))) < step for one, was in zip(shown, parts, strict=True))
    assert sum(map(Decimal, map(str, shown))) == (Decimal(str(total)).quantize(Decimal("0.01")) / step).quantize(1) * step
    assert sum(Decimal(str(one)) for one in shown) % step == 0


@pytest.mark.parametrize("parts", [
    [5588.4, 702.4], [0.4, 0.4, 0.4], [60.333, 30.333, 9.333], [12_340.0, 702.0, -61.0], [-1.5, 2.5, -3.5, 4.4]])
def test_the_text_of_the_parts_adds_up_to_the_text_of_the_sum(parts):
    cents = words.share_cents(*parts, sum(parts))
    shown = parts_of(parts, cents=cents)
    assert sum(read(words.money(one, cents=cents)) for one in shown) == read(words.money(sum(parts), cents=cents))


@pytest.mark.parametrize("amount, said", [
    (482_450.0710, "$482.5K"), (482_449.99, "$482.4K"), (482_450.0, "$482.4K"), (482_350.0, "$482.4K"), (2.345, "$2.34"),
    (1_250_000.4, "$1.3M"), (1_249_999.6, "$1.2M"), (702.5, "$702"), (702.51, "$703"), (100.49, "$100")])
def test_an_amount_is_rounded_once_and_alike_in_a_title_on_a_bar_and_beside_a_level(amount, said):
    """By way of whole units 482,450.07 becomes a tie, and another figure than the bar's."""
    assert words.money(amount) == said and words.money(-amount) == f"−{said}"
    assert words.money_interval(amount, amount) == said
    assert words.money(parts_of([amount])[0]) == said
    assert bridge.table(0.0, {"Price": amount}, amount)["Money"].tolist() == ["$0", f"+{said}", said]


@settings(deadline=None)
@given(st.decimals(1, 10**11, places=2), st.sampled_from(("en_US", "de_DE", "en_IN", "ja_JP")))
def test_no_amount_is_written_further_from_itself_than_half_its_step(amount, tag):
    with locales.use(tag):
        step, shown = written_step([amount]), written(amount)
        assert abs(shown - amount) * 2 <= step and shown % step == 0
        assert words.money(shown) == words.money(amount) == words.money(parts_of([float(amount)])[0])


def test_a_part_of_nothing_stays_nothing():
    assert parts_of([0.0, 10.6, 20.7], cents=False)[0] == 0.0


def test_parts_of_another_sum_are_refused():
    with pytest.raises(ValueError, match="not to 700"):
        parts_of([100.0, 200.0], 700.0)


@settings(deadline=None)
@given(AMOUNTS, AMOUNTS)
def test_before_the_change_and_after_add_up_where_they_are_written_alike(before, after):
    cents = words.share_cents(before, after)
    shown, step = level_after(before, after, cents=cents), written_step([before, after], cents=cents)
    texts = [words.money(one, cents=cents) for one in (before, after - before, shown)]
    assert abs(shown - after) <= float(step) + 1e-9
    steps = [written_step([one], cents=cents) for one in (before, after - before, after)]
    if len(set(steps)) > 1:
        assert shown == after
    elif written_step([shown], cents=cents) == step:  # else the sum has grown into the next unit
        assert read(texts[0]) + read(texts[1]) == read(texts[2])


def test_the_bridge_adds_up_bar_by_bar():
    """$5,588 + $702 + $100 is not $6,391."""
    before, steps = 5588.4, {"Price increase": 702.4, "Annual billing": 100.4}
    frame = bridge.frame(before, steps, before + sum(steps.values()))
    said = [read(text) for text in frame["text"]]
    assert sum(said[:-1]) == said[-1]
    assert [read(text) for text in bridge.table(before, steps, before + sum(steps.values()))["Money"]] == said
    alt = words.bridge_alt(before, steps, before + sum(steps.values()))
    assert all(text in alt for text in frame["text"])
