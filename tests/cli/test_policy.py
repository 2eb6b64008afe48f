"""``meridian policy`` as officers and scripts see it, on the packs that ship."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from cli import policy_facts
from cli.app import app
from policies.vocabulary import DataCategory, Purpose
from region_node.packs import shipped_packs

FRENCH = {
    "--subject": "fr",
    "--age": "15",
    "--purpose": "leaderboard",
    "--category": "display-name",
    "--from": "eu-central",
    "--to": "eu-central",
    "--at": "2027-01-01",
}
KEYS = [
    "effect",
    "allowed",
    "jurisdiction",
    "overlay",
    "reasons",
    "rules",
    "articles",
    "obligations",
    "fields",
    "certainty",
    "recalled",
    "pack_version",
    "at",
]


def policy(*words, **environment):
    found = CliRunner().invoke(app, ["policy", *map(str, words)], env={"COLUMNS": "160", **environment})
    assert found.exception is None or isinstance(found.exception, SystemExit), found.output
    return found


def asked(command="decide", *more, **changes):
    options = FRENCH | {f"--{name.replace('_', '-')}": str(value) for name, value in changes.items()}
    return policy(command, *(word for option in options.items() for word in option), *more)


def ruled(*more, **changes):
    found = asked("decide", *more, "--output", "json", **changes)
    return found.exit_code, json.loads(found.stdout)


def test_a_french_person_of_fifteen_consents_to_a_leaderboard_herself():
    status, ruling = ruled("--consent", "leaderboard")
    assert list(ruling) == KEYS
    assert (0, "allow", True) == (status, ruling["effect"], ruling["allowed"])
    assert ("eu", "FR", "2027-01-01") == (ruling["jurisdiction"], ruling["overlay"], ruling["at"])
    assert "GDPR Art. 7(1)" in ruling["articles"]
    assert shipped_packs().by_jurisdiction["eu"].version == ruling["pack_version"]
    assert [{"kind", "ref", "days", "note"}] == [set(one) for one in ruling["obligations"]]


@pytest.mark.parametrize(
    ("more", "changes", "effect"),
    [
        pytest.param([], {}, "needs-consent", id="nobody-asked-her"),
        pytest.param(["--consent", "leaderboard"], {"age": 14}, "needs-guardian", id="a-year-younger"),
        pytest.param(["--consent", "club"], {}, "needs-consent", id="a-consent-to-something-else"),
        pytest.param(
            ["--consent", "leaderboard", "--objection", "leaderboard"], {}, "deny", id="she-objected"
        ),
        pytest.param(
            ["--consent", "leaderboard"], {"category": "date-of-birth"}, "redact", id="only-in-part"
        ),
        pytest.param(["--consent", "leaderboard"], {"category": "email"}, "deny", id="nothing-to-do-with-it"),
        pytest.param(["--consent", "leaderboard", "--restricted"], {}, "deny", id="restricted"),
    ],
)
def test_whatever_is_not_plainly_allowed_exits_3(more, changes, effect):
    status, ruling = ruled(*more, **changes)
    assert (3, effect, False) == (status, ruling["effect"], ruling["allowed"])
    assert ruling["reasons"]


def test_without_an_age_an_adult_is_meant():
    words = ("decide", "--subject", "de", "--purpose", "club", "--category", "score", "--consent", "club")
    assert policy(*words).exit_code == 0
    assert policy(*words, "--age", "12").exit_code == 3


def test_a_transfer_needs_adequacy_or_an_instrument_of_the_regions_file(tmp_path):
    words = ["--consent", "leaderboard", "--consent", "leaderboard:display-name"]
    assert ruled(*words, to="us-west", age=30)[0] == 0
    bare = tmp_path / "regions.toml"
    text = policy_facts.REGIONS_FILE.read_text().partition("[[instruments]]")[0]
    bare.write_text(text)
    status, ruling = ruled(*words, to="us-west", age=30, regions=bare)
    assert (3, ["no-transfer-ground"]) == (status, ruling["reasons"])
    assert ruled(*words, "--instrument", "standard-clauses", to="us-west", age=30, regions=bare)[0] == 0
    assert ruled(*words, to="sa-east", age=30, regions=bare)[0] == 0


@pytest.mark.parametrize("subject", ["us", "US", "us-tx", "US-TX", "us-or"])
def test_states_without_a_pack_of_their_own_and_the_federation_have_the_federal_pack(subject):
    found = policy("deadlines", "--subject", subject, "--output", "json")
    assert {"dsr_days": 45, "extension_days": None, "breach_authority_hours": None} == {
        key: json.loads(found.stdout)[key] for key in ("dsr_days", "extension_days", "breach_authority_hours")
    }


@pytest.mark.parametrize("subject", ["us-ca", "US-CA", "ca-qc", "br", "Fr", "no"])
def test_a_place_is_named_in_either_case(subject):
    assert policy("deadlines", "--subject", subject).exit_code == 0


@pytest.mark.parametrize("subject", ["ng", "xx", "us-zz", "ca-zz"])
def test_a_place_without_a_pack_exits_4_and_is_named(subject):
    for found in (asked(subject=subject), policy("deadlines", "--subject", subject)):
        assert found.exit_code == 4
        assert subject.upper() in found.stderr


ENABLED = """
[enabled_subdivisions.US-TX]
signed_by = "A. Counsel"
signed_on = 2026-01-01
reference = "opinion 1"
"""


@pytest.mark.parametrize("command", ["decide", "explain"])
@pytest.mark.parametrize(
    ("subject", "jurisdiction"), [("us-tx", "us"), ("US-NY", "us"), ("ng", ""), ("us-zz", "")]
)
def test_nobody_is_served_where_no_pack_has_the_law_of_the_place(command, subject, jurisdiction):
    found = asked(command, "--output", "json", subject=subject)
    refused = json.loads(found.stdout)
    assert (4, "deny", False) == (found.exit_code, refused["effect"], refused["allowed"])
    assert (jurisdiction, ["no-pack"], KEYS) == (refused["jurisdiction"], refused["reasons"], list(refused))
    assert subject.upper() in found.stderr


def test_a_state_is_served_once_the_regions_file_answers_for_it(tmp_path):
    opened = tmp_path / "regions.toml"
    opened.write_text(policy_facts.REGIONS_FILE.read_text() + ENABLED)
    ends = {"from": "us-west", "to": "us-west", "regions": opened}
    status, ruling = ruled("--consent", "leaderboard", subject="us-tx", **ends)
    assert (0, "allow", "us") == (status, ruling["effect"], ruling["jurisdiction"])
    assert ruled(subject="us-or", **ends)[0] == 4
    assert policy("matrix", "--subject", "us-tx", "--regions", opened).exit_code == 0
    assert policy("matrix", "--subject", "us-tx").exit_code == 4


def test_federal_law_alone_is_said_to_be_that():
    found = policy(
        "decide", "--subject", "us", "--purpose", "club", "--category", "score", "--consent", "club"
    )
    assert found.exit_code == 0
    assert "[enabled_subdivisions.US-XX]" in found.stderr


def test_where_no_region_is_home_it_is_said_what_to_write_in_the_regions_file():
    found = policy("decide", "--subject", "ru", "--purpose", "club", "--category", "score")
    assert found.exit_code == 2
    for part in ("--regions", 'jurisdictions = ["ru"]', 'country = "RU"', "--from", "eu-central"):
        assert part in found.stderr


@pytest.mark.parametrize(
    ("more", "changes", "said"),
    [
        pytest.param([], {"purpose": "fun"}, "leaderboard", id="purpose"),
        pytest.param([], {"category": "shoe-size"}, "heart-rate", id="category"),
        pytest.param([], {"to": "moon"}, "sa-east", id="region"),
        pytest.param([], {"from": "moon"}, "eu-west", id="origin"),
        pytest.param(["--instrument", "wish"], {}, "standard-clauses", id="instrument"),
        pytest.param(["--consent", "fun"], {}, "leaderboard", id="consent"),
        pytest.param(["--consent", "club:shoes"], {}, "heart-rate", id="consent-category"),
        pytest.param(["--signal", "smoke"], {}, "gpc", id="signal"),
        pytest.param([], {"subject": "france"}, "ISO 3166", id="subject"),
        pytest.param([], {"subject": "de-zz"}, "DE-ZZ", id="subdivision"),
        pytest.param([], {"at": "tomorrow"}, "2027-01-01", id="date"),
        pytest.param([], {"regions": "none.toml"}, "none.toml", id="regions-file"),
        pytest.param([], {"age": "-1"}, "greater than or equal to 0", id="age"),
    ],
)
def test_an_unknown_name_exits_2_and_names_what_is_known(more, changes, said):
    found = asked("decide", *more, **changes)
    assert found.exit_code == 2
    assert said in "".join(found.stderr.split("\n"))
    assert not found.stdout


def test_people_read_sentences_rules_and_obligations():
    shown = asked("decide", "--consent", "leaderboard").stdout
    for part in ("Allowed", "eu/fr", "age 15", "There is a valid consent.", "GDPR Art. 7(1)", "high"):
        assert part in shown


@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "Abgelehnt"), ("pt-BR", "Recusado"), ("ru", "Отказано")],
)
def test_people_read_it_in_their_language(language, said):
    assert said in asked("decide", "--objection", "leaderboard", language=language).stdout


def test_what_rests_on_memory_is_marked():
    words = ("decide", "--subject", "br", "--purpose", "analysis", "--category", "heart-rate")
    found = policy(*words)
    assert found.exit_code == 3
    assert "*" in found.stdout
    assert "from memory" in found.stdout
    assert json.loads(policy(*words, "--output", "json").stdout)["recalled"] is True


def test_a_matrix_has_every_purpose_and_region():
    found = json.loads(policy("matrix", "--subject", "fr", "--age", "14", "--output", "json").stdout)
    regions = [one["region"] for one in found["destinations"]]
    assert [(purpose, region) for purpose in Purpose for region in regions] == [
        (one["purpose"], one["destination"]) for one in found["cells"]
    ]
    assert {"eu-central": True, "eu-west": True, "sa-east": False, "us-west": False} == {
        one["region"]: one["home"] for one in found["destinations"]
    }


def test_a_cell_of_a_matrix_says_what_decide_says():
    words = ("--subject", "gb", "--category", "score", "--consented", "--output", "json")
    cells = json.loads(policy("matrix", *words).stdout)["cells"]
    for cell in (one for one in cells if one["categories"]):
        question = ("--purpose", cell["purpose"], "--category", "score", "--to", cell["destination"])
        consents = ("--consent", cell["purpose"], "--consent", f"{cell['purpose']}:score")
        ruling = policy("decide", "--subject", "gb", *question, *consents, "--output", "json")
        assert {json.loads(ruling.stdout)["effect"]: ["score"]} == cell["categories"]


def test_a_matrix_for_people_has_a_legend():
    shown = policy("matrix", "--subject", "us-ca").stdout
    for part in ("leaderboard", "eu-central", "home", "Refused until there is consent (needs-consent)"):
        assert part in shown


def test_deadlines_are_four_figures_with_their_sources():
    found = policy("deadlines", "--subject", "fr", "--output", "json")
    expected = {
        "dsr_days": 28,
        "extension_days": 56,
        "breach_authority_hours": 72,
        "breach_subjects_hours": None,
    }
    assert expected == json.loads(found.stdout)
    assert "GDPR Art. 33(1)" in policy("deadlines", "--subject", "fr").stdout


def test_all_packs_are_listed_with_what_is_recalled():
    listed = json.loads(policy("list", "--output", "json").stdout)
    assert sorted(shipped_packs().by_jurisdiction) == [one["jurisdiction"] for one in listed]
    assert all(len(one["sha256"]) == 64 and one["rules"] > 0 for one in listed)
    assert "Quebec" in policy("list").stdout


def test_a_pack_is_shown_to_people_and_programs_and_as_its_file(tmp_path):
    shown = policy("show", "eu").stdout
    for part in ("Regulation (EU) 2016/679 (GDPR)", "eu.guardian-needed", "eu/fr", "adequate: AD"):
        assert part in shown
    assert json.loads(policy("show", "eu", "--output", "json").stdout)["id"] == "eu"
    copy = tmp_path / "eu.toml"
    copy.write_text(policy("show", "eu", "--source").stdout)
    assert copy.read_text() == policy("show", str(copy), "--source").stdout


@pytest.mark.parametrize(("name", "status"), [("xx", 4), ("eu@1999-01-01", 4), ("no/such.toml", 2)])
def test_a_pack_that_is_not_there_is_not_shown(name, status):
    assert policy("show", name).exit_code == status


def test_the_corpus_passes():
    found = json.loads(policy("test", "--output", "json").stdout)
    assert found["cases"] >= 400
    assert (found["cases"], []) == (found["passed"], found["failed"])


def test_a_changed_pack_fails_the_cases_that_it_breaks(tmp_path):
    changed = tmp_path / "br.toml"
    text = policy("show", "br", "--source").stdout
    changed.write_text(
        text.replace("[ages.digital-consent]\nyears = 12", "[ages.digital-consent]\nyears = 13")
    )
    found = policy("test", "--pack", str(changed), "--output", "json")
    assert found.exit_code == 1
    assert {"br.json"} == {one["file"] for one in json.loads(found.stdout)["failed"]}


def test_a_corpus_that_is_not_there_or_cannot_be_read_exits_2(tmp_path):
    assert policy("test", tmp_path / "none").exit_code == 2
    assert policy("test", tmp_path).exit_code == 2
    (tmp_path / "eu.json").write_text("{}")
    assert policy("test", tmp_path).exit_code == 2


def test_every_consent_by_category_is_understood():
    for category in DataCategory:
        assert (Purpose.CLUB, category) == policy_facts.consent_of(f"club:{category}")


@pytest.mark.parametrize(
    ("at", "day", "instant"),
    [
        pytest.param("", (2027, 5, 4), (2027, 5, 4, 12), id="now"),
        pytest.param("2027-05-04", (2027, 5, 4), (2027, 5, 4, 12), id="today-is-now"),
        pytest.param("2026-01-01T10:00Z", (2026, 1, 1), (2026, 1, 1, 10), id="an-instant"),
        pytest.param("2026-01-01T23:00-02:00", (2026, 1, 2), (2026, 1, 2, 1), id="in-utc"),
    ],
)
def test_a_day_or_an_instant_says_which_law(at, day, instant):
    now = datetime(2027, 5, 4, 12, tzinfo=UTC)
    found = policy_facts.instant_of(at, now)
    assert (datetime(*day, tzinfo=UTC).date(), datetime(*instant, tzinfo=UTC)) == found


def test_a_day_that_is_not_today_stands_for_its_end():
    now = datetime(2027, 5, 4, 12, tzinfo=UTC)
    assert policy_facts.instant_of("2026-01-01", now)[1] > datetime(2026, 1, 1, 23, 59, 59, tzinfo=UTC)


def test_an_explanation_has_every_rule_and_the_smallest_changes():
    found = asked("explain", "--output", "json", age=14)
    explained = json.loads(found.stdout)
    assert (3, "needs-guardian") == (found.exit_code, explained["effect"])
    assert KEYS == list(explained)[: len(KEYS)]
    assert ["consent", "guardian"] in explained["changes"]
    assert ["age:15", "consent"] in [sorted(together) for together in explained["changes"]]
    looked_at = {one["rule"]: one for one in explained["looked_at"]}
    assert looked_at["eu/fr.guardian-needed"]["applied"]
    assert looked_at["platform.shared-with-consent"]["unmet"] == ["consent"]


def test_people_read_what_would_allow_it():
    for command in ("decide", "explain"):
        assert "The person is 15 years old or older." in asked(command, age=14).stdout
    shown = asked("explain", age=14).stdout
    for part in ("Every rule that was looked at", "did not apply", "decided"):
        assert part in shown


def test_what_is_allowed_has_nothing_to_change():
    found = asked("explain", "--consent", "leaderboard")
    assert found.exit_code == 0
    assert "What would allow it" not in found.stdout
