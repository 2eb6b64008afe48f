import asyncio
import json
import stat

import pytest
from typer.testing import CliRunner

from cli.app import app
from region_node.control.audit import AuditLog
from region_node.control.database import ControlDatabase


class Desk:
    """One machine with a control database and the files of several operators."""

    def __init__(self, folder):
        self.folder = folder
        self.url = f"sqlite://{folder / 'control.sqlite'}"

    def on_database(self, work):
        async def connected():
            async with await ControlDatabase.open(self.url) as database:
                return await work(database)

        return asyncio.run(connected())

    def run(self, *arguments, caller=None, stdin=None):
        environment = {"MERIDIAN_CONTROL_URL": self.url, "COLUMNS": "200"}
        if caller:
            environment["MERIDIAN_TOKEN_FILE"] = str(self.folder / f"{caller}.token")
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(app, ["operator", *words], env=environment, input=stdin)

    def facts(self, *arguments, **more):
        result = self.run(*arguments, "--output", "json", **more)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def path(self, name):
        return self.folder / name

    def keygen(self, *names):
        for name in names:
            self.facts("keygen", "--name", name, "--directory", self.folder)

    def bootstrap(self, *names, **more):
        words = []
        for name in names:
            words += ["--name", name, "--approval-key", self.path(f"{name}.pub")]
        return self.run("bootstrap", *words, "--token-directory", self.folder, **more)

    def add(self, name, proposer="anna", role="operator"):
        act = self.path(f"add-{name}.act.json")
        words = ["--name", name, "--approval-key", self.path(f"{name}.pub"), "--role", role]
        return self.run(
            "add", *words, "--key", self.path(f"{proposer}.key"), "--act-file", act, caller=proposer
        ), act

    def approve(self, act, approver="boris", key=None):
        words = ["--key", self.path(f"{key or approver}.key"), "--token-directory", self.folder, "--yes"]
        return self.run("approve", act, *words, caller=approver)

    def names(self):
        people = self.facts("list", caller="anna")
        return [one["name"] for one in people if one["revoked_at"] is None]


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    made.on_database(lambda database: database.migrate())
    made.keygen("anna", "boris", "carla")
    assert made.bootstrap("anna", "boris").exit_code == 0
    return made


def test_two_operators_are_made_with_private_token_files(desk):
    assert desk.names() == ["anna", "boris"]
    for name in ("anna", "boris"):
        assert stat.S_IMODE(desk.path(f"{name}.token").stat().st_mode) == 0o600
        assert stat.S_IMODE(desk.path(f"{name}.key").stat().st_mode) == 0o600


def test_no_token_is_ever_shown_or_left_in_the_database(desk):
    proposed, act = desk.add("carla")
    approved = desk.approve(act)
    shown = proposed.output + approved.output + desk.run("list", caller="anna").output
    stored = b"".join(file.read_bytes() for file in desk.folder.glob("control.sqlite*"))
    for name in ("anna", "boris", "carla"):
        token = desk.path(f"{name}.token").read_text()
        secret = token.partition(".")[2]
        assert secret not in shown
        assert secret.encode() not in stored


def test_bootstrap_works_only_once_and_leaves_no_token_behind(desk):
    desk.keygen("dora")
    again = desk.bootstrap("carla", "dora")
    assert again.exit_code == 5
    assert not desk.path("carla.token").exists()


def test_a_second_person_makes_the_third_operator_who_can_then_act(desk):
    proposed, act = desk.add("carla", role="support")
    assert proposed.exit_code == 0
    assert f"meridian operator approve {act}" in proposed.stdout
    assert desk.names() == ["anna", "boris"]
    approved = desk.approve(act)
    assert approved.exit_code == 0
    assert "add operator carla as support" in approved.stderr
    assert desk.run("list", caller="carla").exit_code == 0
    proof = desk.facts("proof", json.loads(act.read_bytes())["act_id"], caller="carla")
    assert proof["document"] == act.read_text()
    assert [one["verified"] for one in proof["consents"]] == [True, True]


@pytest.mark.parametrize(
    ("approver", "key"), [("anna", "anna"), ("boris", "anna")], ids=["the-proposer", "a-forged-signature"]
)
def test_one_person_is_not_enough(desk, approver, key):
    _, act = desk.add("carla")
    refused = desk.approve(act, approver, key)
    assert refused.exit_code == 3
    assert desk.names() == ["anna", "boris"]
    assert not desk.path("carla.token").exists()


def test_an_act_changed_after_it_was_proposed_is_refused(desk):
    _, act = desk.add("carla", role="support")
    act.write_text(act.read_text().replace('"support"', '"operator"'))
    assert desk.approve(act).exit_code == 3
    assert desk.names() == ["anna", "boris"]


def test_saying_no_signs_nothing(desk):
    _, act = desk.add("carla")
    refused = desk.run("approve", act, "--key", desk.path("boris.key"), caller="boris", stdin="n\n")
    assert refused.exit_code == 3
    assert desk.names() == ["anna", "boris"]


def test_an_act_is_approved_once(desk):
    _, act = desk.add("carla")
    assert desk.approve(act).exit_code == 0
    desk.path("carla.token").unlink()
    assert desk.approve(act).exit_code == 5
    assert not desk.path("carla.token").exists()


def test_an_operator_leaves_with_the_consent_of_another_and_their_token_dies(desk):
    _, act = desk.add("carla")
    desk.approve(act)
    leaving = desk.path("leave.act.json")
    words = ["--key", desk.path("carla.key"), "--act-file", leaving]
    assert desk.run("revoke", "carla", *words, caller="carla").exit_code == 0
    assert desk.approve(leaving).exit_code == 0
    assert desk.names() == ["anna", "boris"]
    assert desk.run("list", caller="carla").exit_code == 3


def test_the_last_two_stay(desk):
    act = desk.path("leave.act.json")
    words = ["--key", desk.path("anna.key"), "--act-file", act]
    assert desk.run("revoke", "boris", *words, caller="anna").exit_code == 5
    assert desk.run("revoke", "nobody", *words, caller="anna").exit_code == 4
    assert not act.exists()


def test_a_key_with_a_passphrase_asks_for_it(desk):
    words = ["--name", "dora", "--directory", desk.folder, "--passphrase"]
    assert desk.run("keygen", *words, stdin="long secret\nlong secret\n").exit_code == 0
    assert "ENCRYPTED" in desk.path("dora.key").read_text()
    _, act = desk.add("dora")
    desk.approve(act)
    _, act = desk.add("carla")
    words = ["--key", desk.path("dora.key"), "--token-directory", desk.folder, "--yes"]
    assert desk.run("approve", act, *words, caller="dora", stdin="wrong\n").exit_code == 2
    assert desk.run("approve", act, *words, caller="dora", stdin="long secret\n").exit_code == 0
    assert desk.names() == ["anna", "boris", "carla", "dora"]


def test_a_token_file_that_others_can_read_is_refused_with_the_fix(desk):
    desk.path("anna.token").chmod(0o644)
    refused = desk.run("list", caller="anna")
    assert refused.exit_code == 2
    assert "chmod 600" in refused.stderr


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["keygen", "--name", "anna", "--directory", "."], 5),
        (["keygen", "--name", "../anna", "--directory", "."], 2),
        (["bootstrap", "--name", "x", "--approval-key", "anna.pub", "--token-directory", "."], 2),
        (["list", "--token-file", "none.token"], 2),
        (["list"], 2),
        (["list", "--token-file", "anna.token", "--control-url", "sqlite://none/control.sqlite"], 6),
        (["list", "--token-file", "anna.token", "--control-url", "mysql://x"], 2),
        (["list", "--token-file", "anna.token", "--control-url", "sqlite://empty.sqlite"], 2),
        (["approve", "anna.pub", "--key", "boris.key", "--token-file", "boris.token"], 2),
        (["proof", "nothing", "--token-file", "anna.token"], 4),
    ],
    ids=lambda value: "-".join(value)[:60] if isinstance(value, list) else str(value),
)
def test_each_mistake_has_its_exit_status_and_no_traceback(desk, monkeypatch, words, status):
    monkeypatch.chdir(desk.folder)
    result = desk.run(*words)
    assert result.exit_code == status
    assert isinstance(result.exception, SystemExit)
    assert result.stderr


def test_a_password_is_not_taken_from_the_arguments(desk):
    refused = desk.run("list", "--control-url", "postgresql://a:hidden@127.0.0.1/x", caller="anna")
    assert refused.exit_code == 2
    assert "MERIDIAN_CONTROL_URL" in refused.stderr
    assert "hidden" not in refused.output


def test_denied_calls_are_recorded(desk):
    token = desk.path("boris.token").read_text()
    wrong = "A" if token[-2] != "A" else "B"
    desk.path("anna.token").write_text(token[:-2] + wrong + token[-1])
    assert desk.run("list", caller="anna").exit_code == 3
    newest = desk.on_database(lambda database: AuditLog(database).entries(limit=1))[0]
    assert (newest.operator_id, newest.action, newest.outcome) == (None, "operator.list", "denied")


@pytest.mark.parametrize("command", ["keygen", "bootstrap", "add", "approve", "revoke", "list", "proof"])
def test_every_command_explains_itself_with_an_example(desk, command):
    shown = desk.run(command, "--help").stdout
    assert "Example: meridian operator" in shown
    assert "--output" in shown
