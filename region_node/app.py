"""Container in, HTTP routes and server out."""

import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sanic import Sanic

from region_node.bootstrap import AUTHORITY, Container
from region_node.control.act_errors import NotAuthenticated as UnknownOperator
from region_node.control.operators import OperatorRegistry
from region_node.control.records import Operator
from region_node.control.tenants import TenantDirectory, TenantStore
from region_node.errors import NotAuthenticated
from region_node.features.accounts.routes import AccountRoutes
from region_node.features.consent.guardian_routes import GuardianRoutes
from region_node.features.consent.privacy_routes import PrivacyRoutes
from region_node.features.consent.routes import ConsentRoutes
from region_node.features.consent.signals import SignalListener
from region_node.features.rights.restriction_routes import RestrictionRoutes
from region_node.features.rights.routes import RightsRoutes
from region_node.features.social.routes import SocialRoutes
from region_node.features.workouts.history.routes import HistoryRoutes
from region_node.features.workouts.routes import WorkoutRoutes
from region_node.features.workouts.uploads.routes import UploadRoutes
from region_node.http.app import assemble, build_app
from region_node.http.declare import RateClass
from region_node.http.health import Readiness
from region_node.http.landing import LandingRoutes
from region_node.http.limits import HttpLimits
from region_node.http.ports import HttpDeps, Probe
from region_node.http.rate import Quota, RateLimiter
from region_node.observability.logs import RequestLog
from region_node.observability.metrics import Metrics
from region_node.security.signing_keys import jwks_document, verification_keys
from region_node.security.tokens import TokenVerifier
from region_node.settings import HttpSettings, TlsSettings


class OperatorDirectory:
    """Operators by their token, as the HTTP layer asks for them."""

    def __init__(self, registry: OperatorRegistry) -> None:
        self._registry = registry

    async def authenticate(self, token: str, *, action: str) -> Operator:
        try:
            return await self._registry.authenticate(token, action=action)
        except UnknownOperator:
            raise NotAuthenticated from None


def controllers_of(container: Container) -> tuple[object, ...]:
    uploads = UploadRoutes(
        service=container.workouts.upload_service,
        progress=container.workouts.progress,
        uploads=container.workouts.uploads,
        sender=container.workouts.sender,
        reader=container.workouts.reader,
    )
    consent = container.consent
    return (
        AccountRoutes(container.account_service),
        uploads,
        WorkoutRoutes(container.workouts.workout_service, container.workouts.forget_original),
        HistoryRoutes(container.workouts.history_service, container.workouts.zone_of),
        ConsentRoutes(service=consent.service, receipts=consent.receipts),
        GuardianRoutes(
            service=consent.service,
            receipts=consent.receipts,
            guardians=consent.guardians,
            names=consent.names,
        ),
        PrivacyRoutes(
            uses=container.stores.uses,
            store=container.own_rights,
            articles=consent.articles,
            whereabouts=container.whereabouts,
        ),
        RightsRoutes(container.rights.service),
        RestrictionRoutes(container.rights.restrictions),
        SocialRoutes(container.social.service, container.social.reader),
        LandingRoutes(lambda: jwks_document(container.parts.ring.signing_keys())),
    )


def build(container: Container, request_log: RequestLog) -> tuple[Sanic[Any, Any], Readiness]:
    parts = container.parts
    probes = (
        Probe(name="storage", check=parts.engine.ping),
        Probe(name="queue", check=parts.bus.ping),
        Probe(name="objects", check=parts.objects.ping),
    )
    readiness = Readiness(probes, container.active_packs.notes)
    http = parts.settings.http
    deps = HttpDeps(
        tenants=TenantDirectory(TenantStore(parts.control)),
        tokens=TokenVerifier(
            verification_keys(jwks_document(parts.ring.signing_keys())), AUTHORITY, clock=time.time
        ),
        operators=OperatorDirectory(OperatorRegistry(parts.control, clock=lambda: datetime.now(UTC))),
        cursor_key=lambda tenant: parts.ring.cursor_key(tenant, "lists"),
        rates=RateLimiter(_quotas(http), clock=time.monotonic),
        metrics=Metrics(),
        request_log=request_log,
        clock=time.monotonic,
        limits=HttpLimits(
            request_timeout_s=http.request_timeout_s, drain_timeout_s=parts.settings.node.drain_timeout_s
        ),
        probes=probes,
        cors_origins=frozenset(http.cors_origins),
        trusted_proxies=http.trusted_proxies,
        https=parts.settings.tls is not None,
        heed_privacy_signal=SignalListener(container.consent.service, container.stores.gate.known),
    )
    return build_app(assemble(controllers_of(container), deps, readiness), deps), readiness


def _quotas(http: HttpSettings) -> Mapping[RateClass, Quota]:
    return {
        RateClass.DEFAULT: Quota(limit=http.requests_per_minute),
        RateClass.SIGN_IN: Quota(limit=http.sign_ins_per_minute),
        RateClass.UPLOAD: Quota(limit=http.uploads_per_minute),
    }


def tls_context(tls: TlsSettings | None) -> ssl.SSLContext | None:
    if tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.certificate_file, tls.key_file)
    return context
