"""What an import layout declares once: its columns, the names they go by, and how rows become
subscriptions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from cs_models.kept_property import kept
from cs_models.problems import ImportProblem
from cs_models.readers.table import TextTable
from cs_models.subscriptions import Subscriptions, normalised


UNUSUAL = 0.4


@dataclass(frozen=True)
class Role:
    """One thing a layout wants to know: `name` in mappings, `title` and `help` on the screen, `aliases` in
    files.
    """

    name: str
    title: str
    required: bool
    aliases: tuple[str, ...]
    help: str = ""

    @kept
    def words(self) -> tuple[str, ...]:
        """Its aliases as headers are compared."""
        return tuple(map(normalised, self.aliases))


@dataclass(frozen=True, eq=False)
class Layout:
    """One shape of export. `build(table, mapping, as_of, answers)` reads it; `template` is rows that read
    back clean.
    """

    name: str
    title: str
    about: str
    roles: tuple[Role, ...]
    build: Callable[[TextTable, Mapping[str, str], date | None, Mapping[str, str]], Subscriptions]
    template: tuple[tuple[str, ...], ...]
    available: str = ""
    # groups of roles of which at least one must be mapped, beyond those marked required
    one_of: tuple[tuple[str, ...], ...] = field(default=())
    # a file that fits no shape completely is told what the usual ones would need
    usual: bool = True

    def recognise(
        self, headers: tuple[str, ...], given: Mapping[str, str | None] | None = None
    ) -> dict[str, str]:
        """Which header plays which role, by name; what the user chose goes first. Each header plays one
        role.
        """
        given = given or {}
        mapping = {role: header for role, header in given.items() if header}
        free = {}
        for header in headers:
            if header not in mapping.values():
                free.setdefault(normalised(header), header)
        for role in self.roles:
            if role.name in given:
                continue
            alias = next((a for a in (normalised(role.name), *role.words) if a in free), None)
            if alias:
                mapping[role.name] = free.pop(alias)
        return mapping

    def missing(self, mapping: Mapping[str, str]) -> tuple[Role, ...]:
        """Required roles without a column."""
        return tuple(role for role in self.roles if role.required and role.name not in mapping)

    def score(self, headers: tuple[str, ...], given: Mapping[str, str | None] | None = None) -> float:
        """How well the headers fit: 1 and more when every required column is there, a share of them
        otherwise.
        """
        mapping = self.recognise(headers, given)
        required = [role for role in self.roles if role.required]
        found = sum(role.name in mapping for role in required) / len(required)
        return (found if self.usual else found * UNUSUAL) if found < 1 else 1 + len(mapping)

    def role(self, name: str) -> Role:
        """The role of that name; ImportProblem naming the roles otherwise."""
        for role in self.roles:
            if role.name == name:
                return role
        names = ", ".join(role.name for role in self.roles)
        raise ImportProblem(f'"{name}" is not a column this layout knows. Choose from: {names}.')
