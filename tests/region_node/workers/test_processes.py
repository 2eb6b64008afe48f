"""Import processes: one that dies takes its own job only, and none is left behind."""

import asyncio
import os
import signal
import sys
import time

import psutil
import pytest

from region_node.workers.processes import ImportProcesses, ProcessDied


@pytest.fixture
async def processes():
    made = ImportProcesses(2)
    yield made
    made.close()


async def test_they_start_with_the_first_job(processes):
    assert [] == processes.pids()
    assert 5 == await processes.run(len, b"12345")
    assert 1 == len(processes.pids())


async def test_a_process_that_dies_fails_its_own_job_only(processes):
    first = await processes.run(os.getpid)
    doomed = asyncio.create_task(processes.run(time.sleep, 60))
    neighbour = await processes.run(os.getpid)
    assert first != neighbour
    os.kill(next(pid for pid in processes.pids() if pid != neighbour), signal.SIGKILL)
    with pytest.raises(ProcessDied):
        await doomed
    assert [3] * 4 == await asyncio.gather(*(processes.run(len, b"123") for _ in range(4)))


async def test_a_fault_of_the_work_is_told_and_the_process_goes_on(processes):
    pid = await processes.run(os.getpid)
    with pytest.raises(ZeroDivisionError):
        await processes.run(divmod, 1, 0)
    assert pid in {await processes.run(os.getpid) for _ in range(2)}


async def test_more_jobs_than_processes_wait_their_turn(processes):
    answers = await asyncio.gather(*(processes.run(os.getpid) for _ in range(10)))
    assert set(answers) == set(processes.pids())
    assert len(set(answers)) <= 2


async def test_close_ends_them_in_the_middle_of_their_work():
    processes = ImportProcesses(1)
    process = psutil.Process(await processes.run(os.getpid))
    under_way = asyncio.create_task(processes.run(time.sleep, 60))
    await asyncio.sleep(0.2)
    processes.close()
    await asyncio.to_thread(process.wait, 10)
    (fault,) = await asyncio.gather(under_way, return_exceptions=True)
    assert isinstance(fault, ProcessDied | asyncio.CancelledError)
    assert not process.is_running()


NODE = """
import asyncio, os, sys, time
from region_node.workers.processes import ImportProcesses
async def main():
    processes = ImportProcesses(1)
    print(await processes.run(os.getpid), flush=True)
    await processes.run(time.sleep, 60)
if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_they_end_with_a_node_that_was_killed(tmp_path):
    (tmp_path / "node.py").write_text(NODE)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    node = await asyncio.create_subprocess_exec(
        sys.executable, str(tmp_path / "node.py"), stdout=asyncio.subprocess.PIPE, env=environment
    )
    process = psutil.Process(int(await asyncio.wait_for(node.stdout.readline(), 60)))
    node.kill()
    await node.wait()
    await asyncio.to_thread(process.wait, 20)
    assert not process.is_running()
