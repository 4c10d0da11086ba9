"""A named list of decisions, as data: JSON in, JSON out, applied in one fixed order."""

import json
from dataclasses import dataclass

from cs_models.kept_property import kept
from cs_models.levers import ALL, Detail, Lever
from cs_models.problems import Problem

VERSION = 2  # 1: failed payments were a kind of churn reduction


@dataclass(frozen=True)
class Scenario:
    """Decisions with a name. Their order on the page does not matter: they act by stage.

    >>> Scenario("Autumn", (ALL["PriceIncrease"](rise=0.10, scope="new"), ALL["ChurnReduction"]())).sentence()
    'raising prices 10 % for new customers and cutting churn by 10 %'
    """

    name: str
    levers: tuple[Lever, ...] = ()

    def __post_init__(self):
        given = (self.levers,) if isinstance(self.levers, Lever) else self.levers
        object.__setattr__(self, "levers", tuple(given))
        for lever in self.levers:
            if not isinstance(lever, Lever):
                raise Problem(f"A scenario is made of levers; found {type(lever).__name__}.")

    @kept
    def active(self) -> tuple[Lever, ...]:
        """Levers that change something, in the order they act."""
        moving = [lever for lever in self.levers if not lever.is_idle(self.levers)]
        # Two of a kind act in the order of their settings, so that the order of clicks cannot matter.
        return tuple(sorted(moving, key=lambda lever: (lever.stage, lever.order, _text(lever))))

    def acting(self, book: str) -> tuple:
        """What its levers do in a book: equal for plans that move it alike, whatever their figures that move nothing say."""
        return tuple(filter(None, (lever.acting(book) for lever in self.active)))

    def nobody_left(self, cells, book: str) -> str:
        """The clause of the first decision that finds nobody to act on among the cells; "" where all find somebody."""
        return next((said for lever in self.levers if (said := lever.nobody_left(cells, book))), "")

    @kept
    def detail(self) -> Detail:
        """How finely the existing book must be cut for these levers."""
        found = Detail()
        for lever in self.active:
            found = found | lever.detail()
        return found

    def sentence(self, customers: bool = True, book: str = "") -> str:
        """The decisions as words: "raising prices 10 % for everybody and cutting churn by 10 %".

        customers: whether there are customers of today, who could leave over a decision; book: whose value the
        sentence is about, to leave out what moves nothing in it, "" for all of the plan.
        """
        phrases = [lever.phrase(self.active, customers, book) for lever in sorted(self.active, key=lambda lever: lever.order)]
        if len(phrases) < 2:
            return "".join(phrases)
        # A phrase may end in a comma of its own.
        return ", ".join([*map(alone, phrases[:-2]), phrases[-2]]) + " and " + phrases[-1]

    def told(self) -> str:
        """The decisions as a sentence of its own, under a headline that does not name them."""
        return introduced(self.sentence())

    def to_json(self) -> str:
        """The scenario as a small file that gives the same numbers anywhere."""
        return json.dumps(self._data(), indent=2) + "\n"

    def canonical(self) -> str:
        """One line that is equal for equal scenarios: the key for caches."""
        return json.dumps(self._data()["levers"], sort_keys=True, separators=(",", ":"))

    def _data(self) -> dict:
        levers = [_entry(lever) for lever in self.levers]
        return {"perennial_scenario": VERSION, "name": self.name, "levers": levers}

    @classmethod
    def from_json(cls, text: str) -> "Scenario":
        """Read a scenario file; a Problem says what is wrong with it."""
        try:
            data = json.loads(text)
        except (TypeError, ValueError) as error:
            raise Problem("This is not a scenario file: it is not valid JSON. Download one from the Scenarios page.") from error
        if not isinstance(data, dict) or not isinstance(data.get("levers"), list):
            raise Problem("This is not a scenario file: it has no list of levers.")
        version, entries = data.get("perennial_scenario"), data["levers"]
        if isinstance(version, bool) or version not in (1, VERSION):
            raise Problem(f"This scenario is of version {version!r}; versions 1 and {VERSION} are read here.")
        if version == 1:
            entries = [_from_version_1(entry) for entry in entries]
        return cls(str(data.get("name") or "Scenario"), tuple(_lever(entry) for entry in entries))


def _entry(lever: Lever) -> dict:
    return {"lever": type(lever).__name__} | {one.name: getattr(lever, one.name) for one in lever.parameters()}


def _text(lever: Lever) -> str:
    return json.dumps(_entry(lever), sort_keys=True)


def _from_version_1(entry):
    """Failed payments are a lever of their own now; the numbers stay what they were."""
    if not isinstance(entry, dict) or entry.get("lever") != "ChurnReduction":
        return entry
    values = dict(entry)
    if values.pop("cause", "all") != "failed payments":
        return values
    if values.get("first_months") is not None:
        raise Problem("This scenario cuts failed payments in the first months only, which is not offered any more. "
                      'Take "first_months" out of the file, or "cause".')
    kept = {name: values[name] for name in ("cost", "scope") if name in values}
    return {"lever": "Dunning", "recovered_now": 0.0, "recovered": values.get("reduction", 0.1), "quality": 1.0} | kept


def _lever(entry) -> Lever:
    """One lever from its JSON object; unknown names and parameters are refused by name."""
    values = dict(entry) if isinstance(entry, dict) else {}
    name = values.pop("lever", None)
    if not isinstance(name, str) or name not in ALL:
        raise Problem(f"Unknown lever {name!r}. Known: {', '.join(ALL)}.")
    known = {parameter.name for parameter in ALL[name].parameters()}
    if unknown := sorted(set(values) - known):
        raise Problem(f"{name} has no parameter {unknown[0]!r}. Known: {', '.join(sorted(known))}.")
    return ALL[name](**values)


def introduced(phrase: str) -> str:
    """
    >>> introduced("raising prices 10 % for everybody, with 1.5 % leaving over it,"), introduced("")
    ('The plan: raising prices 10 % for everybody, with 1.5 % leaving over it.', 'The plan: nothing is changed.')
    """
    return f"The plan: {alone(phrase) or 'nothing is changed'}."


def alone(phrase: str) -> str:
    """A phrase with nothing after it: without the comma it may end in before a verb."""
    return phrase.rstrip(",")
