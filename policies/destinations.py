"""Which countries the rules of a law tell apart, so that tables have a place for each kind alone."""

from collections.abc import Iterable, Iterator
from datetime import date

from policies.facts import HOME
from policies.law import Law
from policies.rule import Adequacy, Conditions
from policies.verdicts import Grounded

ELSEWHERE = 0
"""The kind of every country that no rule and no finding of adequacy names."""

AT_HOME = 1

_NOWHERE = "-"


class Destinations:
    """The kinds of destinations of one law; `by_country` has the number of each country that is named."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._examples = [_NOWHERE]
        self.by_country: dict[str, int] = {}
        named = {rule.when.countries for rule in law.rules} - {frozenset()}
        adequate = law.transfer.adequate if law.transfer else {}
        kinds: dict[object, int] = {}
        for country in (HOME, *sorted(adequate.keys() | set[str]().union(*named))):
            finding = adequate.get(country)
            groups = frozenset(group for group in named if country in group)
            kind = (finding, groups)  # home alone has neither
            self.by_country[country] = kinds.setdefault(kind, len(self._examples))
            if self.by_country[country] == len(self._examples):
                self._examples.append(country)
        self._fitting = [
            {rule.id for rule in law.rules if _fits(rule.when, country)} for country in self._examples
        ]

    def divide(
        self, rules: Iterable[Grounded], day: date
    ) -> Iterator[tuple[list[Grounded], Adequacy | None]]:
        """Yield, for each kind of destination, those of *rules* that hold there on *day*.

        With them comes the finding that it is adequate, if there is one. Home is number `AT_HOME`.
        """
        for country, fitting in zip(self._examples, self._fitting, strict=True):
            finding = self._law.finding(country, day)
            met = {None, finding is not None}
            there = [one for one in rules if one.rule.id in fitting and one.rule.when.adequate in met]
            yield there, finding


def _fits(when: Conditions, country: str) -> bool:
    """Whether *when* holds in *country* as far as that does not change with the day."""
    return when.at_home in {None, country == HOME} and (not when.countries or country in when.countries)
