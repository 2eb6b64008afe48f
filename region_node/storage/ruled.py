"""Rows as a purpose may see them: columns that are not allowed are left out, and say so when asked for.

What may be seen is decided above storage (`region_node.rulings`); here is what a store needs of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol

from policies.ruling import Ruling
from policies.vocabulary import DataCategory, Purpose
from region_node.storage.engine import Row, Value
from region_node.storage.schema import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What was asked and what policy answered.

    The ruling may tell of the person, such as that they are a minor; `to_owner` says whether it may be told.
    """

    purpose: Purpose
    category: DataCategory
    ruling: Ruling
    to_owner: bool = True
    """The reader is the person, or acts for them."""


class RefusedByPolicy(Exception):
    """Law, or the person, does not allow it; `refusal` has the reasons. Asking again changes nothing."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.ruling.effect} for {refusal.purpose} of {refusal.category}")
        self.refusal = refusal


Withheld = Mapping[str, Refusal]
"""Columns of a table that may not be seen, each with its refusal."""

NOTHING: Withheld = {}


class RuledRow(dict[str, Value]):
    """A row without the columns that are withheld: ``in`` and ``get`` treat them as absent.

    Taking one by its name raises RefusedByPolicy, so that code which does not expect that a column may be
    missing refuses with the reason, instead of failing.
    """

    __slots__ = ("_withheld",)

    def __init__(self, row: Row, withheld: Withheld) -> None:
        super().__init__(row)
        for name in withheld:
            self.pop(name, None)
        self._withheld = withheld

    def __missing__(self, name: str) -> NoReturn:
        refusal = self._withheld.get(name)
        raise KeyError(name) if refusal is None else RefusedByPolicy(refusal)


class RowGate(Protocol):
    """Answers for the one purpose that a store is bound to."""

    async def withheld(self, table: Table, person_id: str) -> Withheld:
        """The columns of *table* that may not be seen in rows about *person_id*.

        Raises:
            RefusedByPolicy: not even that such a row exists may be used.
        """
