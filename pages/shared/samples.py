"""The made-up firms that come with the project: a place to look before there are own data."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = "sample"
# id -> what it is called, and its file in sample_data/
SAMPLES = {
    SAMPLE: ("A software firm: subscriptions by month and year", "subscriptions.csv"),
    "sample-snapshot": ("The same kind of firm as a snapshot without dates", "snapshot.csv"),
    "sample-faults": ("An export with faults, to see how they are told", "subscriptions_dirty.csv"),
}
