"""One file per layout of export. A new file with a `LAYOUT` (a shape) or `VENDORS` (exports of one billing
system) in this folder is found by itself.
"""

import importlib
import pkgutil
from functools import cache

from cs_models.importers.layout import Layout, Role
from cs_models.problems import Problem

__all__ = ["Layout", "Role", "layouts", "layout", "vendors", "template_csv"]


@cache
def layouts() -> dict[str, Layout]:
    """The general shapes by name."""
    return {found.name: found for found in _declared("LAYOUT") if isinstance(found, Layout)}


@cache
def vendors() -> dict[str, Layout]:
    """Named exports of billing systems by name; each outscores every shape on a file of its own."""
    return {found.name: found for declared in _declared("VENDORS") for found in declared}


def layout(name: str) -> Layout:
    """The shape or vendor's export of that name; Problem naming the shapes otherwise."""
    found = layouts().get(name) or vendors().get(name)
    if found is None:
        raise Problem(f'There is no layout "{name[:40]}". Choose from: {", ".join(layouts())}.')
    return found


def _declared(attribute: str) -> list:
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [getattr(module, attribute) for module in modules if hasattr(module, attribute)]


def template_csv(name: str) -> str:
    """A small CSV to start from: the header and a few example rows, which read back without a finding."""
    return "".join(",".join(row) + "\r\n" for row in layout(name).template)
