"""What the demo shows at its end: a table for people, totals for programs, all from what was read back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from rich.table import Table

from cli.auditing.model import Report
from cli.demo_client import SentFile
from cli.demo_consents import ConsentReport
from cli.demo_convergence import Convergence
from cli.demo_people import DemoPerson
from locales.formatting import Formatter, default_units


@dataclass(slots=True)
class PersonReport:
    """One person's files as they were sent, and workouts and sums as the API shows them afterwards."""

    person: DemoPerson
    sent: list[SentFile]
    workouts: list[dict[str, Any]]
    counted: int
    faults: list[str] = field(default_factory=list)


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    regions: int
    files: int
    workouts: int
    duplicates: int
    rejected: int
    warned: int
    people: int
    consents: int
    refusals: int
    withdrawals: int
    withdrawal_ms: float | None
    erased: int
    events_federated: int
    converged_ms: float | None
    retractions: int
    receipts_complete: bool
    residency_findings: int
    seconds: float
    ok: bool


def faults_of(report: PersonReport) -> list[str]:
    """What of the files and of what was read back does not fit together; empty when all does."""
    listed = {workout["workout_id"]: workout for workout in report.workouts}
    promised = {o["workout_id"] for sent in report.sent for o in sent.outcomes if o["workout_id"]}
    duplicates = sum(1 for workout in report.workouts if workout["duplicate_of"])
    faults = [f"{sent.name}: {sent.state}" for sent in report.sent if sent.state not in {"done", "refused"}]
    if len(listed) != len(report.workouts):
        faults.append("a workout is listed twice")
    if promised != listed.keys():
        faults.append(f"{len(promised)} workouts were promised, {len(listed)} are listed")
    if report.counted != len(report.workouts) - duplicates:
        faults.append(f"sums count {report.counted} workouts of {len(report.workouts)}")
    faults += [f"{w['workout_id']} is a duplicate of nothing" for w in report.workouts if _orphan(w, listed)]
    return report.faults + faults


def _orphan(workout: dict[str, Any], listed: dict[str, dict[str, Any]]) -> bool:
    return bool(workout["duplicate_of"]) and workout["duplicate_of"] not in listed


def faults_of_convergence(found: Convergence) -> list[str]:
    """What did not reach the regions that it should have."""
    faults = []
    if not found.events:
        faults.append("nothing of what people share reached any region")
    if found.waited_ms is None:
        faults.append("something still waits between regions")
    if not found.receipts_complete:
        faults.append("a region owes a receipt")
    return faults


def faults_of_audit(audit: Report) -> list[str]:
    """What the audit found in a wrong place, could not read, or did not find although it had planted it."""
    found = [f"{finding.rule}: {finding.container} {finding.part}" for finding in audit.findings]
    if audit.partial or audit.unreachable:
        found.append("the audit could not read every store, or did not find its control")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was found besides what people did."""

    regions: int
    convergence: Convergence
    residency_findings: int
    seconds: float
    ok: bool


def totals_of(reports: list[PersonReport], consents: ConsentReport, outcome: Outcome) -> Totals:
    workouts = [workout for report in reports for workout in report.workouts]
    sent = [file for report in reports for file in report.sent]
    outcomes = [outcome for file in sent for outcome in file.outcomes]
    marked = sum(1 for workout in workouts if workout["duplicate_of"])
    return Totals(
        regions=outcome.regions,
        files=len(sent),
        workouts=len(workouts),
        duplicates=marked + sum(1 for outcome in outcomes if outcome["known"]),
        rejected=sum(1 for file in sent if file.state == "refused"),
        warned=sum(1 for workout in workouts if workout["warnings"]),
        people=len(reports),
        consents=consents.consents,
        refusals=consents.refusals,
        withdrawals=consents.withdrawals,
        withdrawal_ms=consents.withdrawal_ms,
        erased=consents.erased,
        events_federated=outcome.convergence.events,
        converged_ms=outcome.convergence.waited_ms,
        retractions=outcome.convergence.retractions,
        receipts_complete=outcome.convergence.receipts_complete,
        residency_findings=outcome.residency_findings,
        seconds=round(outcome.seconds, 1),
        ok=outcome.ok,
    )


def table_of(reports: list[PersonReport]) -> Table:
    """Each person's workouts in their own units and time zone, then the files that were refused."""
    table = Table("who", "sport", "start", "distance", "moving time", "heart rate", "climb")
    for report in reports:
        formatter = _formatter(report.person)
        for workout in report.workouts:
            table.add_row(report.person.name, *_row(formatter, workout))
    for report in reports:
        for sent in report.sent:
            for outcome in sent.outcomes:
                if outcome["code"]:
                    reason = f"refused: {outcome['title']}"
                    table.add_row(report.person.name, outcome["file"], reason, style="yellow")
    return table


def _formatter(person: DemoPerson) -> Formatter:
    units = default_units(person.country)
    return Formatter(locale=person.language, units=units, time_zone=ZoneInfo(person.time_zone))


def _row(formatter: Formatter, workout: dict[str, Any]) -> list[str]:
    started_at, distance_m = workout["started_at"], workout["distance_m"]
    moving_s, heart_rate = workout["moving_s"], workout["heart_rate_avg_bpm"]
    ascent_m = workout["ascent_m"]
    return [
        workout["sport"] + (" (again)" if workout["duplicate_of"] else ""),
        _local(formatter, started_at) if started_at else "?",
        formatter.distance(distance_m) if distance_m is not None else "",
        formatter.duration(moving_s) if moving_s is not None else "",
        formatter.heart_rate(heart_rate) if heart_rate is not None else "",
        formatter.elevation(ascent_m) if ascent_m is not None else "",
    ]


def _local(formatter: Formatter, started_at: str) -> str:
    """Short enough for a column: date and minute on the person's own clock."""
    return datetime.fromisoformat(started_at).astimezone(formatter.time_zone).strftime("%Y-%m-%d %H:%M")
