"""Golden results: what each scenario in sample_data/scenarios does to the sample customers, to the cent.

``python -m sample_data.golden`` writes NAME.expected.csv beside every NAME.json. When a number is meant to change,
run it and read the diff: that is the change a user will see.
"""

import csv
import io
from pathlib import Path

import cs_models as cs

FOLDER = Path(__file__).resolve().parent
SCENARIOS, SAVED = FOLDER / "scenarios", FOLDER / "saved"
HORIZON = 36
HEADER = ("book", "figure", "before", "after", "difference", "low", "high")


def sample_base(draws: int = 500, seed: int = 0) -> cs.Assumptions:
    """The sample customers by segment, with the default economics and a CAC of 3,000."""
    subs = cs.read(FOLDER / "subscriptions.csv")
    return cs.Assumptions.from_data(subs, by=("segment",), cac=3000.0, draws=draws, seed=seed)


def results(base: cs.Assumptions, plan: cs.Scenario) -> list[tuple]:
    """Rows of the golden file: money per customer and in total with its range, the bridge, payback months."""
    change, rows = cs.compare(base, plan, HORIZON), []
    for book, found in (("new", change.new), ("existing", change.existing), ("portfolio", change.portfolio)):
        rows.append((book, "value", found.before, found.after, found.delta, found.low, found.high))
        rows += [(book, f"bridge {lever}", None, None, step, None, None) for lever, step in found.bridge.items()]
    months = change.baseline.payback_months, change.scenario.payback_months
    return rows + [("new", "payback months", *months, months[1] - months[0], None, None)]


def as_text(rows: list[tuple]) -> str:
    """The rows as CSV, money with two decimals."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows([f"{cell:.2f}" if isinstance(cell, float) else cell for cell in row] for row in rows)
    return out.getvalue()


def saved(base: cs.Assumptions) -> str:
    """One scenario as it is saved from the desk, with all that decides its numbers."""
    plan = cs.Scenario("Autumn prices", (
        cs.PriceIncrease(rise=0.08, scope="both", one_off_loss=0.012), cs.Grandfathering(months=6),
        cs.ChurnReduction(reduction=0.05, cost=0.5)))  # fmt: skip
    reasons = "Costs to serve rose; those who have been here longest are told first."
    return cs.SavedScenario.of(cs.compare(base, plan, HORIZON), reasons=reasons).to_json()


def main() -> None:
    """Write every golden file again."""
    base = sample_base()
    for path in sorted(SCENARIOS.glob("*.json")):
        rows = results(base, cs.Scenario.from_json(path.read_text(encoding="utf-8")))
        path.with_suffix(".expected.csv").write_text(as_text(rows), encoding="utf-8", newline="\n")
        print(f"{path.stem}: {rows[0][4]:+.2f} per new customer")
    (SAVED / "autumn_prices.json").write_text(saved(base), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
