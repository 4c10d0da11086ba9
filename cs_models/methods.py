"""Every formula and every assumption as they stand in the code, in sections: what the Methods page shows.

Nothing is written twice: texts come from the docstrings of public names, levers and retention models, ranges
and evidence from the declarations of the levers, choices from the definitions of the open data.
"""

import inspect
import re
from dataclasses import dataclass, replace
from importlib import import_module
from pkgutil import iter_modules

from cs_models import words
from cs_models.definitions import Definitions
from cs_models.glossary import HELP, LABELS
from cs_models.levers import ALL, Parameter
from cs_models.retention.registry import models

PARAMETER_COLUMNS = (
    "What you set", "Range on screen", "Suggested", "At rest", "Where the number comes from", "Meaning",
)  # fmt: skip
SWITCH_COLUMNS = ("Definition", "Counted now", "Usually", "Meaning")
CODE = re.compile(r"(`+)([^`]+)\1")
RESULT = ": the result"
WORDS_KEPT = {"mrr": "MRR", "cac": "CAC", "clv": "CLV", "kaplan": "Kaplan", "meier": "Meier", "monte": "Monte",
              "carlo": "Carlo", "sobol": "Sobol", "todays": "today's"}  # fmt: skip
TITLES = {  # where the words of the name do not say it
    "Assumptions": "Assumptions: what is believed before any decision", "at": "The data as they stood on an earlier day",
    "Definitions": "Definitions: what counts as leaving", "fit": "Fit a retention curve",
    "ImportProblem": "A file that cannot be read", "inspect": "Look into a file before reading it",
    "interval": "Range of a lifetime value", "naive": "ARPU × margin ÷ churn", "Problem": "A question that has no answer",
    "RetentionCurve": "Retention curve: the result of a fit", "read": "Read a file",
    "SavedScenario": "A scenario as a file", "Scenario": "Scenario: a list of decisions",
    "Subscriptions": "Subscriptions: the rows that were read", "kaplan_meier": "Kaplan-Meier: the observed curve",
    "sobol": "Sobol: which belief matters most", "tornado": "Tornado: one belief at a time",
    "compare": "Compare a plan with today", "value": "Lifetime value", "Change": "Change: a plan beside today",
    "back_test": "Back-test", "BackTest": "Back-test: the result", "break_even": "Break-even", "log_rank": "Log-rank test",
    "two_way_map": "Two figures turned together", "forgone": "Revenue forgone by keeping old prices",
    "events_needed": "Departures a trial needs", "size_experiment": "Size of a trial", "month_ends": "The book at month ends",
    "reconcile": "Why our churn differs from another system's", "expansions": "Expansion by group",
    "check_claims": "What articles claim", "check_health": "Were the chances to leave right?", "metrics": "Metrics by month",
    "rank_tactics": "Playbook: tactics ranked", "migrations": "Moves to another plan",
    "restricted_value": "Value within the months observed", "Valuation": "Valuation: the result",
}  # fmt: skip
MONEY_NOTE = " in the data's currency"


@dataclass(frozen=True)
class Entry:
    """One thing explained. `name` as in code, `title` for people, `text` in paragraphs (a docstring), `call`
    how it is called ("" when it is not), `columns` and `rows` a table of texts.
    """

    name: str
    title: str
    text: str = ""
    call: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def anchor(self) -> str:
        """What a link to it ends with: "life-table" for life_table, "lifetable" for LifeTable."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    def says(self, wanted: str) -> bool:
        """Whether all words of a search are in it, in any order and case."""
        cells = (cell for row in self.rows for cell in row)
        everything = " ".join([self.name, self.title, self.text, *cells]).lower()
        return all(word in everything for word in wanted.lower().split())


@dataclass(frozen=True)
class Section:
    """A part of the page: `anchor` for links, what it is about, its entries."""

    anchor: str
    title: str
    about: str
    entries: tuple[Entry, ...]


def sections(subs=None) -> tuple[Section, ...]:
    """All sections in the order of the page, with the definitions in force for `subs` or the usual ones."""
    chosen = Definitions() if subs is None else Definitions.of(subs)
    return (
        Section("leaving", "What counts as leaving", chosen.sentence(), (_switches(chosen),)),
        Section(
            "levers",
            "Levers",
            "What each decision does to the customers, with the range, the suggestion and the evidence of "
            "every number. Whatever the order of clicks, they act in one fixed order.",
            tuple(_lever(name, lever) for name, lever in ALL.items()),
        ),
        Section(
            "models",
            "Retention models",
            "How the chance of leaving depends on the months served. All are fitted to the same counts by "
            "the same likelihood.",
            tuple(_model(model) for model in models().values()),
        ),
        Section(
            "formulas",
            "Formulas",
            "Every public name of the core, as a notebook would call it.",
            tuple(public_entries()),
        ),
        Section("words", "Words", "What each number on the pages is called and means.", (_glossary(),)),
    )


def search(found: tuple[Section, ...], wanted: str) -> tuple[Section, ...]:
    """The sections with the entries that say all words asked for; sections without one are left out."""
    if not wanted.strip():
        return found
    kept = (replace(s, entries=tuple(e for e in s.entries if e.says(wanted))) for s in found)
    return tuple(section for section in kept if section.entries)


def counted(found: tuple[Section, ...]) -> int:
    """How many entries there are."""
    return sum(len(section.entries) for section in found)


def blocks(text: str) -> list[tuple[str, str]]:
    """A docstring in pieces: ("text", a paragraph on one line), ("point", item of a list), ("example", lines).

    >>> blocks("Churn.\\n\\n* new: who\\n  joined\\n* old\\n\\n>>> 1 + 1\\n2")
    [('text', 'Churn.'), ('point', 'new: who joined'), ('point', 'old'), ('example', '>>> 1 + 1\\n2')]
    """
    found = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        prose, mark, example = paragraph.partition(">>> ")
        if mark and not prose.strip(" ").endswith("\n") and prose.strip():
            prose, mark, example = paragraph, "", ""
        if all(line.startswith("    ") for line in prose.splitlines()) and prose.strip():
            found.append(("example", inspect.cleandoc(prose)))
        elif prose.strip():
            head, *points = re.split(r"(?m)^\* ", prose)
            pieces = [("text", head), *(("point", point) for point in points)]
            found += [(kind, " ".join(piece.split())) for kind, piece in pieces if piece.strip()]
        if mark:
            found.append(("example", inspect.cleandoc(mark + example)))
    return found


def prose(text: str) -> str:
    r"""A piece as markdown: what stands between backticks is code, everything else is shown as it is written.

    >>> prose("`S(t)` is 5 *and* $6")
    '`S(t)` is 5 \\*and\\* \\$6'
    """
    parts, at = [], 0
    for match in CODE.finditer(text):
        parts += [words.md(text[at : match.start()]), f"`{words.plain(match[2])}`"]
        at = match.end()
    return "".join([*parts, words.md(text[at:])])


def public_entries() -> list[Entry]:
    """One entry per public name with a docstring; levers and modules stand elsewhere."""
    package = import_module("cs_models")
    found = []
    for name in sorted(set(package.__all__) - set(ALL), key=str.lower):
        thing = getattr(package, name)
        text = described(thing)
        if text and (inspect.isfunction(thing) or inspect.isclass(thing)):
            call = f"cs.{name}{_signature(thing)}" if inspect.isfunction(thing) else ""
            call = call or f"cs.{name}"
            found.append(Entry(name, titled(name), "\n\n".join([text, *_class_parts(thing)]), call))
    return sorted(found, key=lambda entry: entry.title.lower())


def titled(name: str) -> str:
    """A public name as a heading. What a function gives back bears the same words in one piece.

    >>> titled("mrr_movements"), titled("life_table"), titled("LifeTable"), titled("back_test")
    ('MRR movements', 'Life table', 'Life table: the result', 'Back-test')
    """
    if name in TITLES:
        return TITLES[name]
    parts = [part if part in WORDS_KEPT else part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
    text = " ".join(WORDS_KEPT.get(part, part) for part in parts)
    return text[:1].upper() + text[1:] + (RESULT if name[:1].isupper() else "")


def described(thing) -> str:
    """The docstring somebody wrote; "" where Python made one up for a dataclass."""
    own = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    made_up = inspect.isclass(thing) and (own or "").startswith(f"{thing.__name__}(")
    return "" if made_up or not own else inspect.cleandoc(own)


def _class_parts(thing) -> list[str]:
    """Public methods and properties of a class, each with its own text."""
    if not inspect.isclass(thing):
        return []
    found = []
    for name, member in vars(thing).items():
        inner = (getattr(member, own, None) for own in ("__func__", "fget", "func"))
        plain = next(filter(None, inner), member)
        if not name.startswith("_") and inspect.isfunction(plain) and inspect.getdoc(plain):
            found.append(f"`.{name}`: {inspect.getdoc(plain)}")
    return found


def _signature(thing) -> str:
    """Names and defaults; notes on types are for editors."""
    parameters = inspect.signature(thing).parameters.values()
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
    return str(inspect.Signature(bare))


def _switches(chosen: Definitions) -> Entry:
    rows = tuple(
        (one.label, _said(one, getattr(chosen, one.name)), _said(one, one.default), one.help)
        for one in Definitions.switches()
    )
    return Entry("definitions in force", "Definitions in force", "", "", SWITCH_COLUMNS, rows)


def _said(switch, choice: str) -> str:
    phrase = switch.phrase(choice)
    return phrase[:1].upper() + phrase[1:]


def _lever(name: str, lever) -> Entry:
    rows = tuple(
        (p.label, _range(p), shown(p, p.default), shown(p, p.rest), p.evidence, p.help)
        for p in lever.parameters()
    )
    return Entry(name, lever.title, described(lever), "", PARAMETER_COLUMNS, rows)


def _range(parameter: Parameter) -> str:
    if parameter.kind == "segments":
        return "any of the groups"
    if parameter.kind == "choice":
        return " / ".join(title for _, title in parameter.choices)
    ends = f"{shown(parameter, parameter.low)} to {shown(parameter, parameter.high)}"
    return f"{ends}, or always" if parameter.optional else ends


def shown(parameter: Parameter, value) -> str:
    """A value of a parameter as people read it: .1 is "10 %" for a share, None is "always"."""
    if value is None:
        return "always"
    if parameter.kind == "segments":
        return ", ".join(value) or "everybody"
    if parameter.kind == "choice":
        return dict(parameter.choices)[value]
    if parameter.kind == "share":
        return words.percent(value).replace(".0\xa0", "\xa0")
    if parameter.kind == "months":
        return words.months(value)
    return f"{value:g}" + (MONEY_NOTE if parameter.kind == "money" else "")


def _model(model) -> Entry:
    """The module that declares it tells the idea, the fit how it is found."""
    module = next(module for module in _retention_modules() if getattr(module, "MODEL", None) is model)
    texts = [described(module), described(getattr(model.fit, "func", model.fit))]
    return Entry(model.name, model.title, "\n\n".join(text for text in texts if text))


def _retention_modules():
    package = import_module("cs_models.retention")
    return (import_module(f"{package.__name__}.{found.name}") for found in iter_modules(package.__path__))


def _glossary() -> Entry:
    names = list(dict.fromkeys([*LABELS, *HELP]))
    rows = tuple((LABELS[n], HELP.get(n, "")) for n in names)
    return Entry("Glossary", "Glossary", "", "", ("Word", "Meaning"), rows)
