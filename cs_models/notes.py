"""How the numbers of a page are worked out, in three sentences, and where the Methods page says more."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """`text`: how it is worked out; `find`: what to search for on the Methods page."""

    text: str
    find: str


NOTES = {
    "Overview": Note(
        "Lifetime value adds up the margin of each month a customer is expected to stay, discounted. How long they stay "
        "is a curve fitted to your customers; its range comes from 500 resamples of them. MRR, churn and retained "
        "revenue are counted from the file, not modelled.", "lifetime"),
    "Retention": Note(
        "Steps are the share still here among those who could be (Kaplan-Meier), with a 95 % band. The line is a fitted "
        "curve: it lets customers differ in loyalty, so churn falls with age. Beyond the last month anybody was seen it "
        "is dotted.", "kaplan"),
    "Drivers": Note(
        "Groups are compared at the same age, everything else known of them held equal. A ratio of 2 means they leave "
        "twice as fast. It shows what goes together, not what causes what.", "hazard ratios"),
    "Lifetime value": Note(
        "Share still here × margin × discount, added up over the months of the horizon. Existing customers are valued from "
        "the age each has reached. Acquisition cost is not deducted; payback compares it with the margin.", "valuation"),
    "Scenarios": Note(
        "Today and the scenario use the same customers and the same resamples, so the range is that of the difference. "
        "Every decision acts on 64 kinds of customer, from loyal to leaving, and not on an average. The bridge shares out "
        "what decisions do together over every order of taking them.", "compare"),
    "Playbook": Note(
        "Each tactic is a modest setting of the levers, alone, on your customers. Money is the change of what the whole "
        "book earns a month. The sizes are assumptions, the same for every company.", "tactics"),
    "Segments": Note(
        "Customers are grouped by what they pay and by the value still to come of them. Growth is split into earlier "
        "customers and new business. CAC by channel is as you type it.", "groups"),
    "Customers": Note(
        "A regression of leaving on what is known of each customer, small groups drawn towards the average. It is checked "
        "on months it has not seen. Value saved an hour is chance × value × effect of a call.", "health"),
    "Back-test": Note(
        "Everything after an earlier day is forgotten, the model is fitted again and its forecast laid beside what came. "
        "Two simple rules are measured the same way.", "back-test"),
    "Saved": Note(
        "A saved scenario keeps everything that decides its numbers: levers, economics, horizon, definitions and which data "
        "it was made on. An edit is a new version; nothing is overwritten. Compared scenarios use the same resamples, so "
        "their difference has a range of its own.", "savedscenario"),
    "Data": Note(
        "The file is read as text first, its layout recognised by its headers, and every row accepted, repaired or "
        "rejected with a reason. What only you can know is asked.", "subscriptions"),
}  # fmt: skip
