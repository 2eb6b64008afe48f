"""Bodies and queries: bytes from outside to the declared types, with every mistake at once."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect
from sanic import Request

from locales.messages import N_
from region_node.errors import InvalidRequest, MalformedRequest, Mistake, UnsupportedMediaType
from region_node.http.body_types import mistakes_of
from region_node.http.declare import Raw, RouteSpec
from region_node.http.limits import HttpLimits, read_body, require_depth
from region_node.http.responses import JSON

NOT_JSON = N_("The body is not JSON.")


class BodyReader:
    """Reads the JSON body of one route."""

    __slots__ = ("_decoder", "_kind", "_limits", "_max_bytes")

    def __init__(self, kind: type[msgspec.Struct], max_bytes: int, limits: HttpLimits) -> None:
        self._kind = kind
        self._decoder = msgspec.json.Decoder(kind)
        self._max_bytes = max_bytes
        self._limits = limits

    async def read(self, request: Request) -> Any:
        """Raises: UnsupportedMediaType, BodyTooLarge, RequestTimedOut, MalformedRequest, InvalidRequest."""
        require_media_type(request, (JSON,))
        raw = await read_body(request, max_bytes=self._max_bytes, timeout_s=self._limits.body_timeout_s)
        require_depth(raw, self._limits.json_depth)
        try:
            return self._decoder.decode(raw)
        except msgspec.ValidationError:
            # Only what came before the first wrong value was read: the rest may not be JSON at all.
            raise InvalidRequest(*mistakes_of(self._kind, _plain(raw), strict=True)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise MalformedRequest(NOT_JSON) from None


def _plain(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedRequest(NOT_JSON) from None


class QueryReader:
    """Reads the query of one route. A field whose type is a tuple or list may be given several times."""

    __slots__ = ("_kind", "_limits", "_lists")

    def __init__(self, kind: type[msgspec.Struct], limits: HttpLimits) -> None:
        self._kind = kind
        self._limits = limits
        info = inspect.type_info(kind)
        fields = info.fields if isinstance(info, inspect.StructType) else ()
        self._lists = {
            field.encode_name for field in fields if isinstance(_bare(field.type), inspect.CollectionType)
        }

    def read(self, request: Request) -> Any:
        """Raises: InvalidRequest, MalformedRequest."""
        given = self._given(request.query_string)
        try:
            return msgspec.convert(given, self._kind, strict=False)
        except msgspec.ValidationError:
            raise InvalidRequest(*mistakes_of(self._kind, given, strict=False, prefix="")) from None

    def _given(self, query: str) -> dict[str, Any]:
        if not query:
            return {}
        try:
            pairs = parse_qsl(
                query, keep_blank_values=True, max_num_fields=self._limits.query_fields, errors="strict"
            )
        except ValueError:
            raise MalformedRequest(N_("The query of the address cannot be read.")) from None
        given: dict[str, Any] = {}
        for name, value in pairs:
            if name in self._lists:
                given.setdefault(name, []).append(value)
            elif name in given:
                raise InvalidRequest(Mistake(pointer=name[:60], detail=N_("This is given more than once.")))
            else:
                given[name] = value
        return given


def _bare(info: inspect.Type) -> inspect.Type:
    return info.type if isinstance(info, inspect.Metadata) else info


def require_media_type(request: Request, accepted: tuple[str, ...]) -> None:
    """Raises: UnsupportedMediaType, with the types that are taken in `Accept`."""
    given = request.headers.get("content-type", "")
    if given in accepted:
        return
    bare = given.partition(";")[0].strip().lower()
    if "*/*" in accepted or bare in accepted:
        return
    raise UnsupportedMediaType(headers={"accept": ", ".join(accepted)})


def readers(spec: RouteSpec, limits: HttpLimits) -> tuple[QueryReader | None, BodyReader | None]:
    query = QueryReader(spec.query, limits) if spec.query is not None else None
    if spec.body is None or isinstance(spec.body, Raw):
        return query, None
    return query, BodyReader(spec.body, spec.body_max_bytes, limits)
