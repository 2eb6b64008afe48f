"""Accounts in the words of a nats-server's configuration, for its `include`.

A server that reads the file anew needs two reloads before a new account's pulls are answered; an account
that is gone has its connections closed at the first.
"""

import json
from collections.abc import Iterable
from typing import Any

from federation.permissions import FORGOTTEN_AFTER_S, REGION_ACCOUNT, SYSTEM_ACCOUNT, Account, Login, Service


def render_accounts(accounts: Iterable[Account]) -> str:
    """The fragment that takes the place of users and passwords. The server reads JSON as it is."""
    document = {
        "system_account": SYSTEM_ACCOUNT,
        "accounts": {account.name: _account(account) for account in accounts},
    }
    body = json.dumps(document, indent=2)
    # The outermost braces are those of the file that includes this one.
    return body[1:-1].strip("\n") + "\n"


def _account(account: Account) -> dict[str, Any]:
    rendered: dict[str, Any] = {"users": [_user(login) for login in account.logins]}
    if account.streams:
        rendered["jetstream"] = "enabled"
    if account.offers:
        rendered["exports"] = [_offer(service) for service in account.offers]
    if account.takes:
        rendered["imports"] = [_take(service) for service in account.takes]
    if account.limits is not None:
        rendered["limits"] = {
            "max_conn": account.limits.connections,
            "max_subs": account.limits.subscriptions,
            "max_payload": account.limits.payload_bytes,
        }
    return rendered


def _user(login: Login) -> dict[str, Any]:
    permissions: dict[str, Any] = {}
    if login.publish or login.never:
        sides = {"allow": login.publish, "deny": login.never}
        permissions["publish"] = {side: list(subjects) for side, subjects in sides.items() if subjects}
    if login.subscribe:
        permissions["subscribe"] = {"allow": list(login.subscribe)}
    return {"user": login.name, **({"permissions": permissions} if permissions else {})}


def _offer(service: Service) -> dict[str, Any]:
    offer: dict[str, Any] = {"service": service.subject, "accounts": [service.account]}
    if service.many_replies:
        # With the default, only the first message of a pull arrives; the rest waits for `ack_wait`.
        offer |= {"response_type": "stream", "response_threshold": f"{FORGOTTEN_AFTER_S}s"}
    return offer


def _take(service: Service) -> dict[str, Any]:
    return {"service": {"account": REGION_ACCOUNT, "subject": service.subject}}
