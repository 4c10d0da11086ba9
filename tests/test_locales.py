"""Numbers, money, dates and per cent as the reader writes them, against Babel and CLDR themselves."""

import json
import re
from datetime import date
from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent

from cs_models import locales, words
from cs_models.charts import CHARTS

PLACES = {"de_DE": "EUR", "fr_FR": "EUR", "en_GB": "GBP", "ja_JP": "JPY", "en_IN": "INR", "pt_BR": "BRL", "sv_SE": "SEK"}
EVERYWHERE = pytest.mark.parametrize(("place", "currency"), PLACES.items(), ids=PLACES)


@pytest.fixture(autouse=True)
def nobody_watching(monkeypatch):
    monkeypatch.setattr(locales, "_viewers", [])


@EVERYWHERE
@pytest.mark.parametrize("amount", [100, 114, 1_840, 9_999])
def test_below_ten_thousand_money_is_what_babel_writes_without_decimals(place, currency, amount):
    pattern = re.sub(r"0\.0+", "0", Locale.parse(place).currency_formats["standard"].pattern)
    wanted = format_currency(amount, currency, format=pattern, locale=place, currency_digits=False)
    with locales.use(place):
        assert words.money(amount, currency) == wanted
        assert words.money(-amount, currency) == "−" + wanted


@EVERYWHERE
def test_below_a_hundred_money_has_the_cents_the_currency_has(place, currency):
    with locales.use(place):
        assert words.money(64.2, currency) == format_currency(Decimal("64.2"), currency, locale=place)
        assert ("64" == re.sub(r"\D", "", words.money(64.2, currency))) == (currency == "JPY")


@EVERYWHERE
@pytest.mark.parametrize("amount", [12_300, 456_700, 1_300_000, 34_500_000, 2_100_000_000])
def test_from_ten_thousand_on_money_is_compact_with_one_decimal_as_babel_writes_it(place, currency, amount):
    babel = format_compact_currency(amount, currency, locale=place, fraction_digits=1)
    with locales.use(place):
        said = words.money(amount, currency)
    if "Mio" not in babel and "Mrd" not in babel and place == "de_DE":
        assert said == format_decimal(amount, locale=place) + "\xa0€", "German has no short thousand"
        return
    # Babel leaves a decimal of nought away; nothing else may differ.
    assert re.sub(r"[.,]0(?!\d)", "", said) == re.sub(r"[.,]0(?!\d)", "", babel)
    assert re.search(r"\d[.,]\d(?!\d)", said)


def test_a_rounding_onto_the_next_unit_takes_its_name():
    said = {}
    for place, amount in (("en_US", 999_950), ("en_IN", 99_960), ("de_DE", 999_999.6), ("ja_JP", 99_999_600)):
        with locales.use(place):
            said[place] = words.money(amount, PLACES.get(place, "USD"))
    assert said == {"en_US": "$1.0M", "en_IN": "₹1.0L", "de_DE": "1,0\xa0Mio.\xa0€", "ja_JP": "￥1.0億"}


@EVERYWHERE
@pytest.mark.parametrize("share", [0.031, 0.5, -0.004])
def test_per_cent_is_babel_s_and_never_without_its_space(place, currency, share):
    wanted = format_percent(abs(Decimal(str(share))), locale=place, format="#,##0.0%")
    with locales.use(place):
        said = words.percent(share)
        assert said[:-1].strip("−\xa0\u202f") == wanted[:-1] and re.search(r"\d[\xa0\u202f]%$", said)
        assert said.startswith("−") == (share < 0) and "-" not in said
        assert words.percent(share, 0, tight=True).strip("−")[-2].isdigit()


def test_a_share_in_turkish_has_its_sign_in_front():
    with locales.use("tr-TR"):
        assert words.percent(0.031) == "%3,1"


MONTHS = {"de_DE": ("31. Okt. 2026", "Oktober 2026"), "fr_FR": ("31 oct. 2026", "octobre 2026"),
          "en_GB": ("31 Oct 2026", "October 2026"), "ja_JP": ("2026年10月31日", "2026年10月"),
          "en_IN": ("31 Oct 2026", "October 2026"), "pt_BR": ("31 de out. de 2026", "outubro de 2026"),
          "sv_SE": ("31 okt. 2026", "oktober 2026"), "en_US": ("31 Oct 2026", "October 2026")}  # fmt: skip


@pytest.mark.parametrize("first", ["ja_JP", "he_IL", "de_DE"])
def test_dates_of_one_place_never_wear_the_months_of_another(first):
    """Babel 2.18 keeps stand-alone month names of the locale that asked first for all that follow."""
    for place in (first, *MONTHS):
        with locales.use(place):
            said = words.day(date(2026, 10, 31)), words.month("2026-10")
            if place in MONTHS:
                assert said == MONTHS[place]
                assert locales.vega()["time"]["shortMonths"][9] in words.month("2026-10", short=True)


def test_a_range_and_a_sentence_in_german():
    with locales.use("de-DE"):
        assert words.money_interval(114.2, 130.4, "USD") == "114\xa0$ to 130\xa0$"
        assert words.value_headline(1840, 36, "EUR").startswith("A new customer is worth 1.840\xa0€ over 36 months")
        assert words.points(-0.003) == "−0,3 points" and words.ratio(1.8) == "1,80"
        assert words.counted(12_482, "row") == "12.482 rows" and words.months(4.1) == "4,1 months"
        assert "$" not in words.md("114 $ to 130 $").replace("\\$", ""), "no dollar is left to begin a formula"


def test_a_sentence_kept_with_the_data_is_told_in_the_reader_s_numbers():
    kept = 'Row 1,204: 12,345,678 cells, 0.5 of them, come to 9,999.50 USD on 2024-03-04; 03.04.2024 in "1,000.5" of a-1,000.'
    with locales.use("de-DE"):
        said = locales.retold(kept)
        assert said.startswith("Row 1.204: 12.345.678 cells, 0,5 of them, come to 9.999,50 USD on 2024-03-04; 03.04.2024 in ")
        assert said.endswith('"1,000.5" of a-1,000.'), "what a file says stays as it is"
        assert locales.retold(said) == said, "what is told already is not told again"
    assert locales.retold(kept) == kept


@pytest.mark.parametrize("tag", ["de-DE", "zh-Hans-CN", "en", "xx-YY", "", "../../etc", "de_DE.UTF-8", "a" * 300])
def test_whatever_a_browser_says_there_is_a_locale(tag):
    with locales.use(tag):
        assert words.money(1_234, "EUR")
    assert locales.tag() == "en_US"


def test_the_viewer_is_asked_each_time_and_a_choice_goes_first():
    answers = iter(["de-DE", None, "fr-FR"])
    locales.ask(lambda: next(answers))
    assert [locales.tag() for _ in range(2)] == ["de_DE", "en_US"]
    with locales.use("sv-SE"):
        assert locales.tag() == "sv_SE"
    assert locales.tag() == "fr_FR"


def test_what_is_kept_with_sentences_is_kept_for_each_locale():
    from pages.shared.spoken import kept

    asked = []

    @kept(max_entries=4, show_spinner=False)
    def said(number):
        asked.append(number)
        return words.count(number)

    for _ in range(2):
        for place, wanted in (("de_DE", "1.234"), ("en_US", "1,234")):
            with locales.use(place):
                assert said(1234) == wanted
    assert asked == [1234, 1234], "once for each locale"


def test_an_amount_is_written_anew_for_each_locale_and_forgotten_when_asked():
    for _ in range(2):
        for place, wanted in (("de_DE", "12.345 $"), ("en_US", "$12.3K")):
            with locales.use(place):
                assert words.money(12_345).replace("\xa0", " ") == wanted
                assert words.money(41.2) != words.money(41.2, cents=False) != words.money(41.2, "EUR", cents=False)
    caches = [found for found in vars(words).values() if hasattr(found, "cache_info")]
    assert any(one.cache_info().currsize for one in caches)
    words.let_go()
    assert len(caches) == 2 and not any(one.cache_info().currsize for one in caches)


def _uncached(made):
    def asked(**named):
        return made(**named)

    asked.clear = lambda: None
    return asked


def test_a_run_of_a_page_looks_up_once_what_it_asks_again(monkeypatch):
    from contextvars import copy_context
    from types import SimpleNamespace

    from pages.shared import spoken

    asked = []
    monkeypatch.setattr(spoken, "st", SimpleNamespace(cache_resource=lambda **options: _uncached))

    @spoken.kept()
    def said(number, more=0):
        asked.append((number, more))
        return [words.count(number + more)]

    @spoken.kept()
    def doubled(number):
        return words.count(2 * number)

    with locales.use("en_US"), spoken.run():
        first = said(1234)
        assert doubled(1234) == "2,468", "another question with the same number"
        with spoken.run():  # a part drawn alone inside of a page
            assert said(1234) is first is said(number=1234)
        assert said(1234) is first and said(1234, 1) == ["1,235"] and said(2) == ["2"]
        with locales.use("de_DE"):
            assert said(1234) == ["1.234"]
        outlives = copy_context()
    assert asked == [(1234, 0), (1234, 1), (2, 0), (1234, 0)], "once a number, more and locale"
    assert not outlives[spoken._had], "what was said goes with the run"
    for _ in range(2):
        outlives.run(said, 1234)
    said(1234)
    assert len(asked) == 7 and not outlives[spoken._had], "whoever outlives the run looks up each time and keeps nothing"
    with pytest.raises(ValueError), spoken.run():
        raise ValueError
    assert spoken._had.get() is None


def test_doubt_is_told_to_each_visitor_in_his_own_numbers(monkeypatch):
    import cs_models as cs
    from pages.shared import cache_scenarios

    plan = cs.Scenario("", (cs.PriceIncrease(rise=0.1, one_off_loss=0.025),))
    change = cs.compare(cs.Assumptions.flat(0.05, 5000, 0.8, 0.1, 12), plan, 12)
    monkeypatch.setattr(cache_scenarios, "_change", lambda asked: change)
    said = {}
    for place, wanted in (("de_DE", {"1,5 % per 1 % of price", "0,8 %"}), ("en_US", {"1.5 % per 1 % of price", "0.8 %"})):
        with locales.use(place):
            swings = cache_scenarios.tornado("whoever asks", "new").swings
            told = {one.low_words for one in swings} | {one.high_words for one in swings}
            said[place] = cache_scenarios.monte_carlo("whoever asks", "new").sentence
            assert wanted <= {text.replace("\xa0", " ") for text in told}
    assert "$" in said["en_US"] and said["de_DE"] != said["en_US"]


# --- charts ---


def test_a_spec_changes_with_the_locale_and_the_currency_and_with_nothing_else():
    kind = CHARTS["movements"]
    usual = kind.spec(currency="EUR")
    assert usual == kind.spec(currency="EUR") and usual != kind.spec(currency="USD")
    with locales.use("de_DE"):
        german = kind.spec(currency="EUR")
    assert german["config"]["locale"]["number"]["decimal"] == ","
    assert german["config"]["locale"]["number"]["percent"] == "\xa0%"
    assert german["config"]["locale"]["time"]["months"][2] == "März"
    assert "Mio.\xa0€" in json.dumps(german, ensure_ascii=False) and "Mio" not in json.dumps(usual)
    assert {**german, "config": 0, "layer": 0} == {**usual, "config": 0, "layer": 0}


def axis_label(value: float, currency: str | None) -> str:
    """What Vega itself makes of a label."""
    import vl_convert

    spec = {"data": {"values": [{"v": value}]}, "mark": "point", "config": {"locale": locales.vega()},
            "encoding": {"x": {"field": "v", "type": "quantitative", "scale": {"domain": [value, value + 1]},
                               "axis": {"values": [value], "labelExpr": locales.axis(currency)}}}}  # fmt: skip
    svg = vl_convert.vegalite_to_svg(spec)
    return next(text for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg) if re.search(r"\d", text))


@pytest.mark.parametrize(
    ("place", "currency", "value", "label"),
    [
        ("en_US", "USD", 0, "$0"),
        ("en_US", "USD", -64, "−$64"),
        ("en_US", "USD", 0.25, "$0.25"),
        ("en_US", "USD", 25_000, "$25K"),
        ("en_US", "USD", 2_500_000, "$2.5M"),
        ("en_US", "USD", -1_200_000_000, "−$1.2B"),
        ("en_US", None, 2_500, "2.5K"),
        ("de_DE", "EUR", 25_000, "25.000\xa0€"),
        ("de_DE", "EUR", 1_250_000, "1,25\xa0Mio.\xa0€"),
        ("ja_JP", "JPY", 250_000, "￥25万"),
        ("en_IN", "INR", 250_000, "₹2.5L"),
        ("fr_FR", "EUR", 2_500, "2,5\xa0k\xa0€"),
    ],
)
def test_labels_of_axes_are_written_like_the_money_beside_them(place, currency, value, label):
    with locales.use(place):
        assert axis_label(value, currency) == label


def test_within_a_page_the_viewer_is_asked_once(monkeypatch):
    from pages.shared import session

    asked = iter(["de-DE", None])
    monkeypatch.setattr(session, "_reader", lambda: next(asked))
    with session.reading():
        assert [locales.tag() for _ in range(3)] == ["de_DE"] * 3
    with session.reading():
        assert locales.tag() == "en_US"
    assert list(asked) == []
