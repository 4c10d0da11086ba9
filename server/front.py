"""What stands between the network and the pages: the middleware, outermost first, and the server's own addresses."""

from starlette.middleware import Middleware
from starlette.routing import Route

from server import metrics, warm
from server.headers import Headers
from server.warm import lifespan  # noqa: F401  the app asks the front


def middleware() -> list[Middleware]:
    """For `st.App`: every request passes these in this order before Streamlit sees it."""
    return [Middleware(Headers)]


def routes() -> list[Route]:
    """Addresses that are no page: is the server well, and what has it done."""
    return [Route(warm.PATH, warm.health), Route(metrics.PATH, metrics.metrics)]
