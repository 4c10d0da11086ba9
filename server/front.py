"""What stands between the network and the pages: the middleware, outermost first, and the server's own addresses."""

import sys

from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit import config

from pages.shared import who
from server import metrics, oidc, selftest, settings, warm
from server.gate import Guard
from server.headers import Headers
from server.uploads import Uploads
from server.warm import lifespan  # noqa: F401  the app asks the front


def middleware() -> list[Middleware]:
    """For `st.App`: every request passes these in this order before Streamlit sees it.

    SystemExit with a sentence a reason where the server would be open, or its settings are not in force.
    """
    try:
        gate = settings.read(settings.place())
        selftest.check(gate, settings.place())
        door = oidc.Door(oidc.auth(settings.place())) if gate.kind == who.OIDC else None
    except settings.Closed as error:
        sys.exit(f"Perennial does not start.\n{error}")
    who.rule(gate.rules())
    if door is not None:
        oidc.in_force(settings.place())
    if gate.kind == who.PROXY:  # so that Streamlit hands a session to nobody else
        config.set_option("server.trustedUserHeaders", {gate.header: "email"})
    return [Middleware(Headers), Middleware(Guard, gate=gate, door=door), Middleware(Uploads)]


def routes() -> list[Route]:
    """Addresses that are no page: is the server well, and what has it done."""
    return [Route(warm.PATH, warm.health), Route(metrics.PATH, metrics.metrics)]
