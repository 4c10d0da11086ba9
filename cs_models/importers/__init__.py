"""One file per layout of export. A new file with a `LAYOUT` in this folder is found by itself."""

import importlib
import pkgutil
from functools import cache

from cs_models.importers.layout import Layout, Role
from cs_models.problems import Problem

__all__ = ["Layout", "Role", "layouts", "layout", "template_csv"]


@cache
def layouts() -> dict[str, Layout]:
    """All layouts by name, best-documented shape first."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        declared = getattr(importlib.import_module(f"{__name__}.{module.name}"), "LAYOUT", None)
        if isinstance(declared, Layout):
            found[declared.name] = declared
    return found


def layout(name: str) -> Layout:
    """The layout of that name; Problem naming the choices otherwise."""
    if name in layouts():
        return layouts()[name]
    raise Problem(f'There is no layout "{name}". Choose from: {", ".join(layouts())}.')


def template_csv(name: str) -> str:
    """A small CSV to start from: the header and a few example rows, which read back without a finding."""
    return "".join(",".join(row) + "\r\n" for row in layout(name).template)
