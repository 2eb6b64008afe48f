"""The law in force on this node: read from the control database, proven, and changed at its instant.

A pack whose text or signatures do not hold is refused: the version in force before it stays, and where there
is none its jurisdiction has no law here, so that everything about its people is denied.
"""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

import structlog

from policies.documents import FaultyDocuments
from policies.engine import Engine
from policies.loading import load_packs
from policies.pack import PackSet
from policies.vocabulary import Jurisdiction
from region_node.control.pack_proofs import why_unproven
from region_node.control.pack_versions import Evidence, PackVersions, in_force
from region_node.control.records import PackActivation
from region_node.packs import shipped_engine, shipped_platform

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPack:
    """A version that should be in force and is not; `why` holds nothing personal."""

    jurisdiction: str
    version: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LawInForce:
    """The packs at an instant, and what was refused on the way.

    `files` are the texts of the packs by file name, so that another version can be tried among them.
    """

    packs: PackSet
    files: Mapping[str, str]
    versions: Mapping[str, str]
    refused: tuple[RefusedPack, ...]


@dataclass(slots=True)
class _Choosing:
    """Of each jurisdiction the activations that have begun, the one in force first; refused ones go."""

    candidates: dict[str, list[PackActivation]]
    refused: list[RefusedPack] = field(default_factory=list)

    @property
    def chosen(self) -> dict[str, PackActivation]:
        return {jurisdiction: found[0] for jurisdiction, found in self.candidates.items() if found}

    def refuse(self, jurisdiction: str, why: str) -> None:
        gone = self.candidates[jurisdiction].pop(0)
        self.refused.append(RefusedPack(jurisdiction=jurisdiction, version=gone.version, why=why))


async def law_at(versions: PackVersions, region_keys: AbstractSet[str], at: datetime) -> LawInForce:
    """Return the law at an instant, past or to come, as far as it is decided.

    Raises:
        ControlUnavailable: The control database does not answer.
    """
    decided: dict[str, list[PackActivation]] = defaultdict(list)
    for activation in await versions.activations():
        decided[activation.jurisdiction].append(activation)
    choosing = _Choosing({name: list(in_force(found, at)) for name, found in decided.items()})
    packs: PackSet | None = None
    evidence = Evidence(texts={}, acts={}, operator_keys={})
    while packs is None:
        evidence = await versions.evidence(choosing.chosen.values())
        packs = await asyncio.to_thread(_proven_packs, choosing, evidence, region_keys)
    chosen = choosing.chosen
    return LawInForce(
        packs=packs,
        files=_files(chosen, evidence),
        versions={name: one.version for name, one in sorted(chosen.items())},
        refused=tuple(choosing.refused),
    )


def _proven_packs(choosing: _Choosing, evidence: Evidence, region_keys: AbstractSet[str]) -> PackSet | None:
    """Return the packs that were chosen, or refuse those of them that do not hold and return None."""
    chosen = choosing.chosen
    before = len(choosing.refused)
    for jurisdiction, one in chosen.items():
        text, act = evidence.texts.get(one.sha256), evidence.acts.get(one.act_id or "")
        why = why_unproven(one, text, act, region_keys, evidence.operator_keys)
        if why:
            choosing.refuse(jurisdiction, why)
    if len(choosing.refused) > before:
        return None
    try:
        return _read(frozenset(_files(chosen, evidence).items()))
    except FaultyDocuments as faulty:
        why_by_file = {fault.file: str(fault) for fault in reversed(faulty.faults)}
        broken = [name for name in chosen if f"{name}.toml" in why_by_file]
        if not broken:
            raise
        for name in broken:
            choosing.refuse(name, why_by_file[f"{name}.toml"])
        return None


@lru_cache(maxsize=4)
def _read(files: frozenset[tuple[str, str]]) -> PackSet:
    """Read packs by their texts once for all that ask: the law in force, and what is scheduled."""
    return load_packs(dict(files), shipped_platform())


def _files(chosen: Mapping[str, PackActivation], evidence: Evidence) -> dict[str, str]:
    return {f"{name}.toml": evidence.texts[one.sha256].text for name, one in chosen.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    begins: datetime
    law: LawInForce
    engine: Engine


class ActivePacks:
    """Answers from memory; `refresh` looks for new decisions. What is scheduled is compiled beforehand.

    Args:
        region_keys: Returns the public keys of this region, as they are now.
        held: Jurisdictions to compile before the first question.
        on_fault: Told where a ruling failed, as `Engine` says.
    """

    def __init__(
        self,
        versions: PackVersions,
        region_keys: Callable[[], AbstractSet[str]],
        held: Collection[str],
        on_fault: Callable[[str], None] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._versions = versions
        self._region_keys = region_keys
        self._held = frozenset(map(Jurisdiction, held))
        self._on_fault = on_fault
        self._clock = clock
        self._number = -1
        self._spans: tuple[_Span, ...] = ()

    async def refresh(self) -> None:
        """Read what was decided meanwhile; what is known stays when that fails.

        Raises:
            ControlUnavailable: Call again later.
        """
        number = await self._versions.newest_number()
        if number == self._number:
            return
        now = self._clock()
        decided = await self._versions.activations()
        instants = sorted({one.active_from for one in decided if one.active_from > now})
        spans = [await self._span(instant) for instant in (now, *instants)]
        self._report(spans[0].law)
        self._spans = tuple(spans)
        self._number = number

    def engine_at(self, now: datetime) -> Engine:
        """Return the engine in force; an instant before the last refresh is answered as that refresh was.

        Raises:
            LookupError: `refresh` was never called.
        """
        return self._at(now).engine

    def law_at(self, now: datetime) -> LawInForce:
        """As `engine_at`, with the versions and what was refused."""
        return self._at(now).law

    @property
    def engine(self) -> Engine:
        """The engine in force now."""
        return self.engine_at(self._clock())

    def notes(self) -> tuple[str, ...]:
        """What an operator should know, for the health answer: names of packs only."""
        refused = self.law_at(self._clock()).refused
        return tuple(f"pack {one.jurisdiction} {one.version} is refused: {one.why}" for one in refused)

    def _at(self, now: datetime) -> _Span:
        if not self._spans:
            raise LookupError("the packs were not read yet")
        position = bisect_right(self._spans, now, key=lambda span: span.begins)
        return self._spans[max(position - 1, 0)]

    async def _span(self, instant: datetime) -> _Span:
        law = await law_at(self._versions, self._region_keys(), instant)
        known = next((span.engine for span in self._spans if span.law.packs == law.packs), None)
        engine = known if known is not None else await asyncio.to_thread(self._compiled, law.packs)
        return _Span(begins=instant, law=law, engine=engine)

    def _compiled(self, packs: PackSet) -> Engine:
        """Compile the packs that no span and no other node of this process has compiled."""
        known = (*(span.engine for span in self._spans), shipped_engine())
        engine = Engine(packs, self._on_fault, known)
        engine.warm(self._held)
        return engine

    def _report(self, law: LawInForce) -> None:
        for one in law.refused:
            log.error(
                "a policy pack is refused", jurisdiction=one.jurisdiction, version=one.version, why=one.why
            )
        for jurisdiction in sorted(self._held - law.versions.keys()):
            log.error("no policy pack is in force: everything is denied", jurisdiction=jurisdiction)
        log.info("policy packs in force", versions=dict(law.versions))
