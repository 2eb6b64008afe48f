"""Walks compiled law: every ruling that it can give, where it does."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date

from policies.compiling import Tables
from policies.destinations import ELSEWHERE
from policies.leaves import CATEGORY_CONSENT, CONSENT, INSTRUMENT, Leaf, subsets
from policies.ruling import Ruling


def leaf_at(tables: Tables, question: int, day: date, age: int, country: str) -> Leaf:
    """Return the table of what is ruled on a question by its number, as `policies.engine` finds it."""
    days, eras = tables.cells[question]
    ages, bands = eras[bisect_right(days, day)]
    return bands[bisect_right(ages, age)][tables.destinations.get(country, ELSEWHERE)]


def combinations_of(asked: int) -> Iterator[int]:
    """Yield what can be true of a person among the bits *asked*.

    A consent to a category is one to the purpose.
    """
    for bits in subsets(asked):
        if not (bits & CATEGORY_CONSENT and asked & CONSENT and not bits & CONSENT):
            yield bits


def possible_rulings(tables: Tables) -> set[Ruling]:
    """Return all rulings on single categories that the law can give to anybody, anywhere, on any day."""
    eras = {era for cell in set(tables.cells) for era in cell.eras}
    leaves = {leaf for era in eras for band in era.bands for leaf in band}
    usable = ~0 if tables.instruments else ~INSTRUMENT
    numbers = {leaf.numbers[bits] for leaf in leaves for bits in combinations_of(leaf.asked & usable)}
    return {tables.rulings[number] for number in numbers}
