"""The demo's second story: people are asked, a child may not agree alone, one withdraws, one leaves."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from joserfc import jws
from joserfc.jwk import KeySet
from rich.console import Console
from rich.markup import escape

from cli.demo_client import DemoClient, DemoFault
from cli.demo_people import child_of

HEALTH = {"purpose": "analysis", "category": "health"}
EFFECT_BOUND_S = 0.1
"""From its acceptance on, a withdrawal may take this long (architecture, promise 3)."""
PATIENCE_S = 10.0
POLL_S = 0.25
ERASURE_PATIENCE_S = 60.0


@dataclass(slots=True)
class ConsentReport:
    """What people answered, and what came of it; `faults` names what should not have been."""

    consents: int = 0
    refusals: int = 0
    withdrawals: int = 0
    withdrawal_ms: float | None = None
    erased: int = 0
    faults: list[str] = field(default_factory=list)


async def ask_consents(client: DemoClient, report: ConsentReport, console: Console) -> None:
    """Show everything that is asked, in the person's language, and agree to it."""
    asked = [item for item in await client.consents() if item["ask"]]
    for item in asked:
        await client.agree(item)
        report.consents += 1
    titles = " · ".join(item["notice"]["sections"]["title"] for item in asked)
    console.print(f"  [dim]{escape(titles)}[/]")
    left = [item["purpose"] for item in await client.consents() if item["ask"]]
    if not asked or left:
        report.faults.append(f"{client.person.name} is still asked for {left or 'nothing at all'}")


async def child_and_guardian(guardian: DemoClient, report: ConsentReport, console: Console) -> None:
    """A child cannot agree alone, and is told why; what a guardian agrees to then counts."""
    child = guardian.beside(child_of(guardian.person))
    answer = await child.sign_up()
    if answer.is_error:
        raise DemoFault(f"{child.person.name} cannot sign up: {answer.json().get('detail', '')}")
    await child.sign_in()
    wanted = next(item for item in await child.consents() if item["purpose"] == "leaderboard")
    refused = await child.try_to_agree(wanted)
    problem = refused.json()
    if refused.status_code != httpx.codes.FORBIDDEN or not problem.get("articles"):
        report.faults.append(f"{child.person.name} was not refused: {refused.status_code}")
        return
    report.refusals += 1
    reasons = " ".join(reason["text"] for reason in problem["reasons"])
    why = f"{problem['title']}. {reasons} ({', '.join(problem['articles'])})"
    console.print(f"{child.person.name} ({child.person.place}, 14): {why}", markup=False)
    child_id = await guardian.answer_for((await child.guardian_code())["code"])
    await guardian.agree(wanted, child_id)
    report.consents += 1
    after = next(item for item in await child.consents() if item["purpose"] == "leaderboard")
    if not after["allowed"]:
        report.faults.append(f"{child.person.name} may still not be on leaderboards")
    console.print(f"{guardian.person.name} has agreed for {child.person.name}", markup=False)


async def withdraw_health(
    client: DemoClient, workouts: Sequence[dict[str, Any]], report: ConsentReport, console: Console
) -> None:
    """Take the consent to health data back, and time until no answer holds it any more."""
    measured = next((one for one in workouts if one.get("heart_rate_avg_bpm")), None)
    if measured is None:
        report.faults.append(f"{client.person.name} has no workout with a heart rate")
        return
    path = f"/v1/workouts/{measured['workout_id']}"
    if "heart_rate" not in (await client.get(path))["analysis"]:
        report.faults.append(f"{client.person.name} does not see the heart rate that they agreed to")
    await client.withdraw(**HEALTH)
    report.withdrawals += 1
    accepted_s = time.monotonic()
    while True:
        begun_s = time.monotonic()
        gone = "heart_rate" not in (await client.get(path))["analysis"]
        if gone or begun_s - accepted_s > PATIENCE_S:
            break
        if begun_s - accepted_s > EFFECT_BOUND_S:
            report.faults.append("a withdrawn heart rate was shown after the bound")
    report.withdrawal_ms = round((time.monotonic() - accepted_s) * 1000, 1)
    console.print(
        f"{client.person.name} took the consent to health data back: no answer held the heart rate "
        f"{report.withdrawal_ms} ms later",
        markup=False,
    )


async def erase(client: DemoClient, report: ConsentReport, console: Console) -> None:
    """One person leaves; their receipt is fetched without an account, and its signature checked."""
    link = (await client.erase())["receipt_url"]
    found = await client.get(link)
    async with asyncio.timeout(ERASURE_PATIENCE_S):
        while not found["receipt"]:
            await asyncio.sleep(POLL_S)
            found = await client.get(link)
    keys = KeySet.import_key_set(await client.get("/v1/jwks.json"))  # type: ignore[arg-type]  # as parsed
    receipt = jws.deserialize_compact(found["receipt"].encode(), keys, algorithms=["Ed25519", "EdDSA"])
    if client.person.email.encode() in receipt.payload:
        report.faults.append("a receipt of erasure names the person")
    if (await client.try_to_sign_in()).is_success:
        report.faults.append(f"{client.person.name} can still sign in")
    report.erased += 1
    done = [step["step"] for step in json.loads(receipt.payload)["steps"]]
    if "key-destroyed" not in done:
        report.faults.append("a receipt of erasure does not say that the key was destroyed")
    steps = ", ".join(done)
    console.print(f"{client.person.name} was erased ({steps}); the receipt is signed", markup=False)


def chosen(clients: Sequence[DemoClient]) -> tuple[DemoClient, DemoClient | None]:
    """Who takes a consent back, and who leaves: never the same person, and nobody leaves an empty demo."""
    return clients[0], clients[-1] if len(clients) > 1 else None
