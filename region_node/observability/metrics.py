"""Prometheus metrics of a node; labels hold templates and codes, never a value of a person or an address."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

PLAIN_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NAMESPACE = "meridian"

REQUEST_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

PERSONAL_LABELS = frozenset(
    {"person", "email", "address", "ip", "path", "name", "host", "handle", "token", "user"}
)


class Metrics:
    """The registry of one node: several may live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self.counter("http_requests", "Requests answered.", "route", "method", "status")
        self.request_duration = self.histogram(
            "http_request_duration_seconds", "From the header's end to the answer's.", "route", "method"
        )
        self.rate_limited = self.counter("http_rate_limited", "Requests refused with 429.", "route")
        self.undeclared_problems = self.counter(
            "http_undeclared_problems", "Answers that the API's description does not name.", "route", "code"
        )
        self.in_flight = 0
        gauge = self.gauge("http_requests_in_flight", "Requests being answered.")
        gauge.set_function(lambda: self.in_flight)

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, _allowed(labels), namespace=NAMESPACE, registry=self.registry)

    def gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, _allowed(labels), namespace=NAMESPACE, registry=self.registry)

    def histogram(
        self, name: str, text: str, *labels: str, buckets: tuple[float, ...] = REQUEST_BUCKETS_S
    ) -> Histogram:
        return Histogram(
            name, text, _allowed(labels), namespace=NAMESPACE, registry=self.registry, buckets=buckets
        )

    def exposition(self) -> bytes:
        """The document for a scrape, of `PLAIN_CONTENT_TYPE`."""
        document: bytes = generate_latest(self.registry)
        return document

    def recorder(self, route: str, method: str) -> Callable[[int, float | None], None]:
        """Counts the requests of one route, and times those with a duration."""
        duration = self.request_duration.labels(route, method)
        by_status: dict[int, Counter] = {}

        def record(status: int, duration_s: float | None) -> None:
            child = by_status.get(status)
            if child is None:
                child = by_status[status] = self.requests.labels(route, method, str(status))
            child.inc()
            if duration_s is not None:
                duration.observe(duration_s)

        return record


def _allowed(labels: tuple[str, ...]) -> tuple[str, ...]:
    personal = PERSONAL_LABELS.intersection(labels)
    if personal:
        raise ValueError(f"labels that could name a person: {', '.join(sorted(personal))}")
    return labels
