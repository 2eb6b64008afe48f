"""Global Privacy Control: what a browser says with each request is recorded once, where the law heeds it."""

from collections import OrderedDict

from policies.facts import Signal
from region_node.errors import NotFound
from region_node.features.consent.acts import Actor
from region_node.features.consent.model import Method
from region_node.features.consent.service import ConsentService

MAX_REMEMBERED = 10_000


class SignalListener:
    """Remembers whom it has heard, so that it costs a look-up from the second request on."""

    def __init__(self, service: ConsentService) -> None:
        self._service = service
        self._heard: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def __call__(self, tenant: str, person_id: str) -> None:
        """Record the signal before the request that brought it is served."""
        who = (tenant, person_id)
        if who in self._heard:
            return
        try:
            standing = await self._service.ledger.standing(tenant, person_id)
        except NotFound:  # erased; the token lives a little longer
            return
        if self._service.heeds(standing, Signal.GLOBAL_PRIVACY_CONTROL):
            actor = Actor(id=person_id, method=Method.GPC)
            await self._service.signal(tenant, person_id, Signal.GLOBAL_PRIVACY_CONTROL, actor)
        self._heard[who] = None
        if len(self._heard) > MAX_REMEMBERED:
            self._heard.popitem(last=False)
