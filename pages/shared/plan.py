"""The plan on the table: which decisions it holds, and how a question, a file or a button changes it.

A decision is on the table when it was asked for, added, or moved by a link or another page; taking it off puts
its figures to rest. Groups of customers are kept by a short name: no link holds what a user called them.
"""

from cs_models.levers import ALL, Lever, Parameter, Stage
from cs_models.playbook import TACTICS
from cs_models import words
from cs_models.problems import Problem
from pages.shared import answers, keys, link, session
from pages.shared.keys import NOWHERE

FIRST = link.FIRST  # the question which of two decisions is worth more
FIRST_OF = ("onboarding", "dunning")  # the tactics it compares
# A question needs more than one lever where one alone changes nothing, and where it compares two.
TOGETHER = {"Grandfathering": ("PriceIncrease", "Grandfathering"), FIRST: ("Onboarding", "Dunning")}
# Whose value a question is about, where it is not that of whom the page speaks of.
ABOUT = {"Grandfathering": "existing", FIRST: "portfolio"}
KINDS = {
    "Price": ("PriceIncrease", "Grandfathering"),
    "Billing": ("AnnualBilling", "Dunning"),
    "Keep customers": ("Onboarding", "ChurnReduction", "AccountManagement"),
    "Grow the accounts there are": ("Expansion",),
    "Win customers": ("WinBack", "Referral", "Acquisition"),
}
OTHER = "More"


def key(lever: str, parameter: str) -> str:
    return f"{lever}.{parameter}"


def kinds() -> dict[str, tuple[str, ...]]:
    """Levers by what they are about; one that no heading names stands under the last."""
    named = {name for names in KINDS.values() for name in names}
    found = {title: tuple(name for name in names if name in ALL) for title, names in KINDS.items()}
    found[OTHER] = tuple(name for name in ALL if name not in named)
    return {title: names for title, names in found.items() if names}


def question(name: str) -> str:
    """What a leader asks: of a lever as it is declared there, or which of two comes first."""
    return "Fix onboarding or failed payments first?" if name == FIRST else ALL[name].question


def lever(name: str) -> Lever:
    """One of them by its class name."""
    return ALL[name](**{p.name: _value(name, p) for p in ALL[name].parameters()})


def levers() -> tuple[Lever, ...]:
    """All levers as they stand, drawn on this page or not."""
    return tuple(map(lever, ALL))


def _value(name: str, parameter: Parameter):
    kept = session.value(key(name, parameter.name))
    return labels(kept) if parameter.kind == "segments" else kept


def groups() -> dict[str, str]:
    """The short name and the label of every group the open data are fitted by."""
    return keys.groups(answers.base())


def labels(kept) -> tuple[str, ...]:
    """Labels of groups kept by their short names; one the data do not have reaches nobody, and says so."""
    if not kept:
        return ()
    known = groups()
    return tuple(dict.fromkeys(known.get(short, NOWHERE) for short in kept))


def aims_at_nobody(plan: tuple[Lever, ...]) -> bool:
    """Whether a decision is for groups that these data, split as they are now, do not have."""
    return any(NOWHERE in lever.segments for lever in plan)


def shown(given: tuple[Lever, ...] = ()) -> tuple[str, ...]:
    """Names of the decisions on the table, in the order of the business story; also one that is set and brings nothing.

    given: `levers()`, for a caller that has them already.
    """
    there, given = session.decisions(), given or levers()
    there.update(name for name, lever in zip(ALL, given, strict=True) if not lever.is_at_rest() or lever.why_nothing(given))
    return tuple(name for name in ALL if name in there)


def set_levers(given: tuple[Lever, ...]) -> None:
    """Put every lever where a scenario has it; those it does not name go to rest. For callbacks only."""
    for lever in given:
        _refuse(lever)
    session.close_scenario()
    by_name = {type(lever).__name__: lever for lever in given}
    there = session.decisions()
    there.clear()
    there.update(by_name)
    for name, kind in ALL.items():
        _write(by_name.get(name, kind.at_rest()))
    session.put(FIRST, link.OTHERS[FIRST])


def _write(lever: Lever) -> None:
    for parameter in lever.parameters():
        value = getattr(lever, parameter.name)
        if parameter.kind == "segments":
            value = tuple(map(link.short, value))
        session.put(key(type(lever).__name__, parameter.name), value)


def _refuse(lever: Lever) -> None:
    """A file may hold what the core can work out and this page cannot show."""
    for parameter in lever.parameters():
        value = getattr(lever, parameter.name)
        bounded = parameter.kind in ("share", "number", "months") and value is not None
        if bounded and not parameter.low <= value <= parameter.high:
            raise Problem(
                f"{lever.title}, {parameter.label.lower()}: {_number(value)} lies beyond what this page "
                f"shows ({_number(parameter.low)} to {_number(parameter.high)})."
            )
    if lever.segments and (unknown := sorted(set(lever.segments) - set(groups().values()))):
        raise Problem(
            f"{lever.title}: the scenario is for {', '.join(unknown[:3])}, which is no group of these data as they "
            "are split now. Choose other customer groups under “Margin, cost, CAC and groups”, then open the file "
            "again."
        )


def _number(value: float) -> str:
    return words.decimal(value, 0 if value % 1 == 0 else 2)


def rest_all() -> None:
    """Callback: the table is empty again."""
    set_levers(())
    session.put("view", link.OTHERS["view"])


def ask(name: str) -> None:
    """Callback: only the levers of one question, where it suggests them, in the view it is about."""
    set_levers(_settings(name))
    session.put(FIRST, link.YES if name == FIRST else link.NO)
    _look_at(name)


def _settings(name: str) -> tuple[Lever, ...]:
    """The levers of a question. Which of two comes first is asked of the playbook's tactics, costs and all, so that
    both pages give one answer.
    """
    if name == FIRST:
        return tuple(lever for tactic in TACTICS if tactic.key in FIRST_OF for lever in tactic.levers(answers.base()))
    return tuple(ALL[lever].suggested() for lever in TOGETHER.get(name, (name,)))


def add(name: str) -> None:
    """Callback: one decision more, with what it needs beside it; those on the table stay as they are."""
    there = shown()
    for lever in TOGETHER.get(name, (name,)):
        if lever == name or lever not in there:
            _write(ALL[lever].suggested())
            session.decisions().add(lever)
    _look_at(name)


def _look_at(name: str) -> None:
    """Who wins customers changes the whole book and nobody's value in it."""
    wins = name in ALL and ALL[name].stage is Stage.ACQUISITION
    about = "portfolio" if wins else ABOUT.get(name)
    if about:
        session.put("view", about)


def remove(name: str) -> None:
    """Callback: take one decision off the table; which of two comes first is no question of those that stay."""
    _write(ALL[name].at_rest())
    session.decisions().discard(name)
    session.put(FIRST, link.OTHERS[FIRST])
