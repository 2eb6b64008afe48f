"""Passwords: argon2id in a small thread pool, taking the same time for accounts that do not exist.

Parameters are those that the OWASP password storage cheat sheet gives first for argon2id:
19 MiB of memory, 2 passes, 1 lane. The policy follows NIST SP 800-63B: length only, no rules of composition.
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from locales.messages import N_

T = TypeVar("T")

MIN_LENGTH = 10
MAX_LENGTH = 256


class PasswordFault(StrEnum):
    """Why a new password is not taken; lengths count characters after NFKC normalisation."""

    TOO_SHORT = "password-too-short"
    TOO_LONG = "password-too-long"


FAULT_TEXTS = {
    PasswordFault.TOO_SHORT: N_("The password needs at least {min_length} characters."),
    PasswordFault.TOO_LONG: N_("The password may have at most {max_length} characters."),
}


class PasswordsBusy(Exception):
    """Too many passwords are being checked; answer 503 and let the client retry."""

    retry_after_s = 1


def password_fault(password: str) -> PasswordFault | None:
    """What is wrong with *password* as a new one, or None."""
    length = len(unicodedata.normalize("NFKC", password))
    if length < MIN_LENGTH:
        return PasswordFault.TOO_SHORT
    return PasswordFault.TOO_LONG if length > MAX_LENGTH else None


class Passwords:
    """Hashes and checks passwords. One per process; `close` it at the end.

    Args:
        workers: Threads, each using 19 MiB while it works; argon2 releases the interpreter lock.
        max_waiting: Calls under way at once; more raise `PasswordsBusy` instead of queueing up.
    """

    def __init__(self, *, workers: int = 2, max_waiting: int = 64) -> None:
        self._argon2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="passwords")
        self._max_waiting = max_waiting
        self._waiting = 0
        self._nobody = self._argon2.hash(secrets.token_bytes(32))

    async def hash_password(self, password: str) -> str:
        """The hash to store, with its parameters and salt in it (PHC string)."""
        return await self._run(lambda: self._argon2.hash(_as_bytes(password)))

    async def verify_password(self, stored: str | None, password: str) -> bool:
        """Whether *password* is the one that *stored* was made from.

        For an account that does not exist pass None: the same work is done against a hash
        that nothing matches, so that the time taken says nothing.
        """
        encoded = self._nobody if stored is None else stored
        matches = await self._run(lambda: self._matches(encoded, password))
        return matches and stored is not None

    def needs_rehash(self, stored: str) -> bool:
        """Whether *stored* was made with other parameters; hash anew at the next good sign-in."""
        return self._argon2.check_needs_rehash(stored)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _matches(self, encoded: str, password: str) -> bool:
        try:
            return self._argon2.verify(encoded, _as_bytes(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._max_waiting:
            raise PasswordsBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def _as_bytes(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")
