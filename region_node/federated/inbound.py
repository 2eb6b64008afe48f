"""Which features want which events: `inbound.py` of a feature is joined here by the composition root."""

from federation.catalogue import CATALOGUE
from federation.inbound import Handler


class InboundHandlers(dict[str, list[Handler]]):
    """By the name of the type; several are called in the order in which they were joined."""

    def join(self, type_: str, handler: Handler) -> None:
        """Raises KeyError for a type that the catalogue lacks."""
        self.setdefault(CATALOGUE[type_].name, []).append(handler)
