"""Numbers and sentences as leaders read them, and text from data that stays text."""

import doctest
from collections import namedtuple
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_models import explanations, words
from cs_models.comparison import Difference
from cs_models.headline import headline

Span = namedtuple("Span", "low high")


def test_examples_in_the_documentation():
    assert doctest.testmod(words).failed == doctest.testmod(explanations).failed == 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "$0"),
        (0.004, "$0"),
        (64.2, "$64.20"),
        (99.994, "$99.99"),
        (99.995, "$100"),
        (1840.4, "$1,840"),
        (9_999.4, "$9,999"),
        (9_999.5, "$10.0K"),
        (10_050, "$10.0K"),
        (12_345, "$12.3K"),
        (999_949, "$999.9K"),
        (999_950, "$1.0M"),
        (1_043_000_000, "$1.0B"),
        (1_340_000, "$1.3M"),
        (-64, "−$64.00"),
        (-1_340_000, "−$1.3M"),
        (None, "–"),
        (float("nan"), "–"),
        (float("inf"), "–"),
    ],
)
def test_money_is_compact_from_ten_thousand_and_exact_below(value, shown):
    assert words.money(value) == shown


def test_money_of_other_places():
    assert words.money(1_234, "JPY") == "¥1,234"
    assert words.money(64.2, "JPY") == "¥64", "a yen has no cents"


def test_differences_carry_their_sign():
    assert words.money(41, sign=True) == "+$41.00"
    assert words.money(-41, sign=True, cents=False) == "−$41"
    assert words.money(0, sign=True) == "$0"
    assert words.money_interval(-5, 18, sign=True) == "−$5 to +$18"
    assert words.money_interval(200.1, 200.2) == "about $200"


@given(st.floats(-1e12, 1e12))
def test_no_amount_is_written_with_a_hyphen(value):
    assert "-" not in words.money(value) + words.points(value / 1e12) + words.percent(value / 1e12)


def test_churn_changes_in_points_and_shares_in_per_cent():
    assert words.points(-0.003) == "−0.3 points"
    assert words.points(0.01) == "+1.0 points"
    assert words.percent(0.0314) == "3.1\xa0%"
    assert words.percent(0.5, 0, tight=True) == "50%"
    assert words.percent(-0.0001) == "0.0\xa0%"


def test_time():
    assert words.months(1) == "1 month"
    assert words.months(4.1) == "4.1 months"
    assert words.payback(None) == "Not within 10 years"
    assert words.day(date(2026, 10, 31)) == "31 Oct 2026"
    assert words.interval_name(12) == "Annual"
    assert words.interval_name(5) == "Every 5 months"


HOSTILE = [
    "![x](http://evil.test/x.png)",
    "$5 vs $7",
    r"$\rule{500em}{500em}$",
    "<img src=http://evil.test>",
    "[pay](http://evil.test)",
    ":red[alarm] :streamlit: :material/home:",
    "# Title",
    "- list\n- list",
    "*a* _b_ `c` ~~d~~ |e|",
    "=1+1",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_every_mark_of_a_hostile_text_is_escaped(text):
    escaped = words.md(text)
    assert "\n" not in escaped
    for place, character in enumerate(escaped):
        if character in "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~":
            assert escaped[:place].endswith("\\"), f"{character} stands bare in {escaped}"
    # Nothing is lost: without the escapes and joiners it is the text again.
    back = escaped.replace("\u2060", "").replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")
    assert back == text.replace("\n", " ")


def test_icon_names_and_addresses_are_broken():
    assert ":streamlit" not in words.md(":streamlit:").replace("\\", "")
    assert "www." not in words.md("www.evil.test").replace("\\", "")
    assert "a@b" not in words.md("a@b.test").replace("\\", "")


def test_control_and_direction_characters_do_nothing():
    assert words.plain("a\tb\x00c\u202ed") == "a b c\ufffdd"


def test_sentences():
    assert explanations.retention_headline(1.0, 0, 1.0, 1.0) == "Too few customers to say how many stay"
    assert explanations.retention_headline(1.0, 24, 1.0, 1.0).endswith("after 24 months: nobody has left yet")
    assert words.paid_or_not(908, 1000) == "908 customers, 92 more never paid"
    assert words.paid_or_not(7, 7) == "7 customers"
    assert explanations.retention_headline(0.786, 24, 0.76, 0.81) == (
        "79 of 100 customers are still subscribed after 24 months (76 to 81)"
    )
    assert words.value_headline(1840, 36) == "A new customer is worth $1,840 over 36 months"
    assert explanations.rows_headline(319, 10) == "All 319 rows are accounted for; 10 rows were left out"
    assert explanations.rows_headline(1, 1) == "All 1 row are accounted for; 1 row was left out"
    assert words.held("at 16.7 % off") == "at 16.7\xa0% off"


def test_the_gap_to_the_usual_formula_is_explained_both_ways():
    assert "does not discount" in explanations.back_of_envelope(5_000, 1_840)
    assert "the loyal stay" in explanations.back_of_envelope(1_000, 1_840)
    assert "as this page does" in explanations.back_of_envelope(1_840.1, 1_840.2)


def test_the_range_of_belief_warns_when_the_sign_hangs_on_it():
    assert explanations.belief(-5, 18, True).startswith("Read with care")
    said = explanations.belief(5, 18, False)
    assert "between +$5 if they differ in loyalty (shown) and +$18 if they were all alike" in said
    assert explanations.belief(639.1, 639.2, False) == "", "two ends that read the same are no range"


def test_numbers_of_one_sentence_share_their_cents():
    assert words.money_interval(96.4, 101.2) == "$96 to $101"
    assert words.with_interval(98, 96.4, 101.2) == "$98 ($96 to $101)"
    assert "$98 over" in words.value_headline(98.3, 36, span=Span(96.4, 101.2))
    assert "+$96 if" in explanations.belief(96.4, 101.2, False)


def test_without_a_cost_to_win_customers_there_is_no_payback():
    assert words.payback(0) == words.ABSENT


def test_the_whole_book_says_what_is_in_it():
    said = explanations.whole_book(2951, 117.6, 36)
    assert "2,951 customers of today and about 118 new ones a month over 36 months" in said
    assert "counts in full" in said
    assert "not known" in explanations.whole_book(2951, 0.0, 36), "a snapshot does not tell who will join"
    assert words.share_of(5, 0) == ""
    assert words.share_of(5, 10) == "+50.0\xa0%"


@pytest.mark.parametrize(("ends", "likely"), [((14.6, 15.4), "$14.60 to $15.40"), ((14.6, 16.4), "$15 to $16"),
                                              ((215.1, 215.3), "about $215"), ((15.0, 15.0), "$15")])
def test_no_range_has_two_ends_that_read_the_same(ends, likely):
    middle = sum(ends) / 2
    said = headline("raising prices", "new", middle, 36, Difference("new", 0.0, 0.0, middle, *ends, 1.0, None), "USD")
    assert said.endswith(f"(likely {likely}).")
    assert said.count(".") == 1 + (2 if "." in likely else 0) + ("." in likely), "one sentence writes its amounts alike"
