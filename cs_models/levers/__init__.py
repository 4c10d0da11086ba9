"""One file per decision. A new lever is one new file here; it appears on the page, in JSON and in the tests."""

from importlib import import_module
from pkgutil import iter_modules

from cs_models.levers.base import Detail, Lever, Stage
from cs_models.levers.fields import Parameter

__all__ = ["ALL", "Detail", "Lever", "Parameter", "Stage"]


def _discover() -> dict[str, type[Lever]]:
    """All levers by class name, in the order of the business story."""
    for module in iter_modules(__path__, f"{__name__}."):
        import_module(module.name)
    found = sorted(Lever.__subclasses__(), key=lambda lever: (lever.order, lever.__name__))
    return {lever.__name__: lever for lever in found}


ALL = _discover()
