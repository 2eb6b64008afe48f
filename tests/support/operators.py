"""Operators of a node for tests: the first two, made in its control database as an operator would."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ulid import ULID

from region_node import backends
from region_node.control.acts import encode_public_key
from region_node.control.operator_tokens import new_operator_token
from region_node.control.operators import OperatorRegistry
from region_node.control.records import NewOperator
from region_node.security.approval_keys import create_approval_key, read_public_approval_key


async def bootstrapped(settings) -> str:
    """Make the first two operators; the token of one of them."""
    return (await both_bootstrapped(settings))[0]


async def both_bootstrapped(settings, directory=None) -> tuple[str, str]:
    """Make the first two operators; their tokens. Their private keys go into *directory*, if one is given."""
    tokens = [new_operator_token(str(ULID())) for _ in range(2)]
    first, second = (
        NewOperator(
            operator_id=token.operator_id,
            name=name,
            approval_key=encode_public_key(_public_key(name, directory)),
            token_digest=token.digest(),
        )
        for name, token in zip(("anna", "boris"), tokens, strict=True)
    )
    control = await backends.open_control(settings)
    try:
        await OperatorRegistry(control, clock=lambda: datetime.now(UTC)).bootstrap((first, second))
    finally:
        await control.close()
    return tokens[0].encode(), tokens[1].encode()


def _public_key(name, directory):
    if directory is None:
        return Ed25519PrivateKey.generate().public_key()
    return read_public_approval_key(create_approval_key(directory, name, passphrase=None)[1])
