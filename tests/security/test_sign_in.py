"""Nothing about signing in tells whether an address has an account: neither answer nor work nor limit."""

from contextlib import contextmanager

from tests.support.node import running_node, signed_in

KNOWN, UNKNOWN = "ana@example.org", "nobody@example.org"
CHANGING = {"date", "x-request-id", "ratelimit", "content-length"}
WRONG = "a wrong but long passphrase"


def said(email, password=WRONG, **more):
    return {"email": email, "password": password, "country": "DE", **more}


def visible(answer):
    """All that a client sees, without what differs between two equal requests."""
    fields = {name: value for name, value in answer.headers.items() if name not in CHANGING}
    body = {name: value for name, value in answer.json().items() if name not in {"instance", "request_id"}}
    return answer.status_code, fields, body


@contextmanager
def counted(node, monkeypatch):
    """How often a password is really checked, and what the stores are asked for meanwhile."""
    container = node.container
    seen = {"checks": 0, "reads": []}
    check, get = container.passwords._matches, container.parts.engine.get

    def matches(*arguments):
        seen["checks"] += 1
        return check(*arguments)

    async def read(space, table, key):
        seen["reads"].append((space, table.name))
        return await get(space, table, key)

    with monkeypatch.context() as patched:
        patched.setattr(container.passwords, "_matches", matches)
        patched.setattr(type(container.parts.engine), "get", lambda _, *rest: read(*rest))
        yield seen


async def test_a_known_and_an_unknown_address_get_the_same_answer_for_the_same_work(node, monkeypatch):
    async with signed_in(node, consents=()), node.client() as client:
        seen = {}
        for email in (KNOWN, UNKNOWN):
            with counted(node, monkeypatch) as work:
                answer = await client.post("/v1/sign-in", json=said(email))
            seen[email] = (*visible(answer), work["checks"], work["reads"])
    assert seen[KNOWN] == seen[UNKNOWN]
    assert (401, 1) == (seen[KNOWN][0], seen[KNOWN][3])


WRONG_WAYS = (
    {"email": "no address at all"},
    {"country": "XX"},
    {"country": "FR", "subdivision": "FR-ZZ"},
    {"country": "RU"},
    {"password": ""},
    {"password": "\x00\ud7ff" * 200},
    {"email": KNOWN.upper()},
    {"email": f" {KNOWN} "},
)


async def test_whatever_is_wrong_costs_one_check_and_is_answered_alike(node, monkeypatch):
    async with signed_in(node), node.client() as client:
        usual = visible(await client.post("/v1/sign-in", json=said(UNKNOWN)))
        for change in WRONG_WAYS:
            with counted(node, monkeypatch) as work:
                answer = await client.post("/v1/sign-in", json=said(KNOWN) | change)
            assert (usual, 1) == (visible(answer), work["checks"]), change


async def test_attempts_are_limited_alike(tmp_path):
    seen = {}
    for email in (KNOWN, UNKNOWN):
        limits = {"sign_ins_per_minute": 5}
        async with (
            running_node(tmp_path / email, http=limits) as node,
            signed_in(node),
            node.client() as client,
        ):
            answers = [await client.post("/v1/sign-in", json=said(email)) for _ in range(5)]
        seen[email] = [(answer.status_code, answer.json()["code"]) for answer in answers]
        assert int(answers[-1].headers["retry-after"]) > 0
    assert seen[KNOWN] == seen[UNKNOWN]
    assert {(401, "sign_in_refused"), (429, "too_many_requests")} == set(seen[KNOWN])
