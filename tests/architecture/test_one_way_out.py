"""Nothing leaves the region but through egress, receipts and beacons: who may use a `Sender`, or seal."""

import ast

from tests.support.sources import code_files, name_of, nodes

MAY_SEND = {
    "federation/beaconing.py",
    "federation/posting.py",
    "region_node/federated/receipts.py",
}
HANDS_ON = {
    "federation/withdrawing.py": "erases what is queued",
    "region_node/federation_network.py": "holds it for those who may",
}
SEALS = {"federation/posting.py"}


def imports(path, module, name):
    return any(
        node.module == module and name in {one.name for one in node.names}
        for node in nodes(path, ast.ImportFrom)
    )


def using(module, name):
    return {name_of(path) for path in code_files() if imports(path, module, name)}


def sending(path):
    """Calls of ``sender.send``, whatever holds the sender."""
    for call in nodes(path, ast.Call):
        called = call.func
        if isinstance(called, ast.Attribute) and called.attr == "send":
            held = called.value.attr if isinstance(called.value, ast.Attribute) else ""
            if held.strip("_") == "sender" or (
                isinstance(called.value, ast.Name) and "sender" in called.value.id
            ):
                yield call


def test_only_egress_receipts_and_beacons_send():
    assert MAY_SEND == {name_of(path) for path in code_files() if list(sending(path))}


def test_nobody_else_takes_a_sender():
    assert using("federation.ports", "Sender") == MAY_SEND | HANDS_ON.keys()


def test_only_egress_seals_envelopes():
    assert SEALS == using("federation.envelope", "seal")


def test_a_planted_way_out_is_found(tmp_path):
    planted = tmp_path / "planted.py"
    planted.write_text("async def leak(network, body):\n    await network.sender.send('fed.x', body, '1')\n")
    assert 1 == len(list(sending(planted)))
