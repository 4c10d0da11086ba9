"""The counters of this server in the OpenMetrics format, for whoever watches it."""

import os

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from pages.shared.counters import MEANING, Key, counted

PATH = "/metrics"
KIND = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def asked_for() -> bool:
    """PERENNIAL_METRICS=yes; without it the address does not exist."""
    return os.environ.get("PERENNIAL_METRICS", "") == "yes"


def text(values: dict[Key, float]) -> str:
    """Counters as OpenMetrics. A counter nobody moved yet is 0.

    >>> print(text({("problems", "Problem"): 2}).splitlines()[-2])
    perennial_fit_seconds_total 0
    """
    lines = []
    for name, meaning in MEANING.items():
        lines += [f"# TYPE perennial_{name} counter", f"# HELP perennial_{name} {meaning}."]
        own = sorted((label, value) for (kind, label), value in values.items() if kind == name) or [("", 0)]
        for label, value in own:
            tag = f'{{class="{label}"}}' if label else ""
            lines.append(f"perennial_{name}_total{tag} {value:g}")
    return "\n".join([*lines, "# EOF"]) + "\n"


async def metrics(_request: Request) -> PlainTextResponse:
    """The counters, or 404 where nobody asked for them."""
    if not asked_for():
        return PlainTextResponse("Not found", 404)
    return PlainTextResponse(text(counted()), media_type=KIND)
