"""The description of the API and a page to try it, served from here: nothing is loaded from elsewhere."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]  # ships no types

from policies.vocabulary import Purpose
from region_node.http.call import Call, Reply
from region_node.http.declare import (
    BoundRoute,
    Media,
    Placement,
    Precondition,
    Public,
    PublicReason,
    RouteSpec,
    route,
)
from region_node.http.limits import HttpLimits
from region_node.http.openapi import openapi_document
from region_node.http.responses import JSON

DOCUMENT_PATH = "/v1/openapi.json"
PAGE_PATH = "/v1/docs"
CACHED = "public, max-age=3600"

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Meridian API</title>
<link rel="stylesheet" href="{PAGE_PATH}/style.css">
</head>
<body>
<main id="api"></main>
<script src="{PAGE_PATH}/viewer.js"></script>
<script src="{PAGE_PATH}/start.js"></script>
</body>
</html>
"""

START = f"""SwaggerUIBundle({{
  url: "{DOCUMENT_PATH}",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
}});
"""


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    etag: str

    @classmethod
    def of(cls, body: bytes) -> "Asset":
        return cls(body, hashlib.sha256(body).hexdigest()[:16])

    def reply(self) -> Reply:
        return Reply(self.body, etag=self.etag)


def _described(path: str, operation_id: str, summary: str, media_type: str) -> RouteSpec:
    return RouteSpec(
        method="GET",
        path=path,
        operation_id=operation_id,
        summary=summary,
        placement=Placement.ANY,
        access=Public(PublicReason.API_DESCRIPTION),
        purpose=Purpose.SUPPORT,
        responses={200: Media(media_type)},
        problems=(),
        precondition=Precondition.READ,
        cache_control=CACHED,
        content_policy=PAGE_POLICY,
        any_host=True,
        tags=("description",),
    )


class Description:
    """Routes of the description; *routes* are all those of the app, these included."""

    def __init__(self, routes: Iterable[BoundRoute], limits: HttpLimits) -> None:
        self._routes = routes
        self._limits = limits

    @cached_property
    def _document(self) -> Asset:
        return Asset.of(msgspec.json.encode(openapi_document(self._routes, self._limits)))

    @cached_property
    def _viewer(self) -> dict[str, Asset]:
        folder = Path(swagger_ui_path)
        return {
            "page": Asset.of(PAGE.encode()),
            "start": Asset.of(START.encode()),
            "viewer": Asset.of((folder / "swagger-ui-bundle.js").read_bytes()),
            "style": Asset.of((folder / "swagger-ui.css").read_bytes()),
        }

    @route(_described(DOCUMENT_PATH, "openapi", "This description", JSON))
    async def document(self, _call: Call) -> Reply:
        return self._document.reply()

    @route(_described(PAGE_PATH, "docs", "A page to try the API", "text/html; charset=utf-8"))
    async def page(self, _call: Call) -> Reply:
        return self._viewer["page"].reply()

    @route(_described(f"{PAGE_PATH}/start.js", "docs.start", "Starts the page", "text/javascript"))
    async def start(self, _call: Call) -> Reply:
        return self._viewer["start"].reply()

    @route(_described(f"{PAGE_PATH}/viewer.js", "docs.viewer", "Code of the page", "text/javascript"))
    async def viewer(self, _call: Call) -> Reply:
        return self._viewer["viewer"].reply()

    @route(_described(f"{PAGE_PATH}/style.css", "docs.style", "Looks of the page", "text/css"))
    async def style(self, _call: Call) -> Reply:
        return self._viewer["style"].reply()
