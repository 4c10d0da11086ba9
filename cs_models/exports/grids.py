"""The tables of a story as texts, the same in every kind of file."""

from dataclasses import dataclass

from cs_models import words
from cs_models.charts import bridge as drawn
from cs_models.exports.contents import Story
from cs_models.glossary import LABELS

BOOKS = {"new": "Per new customer", "existing": "Per existing customer", "portfolio": "Whole book"}


@dataclass(frozen=True)
class Grid:
    """A table as texts; numbers: places of the columns that hold numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    numbers: tuple[int, ...] = ()


def money_cards(story: Story) -> tuple[tuple[str, str, str, str], ...]:
    """(label, value, note, tone) of the numbers that stand first; tone "gain", "loss" or ""."""
    one, over = story.main, f"{story.owner}, {words.months(story.horizon)}"
    if not story.plan:
        return tuple((words.months(months), story.money(worth), f"95 %: {story.around(low, high)}", "")
                     for months, worth, low, high in story.worth)
    tone = "gain" if one.delta > 0 else "loss" if one.delta < 0 else ""
    return (("Today", story.money(one.before), over, ""), ("With the scenario", story.after(one), over, ""),
            ("Difference", story.money(one.delta, True), story.around(one.low, one.high, True), tone))


def grids(story: Story) -> tuple[Grid, ...]:
    """Every table of a story that has something in it, in the order of the telling."""
    found = (bridge(story), staying(story), decisions(story), assumptions(story), facts(story), definitions(story))
    return tuple(one for one in found if one.rows)


def books(story: Story) -> Grid:
    """Before, after and the difference with its range, for new customers, those of today and the whole book."""
    note = f"Over {words.months(story.horizon)}, discounted; CAC is taken off the whole book only."
    if not story.plan:
        rows = tuple((words.months(months), story.money(worth), story.around(low, high))
                     for months, worth, low, high in story.worth)
        return Grid("What a customer is worth", ("Horizon", story.owner.capitalize(), "95 % range"), rows, note, (1, 2))
    rows = tuple((BOOKS[one.book], story.money(one.before), story.after(one), story.money(one.delta, True),
                  story.around(one.low, one.high, True), words.ABSENT if one.probability is None
                  else words.percent(one.probability, 0)) for one in story.lines)
    names = ("Whose value", "Today", "Scenario", "Difference", "95 % range", "Pays in")
    return Grid("How sure the answer is", names, rows, f"{note} “Pays in”: of resampled data sets. {story.doubt}".strip(),
                (1, 2, 3, 4, 5))


def staying(story: Story) -> Grid:
    """Share still subscribed, every sixth month and the last."""
    months = story.curves["month"].tolist()
    shown = story.curves[[month % 6 == 0 or month == months[-1] for month in months]]
    cases = {"baseline": "Today"} | ({"scenario": "Scenario"} if story.plan else {})
    rows = []
    for _, row in shown.iterrows():
        cells = [words.count(row["month"])]
        for case in cases:
            low, high = (words.percent(row[f"{case}_{end}"]) for end in ("low", "high"))
            cells += [words.percent(row[case]), f"{low} to {high}"]
        rows.append(tuple(cells))
    names = ("Month", *(name for case in cases.values() for name in (case, "95 % range")))
    return Grid(f"{story.who} still subscribed", names, tuple(rows), "", tuple(range(1, len(names))))


def decisions(story: Story) -> Grid:
    """Each value of each decision with its evidence: the same rows in every file."""
    rows: list = []
    above = ""
    for one in story.settings:
        rows.append(("" if one.decision == above else one.decision, one.label, one.value, one.evidence))
        above = one.decision
    names = ("Decision", "Value", "Set to", "Source")
    return Grid("The plan: every value and where it comes from", names, tuple(rows))


def assumptions(story: Story) -> Grid:
    rows = tuple((one.label, one.value, one.evidence) for one in story.assumptions)
    return Grid("What is assumed before any decision", ("Assumption", "Value", "Source"), rows)


def facts(story: Story) -> Grid:
    return Grid("Where the numbers come from", ("", "Value"), story.facts)


def definitions(story: Story) -> Grid:
    return Grid("What the words mean", ("Word", "Meaning"), story.definitions)


def bridge(story: Story) -> Grid:
    """The bridge as numbers, as they stand on its bars: today, each decision, with the plan."""
    one, head = story.main, ("Step", LABELS["clv"] if story.main.book == "new" else "Money")
    bars = drawn.table(one.before, story.steps, one.after, story.currency)
    return Grid("What each decision adds", head, tuple(bars.itertuples(index=False, name=None)) if story.steps else (), "", (1,))
