"""Cross-origin requests of the web apps that the settings name, and of no others (Fetch standard).

Tokens are sent as bearer tokens, never as cookies, so credentials mode stays off.
"""

from sanic import Request

from region_node.http.ports import HttpDeps
from region_node.http.responses import EXPOSED, Outgoing

ALLOWED_HEADERS = (
    "accept, accept-language, authorization, content-type, "
    "idempotency-key, if-match, if-none-match, x-request-id"
)
PREFLIGHT_MAX_AGE_S = 600


def allow_origin(request: Request, deps: HttpDeps, outgoing: Outgoing) -> bool:
    """Let the asking origin read the answer, if it is one of ours."""
    origin = request.headers.get("origin", "")
    if origin not in deps.cors_origins:
        return False
    outgoing.headers["access-control-allow-origin"] = origin
    outgoing.headers["access-control-expose-headers"] = EXPOSED
    return True


def answer_preflight(request: Request, deps: HttpDeps, outgoing: Outgoing, allow: str) -> None:
    """Tell what is possible here: to anybody by `Allow`, to our origins by the fields of a preflight."""
    outgoing.headers["allow"] = allow
    if "access-control-request-method" in request.headers and allow_origin(request, deps, outgoing):
        outgoing.headers["access-control-allow-methods"] = allow
        outgoing.headers["access-control-allow-headers"] = ALLOWED_HEADERS
        outgoing.headers["access-control-max-age"] = str(PREFLIGHT_MAX_AGE_S)
