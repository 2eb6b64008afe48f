"""Global Privacy Control: what a browser says with each request is recorded once, where the law heeds it."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from policies.facts import Signal
from region_node.errors import NotFound
from region_node.features.consent.acts import Actor
from region_node.features.consent.model import Method
from region_node.features.consent.service import ConsentService
from region_node.rulings.standing import Standing
from region_node.storage.person_keys import PersonKeyGone
from region_node.storage.ruled import RefusedByPolicy

MAX_REMEMBERED = 10_000

_Law = tuple[str, str]
"""The name of a place and the version of its pack; both empty where no pack knows the place."""


class SignalListener:
    """Remembers whom it has heard, and under which law, so that it costs look-ups from the second request on.

    *standing* gives the standing of a person from memory where it can. Under another law, because the person
    lives elsewhere or the pack is another version, the signal is heard anew.
    """

    def __init__(self, service: ConsentService, standing: Callable[[str, str], Awaitable[Standing]]) -> None:
        self._service = service
        self._standing = standing
        self._heard: OrderedDict[tuple[str, str], _Law] = OrderedDict()

    async def __call__(self, tenant: str, person_id: str) -> None:
        """Record the signal before the request that brought it is served."""
        who = (tenant, person_id)
        try:
            standing = await self._standing(tenant, person_id)
            law = self._law(standing)
            if self._heard.get(who) == law:
                return
            if self._service.heeds(standing, Signal.GLOBAL_PRIVACY_CONTROL):
                actor = Actor(id=person_id, method=Method.GPC)
                await self._service.signal(tenant, person_id, Signal.GLOBAL_PRIVACY_CONTROL, actor)
        except (NotFound, PersonKeyGone, RefusedByPolicy):  # erased; the token lives a little longer
            return
        self._heard[who] = law
        if len(self._heard) > MAX_REMEMBERED:
            self._heard.popitem(last=False)

    def _law(self, standing: Standing) -> _Law:
        place = self._service.law.place(standing)
        return (place.name, place.pack.version) if place else ("", "")
