"""The Retention page as a script: customers or revenue, reasons, chance, intakes; never a traceback."""

from test_pages import app, captions, cards, charts, clean, confirmed, go, own_folder, title  # noqa: F401


def said(at) -> str:
    return " ".join(part.value.replace("\\", "") for part in at.markdown)


def test_the_title_answers_for_what_is_chosen():
    at = app("retention")
    assert "of 100 customers are still subscribed after 24 months" in title(at)
    for measure, more in (("gross", "without what they bought"), ("net", "with what they bought")):
        at = app("retention", measure=measure)
        assert "Of every $100 customers began with, $" in title(at) and more in title(at)
    assert "Net revenue retention" in cards(at)


def test_groups_are_told_apart_in_one_sentence():
    at = app("retention", by="c0")
    assert "Small business customers leave faster than Enterprise; chance alone would show this" in said(at)
    assert "not an effect" in captions(at) and "Monthly payers only" in captions(at)
    assert "Monthly customers leave faster than Annual" in said(app("retention", by="interval"))


def test_years_of_sign_up_and_the_newest_customers():
    at = app("retention", by="year", measure="net")
    assert "No sign that newer customers leave at another pace" in said(at)
    assert "they chose their group" not in captions(at)


def test_reasons_are_told_or_their_absence():
    told = "Of 100 customers who began, 34 chose to leave within 24 months and 12 were lost"
    assert told in said(app("retention"))
    silent = b"customer,start,end,mrr\n" + b"".join(
        b"C%d,2025-0%d-01,%s,50\n" % (n, 1 + n % 6, b"2025-09-28" if n % 3 else b"")
        for n in range(90))  # fmt: skip
    at = go(confirmed(silent), "retention")
    assert any("does not say why customers left" in info.value.replace("\\", "") for info in at.info)


def drawn(at) -> str:
    """The specs and data of the charts, as text."""
    return " ".join(str(chart.proto) for chart in charts(at))


def test_intakes_by_quarter_and_by_renewal():
    at = app("retention")
    assert "hatched" in captions(at) and "Months since sign-up" in drawn(at)
    assert "The newest 18 of " in captions(at) and "“Show numbers” has every one." in captions(at)
    clean(at.segmented_control(key="cohort-every").set_value(3).run())
    clean(at.segmented_control(key="cohort-billed").set_value(12).run())
    assert at.segmented_control(key="cohort-every-renewal").value == 3 and "2025 Q1" in drawn(at)
    assert '"title": "Renewal"' in drawn(at).replace("\\", "")
    for value in ("gross", "mrr"):
        clean(at.segmented_control(key="cohort-value").set_value(value).run())


def test_a_cost_to_win_a_customer_is_earned_back():
    assert "Enter what it costs to win one" in said(app("retention"))
    assert "The average customer earns back $900 in 5 months" in said(app("retention", cac="900"))


def test_data_without_dates_or_customers():
    triangle = b"cohort,0,1,2,3\n2024-01,100,80,70,60\n2024-02,100,82,71,\n2024-03,100,79,,\n"
    snapshot = b"customerID,tenure,Churn\n" + b"".join(
        b"C%d,%d,%s\n" % (n, 1 + n % 20, b"Yes" if n % 3 == 0 else b"No") for n in range(120))  # fmt: skip
    for content, why in ((triangle, "counts of whole cohorts"), (snapshot, "A snapshot has no dates")):
        at = go(confirmed(content), "retention")
        assert any(why in info.value for info in at.info)
        assert "of 100 customers are still subscribed" in title(at)
        assert "What each intake has brought" not in cards(at)
