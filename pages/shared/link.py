"""What a link carries: each name in the address bar with its value at rest and the check it must pass."""

import re
from functools import lru_cache
from hashlib import sha256

DATA_SET, PRESENT, SCENARIO = "ds", "present", "scenario"
COMPARED = "compared"  # ids of the saved scenarios that stand side by side
AUTO, NO_SPLIT = "auto", "all"
HORIZONS = (12, 24, 36, 60)
VIEWS = ("new", "existing", "portfolio")
NO, YES = "no", "yes"
GROWTH = ("flat", "seen")  # whether those who stay pay the same for ever, or more as seen so far
MEASURES = ("logos", "gross", "net")
ECONOMICS = {"gross_margin": 0.80, "discount_rate": 0.10, "service_cost": 0.0, "cac": 0.0}
PRICE = "price"  # what customers pay a month, typed for data without prices; 0 = not said
SPEND = "retention_spend"  # what programmes to keep customers cost a month; 0 = not said
HIGHEST = {"gross_margin": 1.0, "discount_rate": 0.5, "service_cost": 1e9, "cac": 1e9, PRICE: 1e9, SPEND: 1e9}
OTHERS = {"horizon": 36, "growth": "flat", "measure": "logos", "view": "new", "by": "", "split": AUTO, PRICE: 0.0}
OTHERS[SPEND] = 0.0
SCREENS = 5  # of the story on a wall; 0 stands for the one a page begins with
OTHERS |= {"step": 0, "amounts": "shown"}
FIRST = "first"
OTHERS[FIRST] = NO  # whether the question is which of two decisions comes first
BACK, OTHERS["back"] = (6, 12, 18, 24), 12  # months to look back; what a back-test of the core offers
CUTOFFS = {"top": (0.0, 0.5), "middle": (0.5, 1.0), "room": (0.05, 0.9), "growth": (0.0, 0.1)}  # ends of the sliders
WEEK = {"call_managers": (2, 0, 10_000), "call_hours": (5.0, 0.0, 168.0), "call_minutes": (30.0, 1.0, 480.0),
        "call_effect": (0.2, 0.0, 1.0)}  # at rest, least, most
COSTS = "costs"  # of winning customers, by group: as `costs_text` writes them
MOST_COSTS = 30  # groups
COST = r"[0-9a-f]{8}[cs]\d{1,13}(\.\d{1,6})?"


@lru_cache(maxsize=1)
def kept() -> dict[str, tuple[object, object]]:
    """Name in the address bar -> (value at rest, check that returns the value or raises ValueError)."""
    from cs_models.four_groups import Cutoffs
    from cs_models.levers import ALL

    known = {name: (rest, _number(0.0, HIGHEST[name])) for name, rest in ECONOMICS.items()}
    for name in (PRICE, SPEND):
        known[name] = (OTHERS[name], _number(0.0, HIGHEST[name]))
    known["horizon"] = (OTHERS["horizon"], _one_of(HORIZONS, int))
    known["growth"] = (OTHERS["growth"], _one_of(GROWTH, str))
    known["view"] = (OTHERS["view"], _one_of(VIEWS, str))
    known["measure"] = (OTHERS["measure"], _one_of(MEASURES, str))
    known["step"] = (OTHERS["step"], _one_of(tuple(range(SCREENS + 1)), int))
    known["amounts"] = (OTHERS["amounts"], _one_of(("shown", "hidden"), str))
    known[FIRST] = (OTHERS[FIRST], _one_of((NO, YES), str))
    known["back"] = (OTHERS["back"], _one_of(BACK, int))
    known["by"] = (OTHERS["by"], _column)
    for name, ends in CUTOFFS.items():
        known[f"four_{name}"] = (getattr(Cutoffs(), name), _number(*ends))
    for name, (rest, *ends) in WEEK.items():
        known[name] = (rest, _number(*ends, type(rest)))
    known[COSTS] = ("", _costs)
    known["split"] = (OTHERS["split"], _column)
    known[COMPARED] = ((), _scenarios)
    for name, lever in ALL.items():
        for parameter in lever.parameters():
            known[f"{name}.{parameter.name}"] = (parameter.rest, _parameter(name, parameter))
    return known


def short(label: str) -> str:
    """What stands for a group in the address bar: its name is the user's own text and stays out of links.

    >>> short("Pro / EMEA")
    '67f877b8'
    """
    return sha256(f"group {label}".encode()).hexdigest()[:8]


def written(value) -> str:
    """A value as it stands in the address bar; the checks read it back."""
    if isinstance(value, (list, tuple)):
        return ".".join(sorted(value))
    return "none" if value is None else str(value)


def costs_text(column: str, costs: dict[str, dict]) -> str:
    """What winning customers of each group of a column costs, as it stands in the address bar: no group's own name.

    >>> costs_text("c1", {"Partner": {"cac": 672.2, "spend": None}})
    'c1_64883fdac672.2'
    """
    parts = [f"{short(name)}{'s' if one['cac'] is None else 'c'}{_amount(one)}" for name, one in costs.items()]
    return "_".join([column, *sorted(parts)]) if parts else ""


def _amount(one: dict) -> str:
    return f"{one['spend'] if one['cac'] is None else one['cac']:.6f}".rstrip("0").rstrip(".")


def costs_of(text: str, names) -> tuple[str, dict[str, dict]]:
    """The column and the costs by group again, of those groups that are there."""
    column, *parts = text.split("_")
    known, found = {short(str(name)): str(name) for name in names}, {}
    for part in parts:
        if part[:8] in known:
            amount, by_head = float(part[9:]), part[8] == "c"
            found[known[part[:8]]] = {"cac": amount if by_head else None, "spend": None if by_head else amount}
    return column, found


def _costs(text: str) -> str:
    column, *parts = text.split("_")
    _column(column)
    if not 0 < len(parts) <= MOST_COSTS or not all(re.fullmatch(COST, part) for part in parts):
        raise ValueError(text)
    return text


def _number(low: float, high: float, kind: type = float):
    def check(text: str) -> float:
        value = kind(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return check


def _column(text: str) -> str:
    """An internal column name; whether the open data set has it is looked at when it is used."""
    if not re.fullmatch(r"plan|interval|year|all|auto|c\d{1,4}", text):
        raise ValueError(text)
    return text


def _groups(text: str) -> tuple[str, ...]:
    """Groups as `short` names them; whether the open data set has them is looked at when they are used."""
    if not re.fullmatch(r"[0-9a-f]{8}(\.[0-9a-f]{8}){0,99}", text):
        raise ValueError(text)
    return tuple(sorted(set(text.split("."))))


def _scenarios(text: str) -> tuple[str, ...]:
    """Ids of saved scenarios; which of them are still there is looked at when they are shown."""
    if not re.fullmatch(r"[\w-]{8,64}(\.[\w-]{8,64}){0,5}", text, re.ASCII):
        raise ValueError(text)
    return tuple(text.split("."))


def _one_of(choices: tuple, kind: type):
    def check(text: str):
        if kind(text) not in choices:
            raise ValueError(text)
        return kind(text)

    return check


def _parameter(lever: str, parameter):
    def check(text: str):
        if text == "none" and parameter.optional:
            return None
        if parameter.kind == "segments":
            return _groups(text)
        value = (
            text if parameter.kind == "choice" else int(text) if parameter.kind == "months" else float(text)
        )
        if parameter.kind in ("share", "number") and not parameter.low <= value <= parameter.high:
            raise ValueError(text)  # beyond what the slider shows
        return parameter.check(lever, value)

    return check
