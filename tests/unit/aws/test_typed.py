"""Responses become Structs: cleaned, and whatever odd data they hold."""

import subprocess
import sys

from tui.aws.batch import typed
from tui.aws.training import LogStream
from tui.model.jobs import ServiceJob, ServiceJobDetail
from tui.model.queues import JobQueue


def test_every_string_is_cleaned_wherever_it_is() -> None:
    job = typed(
        ServiceJobDetail,
        {
            "jobId": "1",
            "jobName": "a\x1b]52;c;x\x07b",
            "attempts": [{"statusReason": "x\u202ey"}],
            "tags": {"k\x1b": "v\x9b"},
        },
    )
    assert job is not None
    assert job.job_name == "a␛]52;c;x␇b"
    assert job.attempts[0].status_reason == "x‹202E›y"
    assert job.tags == {"k␛": "v‹009B›"}


def test_unknown_members_are_ignored_and_numbers_in_strings_read() -> None:
    job = typed(ServiceJob, {"jobId": "1", "createdAt": "17", "newMember": {"a": 1}, "status": "RESTING"})
    assert job == ServiceJob(job_id="1", created_at=17, status="RESTING")


def test_a_member_of_the_wrong_type_costs_that_member_only() -> None:
    queue = typed(JobQueue, {"jobQueueName": "q", "priority": "high", "tags": 5, "state": "ENABLED"})
    assert queue == JobQueue(job_queue_name="q", state="ENABLED")


def test_numbers_that_are_none_and_times_of_no_calendar_are_left_out() -> None:
    usage = [{"capacityUnit": "ml.g5.xlarge", "quantity": float("nan")}]
    job = typed(ServiceJob, {"jobId": "1", "capacityUsage": usage, "createdAt": 10**18, "startedAt": -1})
    assert job == ServiceJob(job_id="1")


def test_the_host_of_a_stream_is_cleaned_its_name_is_not() -> None:
    stream = LogStream("job/algo\x1b[2J-1-1700000000")
    assert (stream.host, stream.name) == ("algo␛[2J-1", "job/algo\x1b[2J-1-1700000000")


def test_what_is_no_structure_at_all_is_nothing() -> None:
    assert typed(JobQueue, "queue") is None
    assert typed(JobQueue, None) is None


MANY_AT_ONCE = """
import sys, threading
import msgspec
from tui.aws.batch import typed
from tui.model.shape import Shape

sys.setswitchinterval(1e-6)
for number in range(300):
    inner = msgspec.defstruct("Inner", [(f"time_{i}", int, 0) for i in range(9)], bases=(Shape,), frozen=True)
    outer = msgspec.defstruct("Outer", [(f"part_{i}", inner, inner()) for i in range(9)], bases=(Shape,))
    answers, together = [], threading.Barrier(4)

    def read():
        together.wait()
        answers.append(typed(outer, {"part1": {"time1": "9"}}))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.part_1.time_1 for answer in answers] == [9] * 4
print("all alive")
"""


def test_many_threads_may_read_a_shape_for_the_first_time() -> None:
    ended = subprocess.run([sys.executable, "-c", MANY_AT_ONCE], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "all alive\n"
