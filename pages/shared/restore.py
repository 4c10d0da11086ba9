"""A saved scenario as the values a page keeps: what a link to it restores, and what in it cannot be shown here."""

from cs_models.saved import SavedScenario
from pages.shared import link

MONEY = ("gross_margin", "discount_rate", "service_cost", "cac")


def values(saved: SavedScenario) -> tuple[dict[str, object], list[str]]:
    """Name -> value for everything the scenario decides, and the names of those that a page cannot show."""
    wanted, known, broken = _wanted(saved), link.kept(), []
    found = {name: rest for name, (rest, _) in known.items() if name.partition(".")[0] != name or name in wanted}
    for name, value in wanted.items():
        rest, check = known[name]
        if value == rest:
            continue
        try:
            found[name] = check(link.written(value))
        except ValueError:
            broken.append(name)
    return found, broken


def _wanted(saved: SavedScenario) -> dict[str, object]:
    said = saved.economics
    found = {name: getattr(said, name) for name in MONEY}
    found |= {"horizon": saved.horizon, "growth": "seen" if said.expansion else "flat", link.PRICE: saved.price}
    found["split"] = said.by[0] if said.by else link.NO_SPLIT
    if saved.figure:
        found["view"] = saved.figure.book
    for lever in saved.scenario.levers:
        for parameter in lever.parameters():
            value = getattr(lever, parameter.name)
            value = tuple(map(link.short, value)) if parameter.kind == "segments" else value
            found[f"{type(lever).__name__}.{parameter.name}"] = value
    return found


def decisions(saved: SavedScenario) -> set[str]:
    """The decisions that stand on the table: those of the file that are not at rest."""
    return {type(lever).__name__ for lever in saved.scenario.levers if not lever.is_at_rest()}
