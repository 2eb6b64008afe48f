"""Sessions: short access tokens, and refresh families that notice a copied token.

Each use of a refresh token gives the next one. The one before is taken once more (a lost answer
must not sign anybody out); anything older means that a copy is about, and ends the family.
"""

from collections.abc import Callable
from dataclasses import dataclass

from region_node.features.accounts.model import PersonState, Session
from region_node.features.accounts.problems import SessionEnded
from region_node.features.accounts.store import AccountStore
from region_node.ids import jurisdiction_of, new_person_id
from region_node.security.refresh_tokens import RefreshToken, new_refresh_token, parse_refresh_token
from region_node.security.tokens import AccessClaims, Scope, TokenSigner
from region_node.storage.engine import Row
from region_node.storage.values import blob, number, text

ACCESS_LIFE_S = 600
ADVANCE_TRIES = 2
NO_DIGEST = b"\x00" * 32
ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Sessions:
    """`signer` gives the signer of the newest key; `region` and its epoch go into each token."""

    signer: Callable[[], TokenSigner]
    region: str
    region_epoch: int

    async def begin(self, accounts: AccountStore, person_id: str) -> Session:
        token = new_refresh_token(new_person_id(jurisdiction_of(person_id)))
        await accounts.start_family(_family(token, person_id, NO_DIGEST))
        return await self._session(accounts, person_id, token)

    async def refresh(self, accounts_of: Callable[[str], AccountStore], presented: str) -> Session:
        """Trade a refresh token for the next one and a new access token.

        Raises:
            SessionEnded: unknown, ended, or used before: sign in again.
        """
        token = parse_refresh_token(presented)
        if token is None:
            raise SessionEnded
        accounts = self._accounts(accounts_of, token)
        for _ in range(ADVANCE_TRIES):
            family = await accounts.family(token.family)
            if family is None:
                raise SessionEnded
            following = _following(token, family)
            if following is None:
                await accounts.end_family(family)
                raise SessionEnded
            person_id = text(family, "person_id")
            if await accounts.advance_family(family, _family(following, person_id, token.digest())):
                return await self._session(accounts, person_id, following)
        raise SessionEnded

    async def end(self, accounts_of: Callable[[str], AccountStore], family_id: str) -> None:
        """Sign out: the refresh family ends at once, the access token within its ten minutes."""
        accounts = accounts_of(jurisdiction_of(family_id))
        family = await accounts.family(family_id)
        if family is not None:
            await accounts.end_family(family)

    def _accounts(self, accounts_of: Callable[[str], AccountStore], token: RefreshToken) -> AccountStore:
        try:
            return accounts_of(jurisdiction_of(token.family))
        except (ValueError, LookupError):
            raise SessionEnded from None

    async def _session(self, accounts: AccountStore, person_id: str, token: RefreshToken) -> Session:
        person = await accounts.person(person_id)
        if person is None or person.state is PersonState.CLOSED:
            raise SessionEnded
        claims = AccessClaims(
            person=person_id,
            tenant=accounts.store.tenant,
            jurisdiction=accounts.store.jurisdiction,
            region=self.region,
            region_epoch=self.region_epoch,
            family=token.family,
            language=person.language,
            scopes=ALL_SCOPES,
        )
        return Session(
            person_id=person_id,
            access_token=self.signer().sign(claims),
            refresh_token=token.encode(),
            expires_in_s=ACCESS_LIFE_S,
        )


def _family(token: RefreshToken, person_id: str, before: bytes) -> Row:
    return {
        "family": token.family,
        "person_id": person_id,
        "counter": token.counter,
        "digest": token.digest(),
        "digest_before": before,
    }


def _following(token: RefreshToken, family: Row) -> RefreshToken | None:
    """The next token of the family, or None where the one presented is no longer good."""
    counter = number(family, "counter")
    if token.counter == counter and token.is_the_one(blob(family, "digest")):
        return token.successor()
    if token.counter == counter - 1 and token.is_the_one(blob(family, "digest_before")):
        return RefreshToken(family=token.family, counter=counter, secret=token.secret).successor()
    return None
