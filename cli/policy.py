"""`meridian policy`: ask what the law says about data, look into the packs, and change what is in force."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import typer
from typer.core import TyperGroup

from cli import policy_facts as ask
from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit
from cli.policy_checks import look_over, measure, run_corpus
from cli.policy_control import PolicyConfig, law_of
from cli.policy_explain import explanation_document, show_explanation
from cli.policy_matrix import matrix
from cli.policy_reading import deadlines, list_packs, show_pack
from cli.policy_views import Language, LanguageOption, Output, ruling_document, show_ruling
from locales.translator import translator_for
from policies.engine import Engine
from policies.explaining import explain as explain_ruling
from policies.facts import Facts
from policies.pack import PackSet

_LATER = {
    "activate": "cli.policy_versions",
    "approve": "cli.policy_versions",
    "diff": "cli.policy_diff",
    "propose": "cli.policy_versions",
    "records": "cli.policy_records",
    "rollback": "cli.policy_versions",
}


class Commands(TyperGroup):
    """Imports the drivers of a node only for commands that need one: officers and scripts ask often."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted([*super().list_commands(ctx), *_LATER])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _LATER:
            return super().get_command(ctx, cmd_name)
        found = typer.main.get_group(importlib.import_module(_LATER[cmd_name]).commands)
        return found.get_command(ctx, cmd_name)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Ask what the law says about data, and change the packs that say so.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question with the law that answers it."""

    packs: PackSet
    facts: Facts
    output: OutputFormat
    language: Language


def _question(answer: Callable[[Asked], None]) -> Callable[..., None]:
    """Give *answer* the options that describe a question, the same in every command."""

    def command(
        subject: ask.SubjectOption,
        purpose: ask.PurposeOption,
        category: ask.CategoryOption,
        origin: ask.FromOption = "",
        destination: ask.ToOption = "",
        age: ask.AgeOption = None,
        consent: ask.ConsentOption = None,
        guardian_consent: ask.GuardianOption = False,
        instrument: ask.InstrumentOption = None,
        objection: ask.ObjectionOption = None,
        signal: ask.SignalOption = None,
        restricted: ask.RestrictedOption = False,
        rights: ask.RightsOption = False,
        at: ask.AtOption = "",
        regions: ask.RegionsOption = None,
        config: PolicyConfig = None,
        language: LanguageOption = "en",
        output: Output = OutputFormat.TEXT,
    ) -> None:
        day, instant = ask.instant_of(at, datetime.now(UTC))
        packs = law_of(config, at=instant).packs
        known = ask.regions_of(regions, config, packs)
        try:
            place = ask.served(packs, subject, known)
        except ask.NotServed as refused:
            if output is not OutputFormat.TEXT:
                emit(refused.document(day), output)
            raise
        questions = ask.Questions(
            place=place,
            regions=known,
            origin=ask.origin_of(known, place, origin),
            day=day,
            circumstances=ask.Circumstances(
                age=age,
                consent=consent or (),
                guardian_consent=guardian_consent,
                instrument=instrument or (),
                objection=objection or (),
                signal=signal or (),
                restricted=restricted,
                rights=rights,
            ),
        )
        end = ask.region_of(known, destination, "--to") if destination else questions.origin
        facts = questions.facts(purpose, category, end)
        answer(Asked(packs=packs, facts=facts, output=output, language=language))

    command.__doc__, command.__name__ = answer.__doc__, answer.__name__
    return command


@app.command(
    epilog="Example: meridian policy decide --subject fr --age 15 --purpose leaderboard "
    "--category display-name --from eu-central --to eu-central --consent leaderboard"
)
@_question
def decide(asked: Asked) -> None:
    """Say whether data may be used, and by which rules.

    Exits 0 when it is allowed, 3 when it is refused, allowed in part or needs somebody's consent, 4 for a
    place without a pack: also for a state whose own law no pack has, until the regions file answers for it.
    """
    ruling = Engine(asked.packs).decide(asked.facts)
    if asked.output is OutputFormat.TEXT:
        show_ruling(explain_ruling(asked.packs, asked.facts), asked.facts, translator_for(asked.language))
    else:
        emit(ruling_document(ruling, asked.facts.at), asked.output)
    if not ruling.allowed:
        raise typer.Exit(ExitCode.REFUSED)


@app.command(
    epilog="Example: meridian policy explain --subject br --age 11 --purpose analysis --category heart-rate"
)
@_question
def explain(asked: Asked) -> None:
    """Show every rule that was looked at, which conditions did not hold, and what would have to change.

    Exits as decide does: 0 allowed, 3 anything else, 4 for a place without a pack of its own.
    """
    explanation = explain_ruling(asked.packs, asked.facts)
    if asked.output is OutputFormat.TEXT:
        show_explanation(explanation, asked.facts, translator_for(asked.language))
    else:
        emit(explanation_document(explanation, asked.facts.at), asked.output)
    if not explanation.ruling.allowed:
        raise typer.Exit(ExitCode.REFUSED)


app.command(epilog="Example: meridian policy matrix --subject de --age 15 --category heart-rate")(matrix)
app.command(epilog="Example: meridian policy deadlines --subject us-ca --output json")(deadlines)
app.command("list", epilog="Example: meridian policy list --output json")(list_packs)
app.command("show", epilog="Example: meridian policy show eu --source")(show_pack)
app.command("test", epilog="Example: meridian policy test --pack eu.toml")(run_corpus)
app.command("bench", epilog="Example: meridian policy bench --output json")(measure)
app.command("lint", epilog="Example: meridian policy lint eu.toml --output json")(look_over)
