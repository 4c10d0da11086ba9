"""The shelf as one person sees it: what was saved on data that are not for him is not there."""

from datetime import datetime

from cs_models.problems import Problem
from pages.shared import who

OTHERS_NEWER = "Somebody saved a newer version on data that are not shared. Save yours as a scenario of its own."
OTHERS_TOO = "Some versions of this scenario are not for you to see. Only somebody who sees all of them may do that."


class OurShelf:
    """`cs_models.shelf.Shelf` for whoever looks: the same questions, asked of what he may see."""

    def __init__(self, shelf) -> None:
        self._shelf = shelf

    def get(self, scenario: str):
        entry = self._shelf.get(scenario)
        if not who.reads(entry):
            from cs_models.shelf.shelf import UNKNOWN

            raise Problem(UNKNOWN)
        return entry

    def history(self, scenario: str) -> tuple:
        self.get(scenario)
        return self._seen(scenario)

    def _seen(self, scenario: str) -> tuple:
        return tuple(one for one in self._shelf.history(scenario) if who.reads(one))

    def newest(self, scenario: str):
        self.get(scenario)
        found = self._shelf.newest(scenario)
        return found if who.reads(found) else self._seen(scenario)[-1]

    def list(self, deleted: bool = False) -> tuple:
        """The newest version of each scenario that he may see, the latest saved first."""
        found = (one if who.reads(one) else next(iter(self._seen(one.id)[::-1]), None) for one in self._shelf.list(deleted))
        return tuple(sorted(filter(None, found), key=lambda one: one.created_at, reverse=True))

    def many(self) -> int:
        """How many there are for him; how many others keep to themselves is not told."""
        return len(self.list()) if who.tells_apart() else self._shelf.many()

    def comments(self, scenario: str) -> tuple:
        there = {one.id for one in self.history(scenario)}
        return tuple(one for one in self._shelf.comments(scenario) if one.scenario in there)

    def comment(self, scenario: str, author: str, text: str, at: datetime):
        self.get(scenario)
        return self._shelf.comment(scenario, author, text, at)

    def save(self, draft, author: str, at: datetime, parent: str | None = None, copy: bool = False):
        from cs_models.shelf import Conflict

        who.must_edit()
        if parent is not None:
            self.get(parent)
        try:
            return self._shelf.save(draft, author, at, parent, copy, who.who().id)
        except Conflict as conflict:
            if not who.reads(conflict.newest):
                raise Problem(OTHERS_NEWER) from None
            raise

    def delete(self, scenario: str, author: str, at: datetime) -> None:
        """Put it away, all its versions; refused to a viewer, and to whoever does not see each of them."""
        self._all_of(scenario)
        self._shelf.delete(scenario, author, at)

    def restore(self, scenario: str, author: str, at: datetime) -> None:
        self._all_of(scenario)
        self._shelf.restore(scenario, author, at)

    def _all_of(self, scenario: str) -> None:
        """Problem for a viewer, and where a version is not for whoever asks."""
        who.must_edit()
        self.get(scenario)
        if not all(map(who.reads, self._shelf.history(scenario))):
            raise Problem(OTHERS_TOO)
