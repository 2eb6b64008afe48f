"""The examples of docs/http.md work as they stand, on a node that serves."""

import asyncio
import os
import re
import shutil
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "http.md"


def script():
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_guide_runs_from_sign_up_to_delete(node, tmp_path):
    environment = {**os.environ, "URL": node.url.replace("127.0.0.1", "localhost"), "TMPDIR": str(tmp_path)}
    running = await asyncio.create_subprocess_exec(
        "bash",
        "-euo",
        "pipefail",
        "-c",
        script(),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await running.communicate())[0].decode()
    assert running.returncode == 0, said
    assert '"state":"done"' in said
    assert '"sport":"running"' in said
    assert '"title":"Before breakfast"' in said
    assert '"code":"not_authenticated"' in said
