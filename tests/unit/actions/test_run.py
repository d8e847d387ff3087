"""A run keeps on until every command has its outcome, and loses none."""

from hypothesis import given
from hypothesis import strategies as st

from tui.actions.commands import Answer, Refused, SetPriority, Submit, Terminate, calls
from tui.actions.outcomes import Done, NotDone
from tui.actions.run import Run
from tui.actions.shell import shell_text
from tui.actions.words import NAMED, pending_text, result_text
from tui.aws.problems import Problem
from tui.model.submission import Submission

AGAIN = Problem(code="Throttled", title="Throttled", cause="Too much.", next_step="", retryable=True)
NEVER = Problem(code="AccessDenied", title="Not allowed", cause="No.", next_step="Ask.")


def terminations(count: int, reason: str = "r") -> tuple[Terminate, ...]:
    return tuple(
        Terminate(job_id=f"id{n}", reason=reason, name=f"job-{n}", status="RUNNABLE") for n in range(count)
    )


def test_terminations_go_by_fifty_for_each_reason_and_all_else_alone() -> None:
    changes = tuple(SetPriority(job_id=f"p{n}", priority=n) for n in range(3))
    made = calls((*terminations(120), *terminations(1, "other"), *changes))
    assert [len(call.commands) for call in made] == [1, 1, 1, 50, 50, 20, 1]


@given(
    st.integers(1, 130),
    st.lists(st.sampled_from(["done", "again", "never"]), min_size=1, max_size=40),
    st.floats(0, 300),
)
def test_every_command_ends_with_one_outcome(count: int, answers: list[str], step: float) -> None:
    now = 0.0
    run = Run(terminations(count), patience=60.0, clock=lambda: now, chance=lambda low, high: 1.0)
    turn = 0
    while not run.over:
        todo = run.round()
        assert {command.key for call in todo for command in call.commands} == {c.key for c in run.open}
        for index, call in enumerate(todo):
            given: list[Answer] = []
            for command in call.commands:
                said = answers[turn % len(answers)]
                turn += 1
                done = Done(key=command.key, name=command.name, job_id=command.key)
                given.append(done if said == "done" else Refused(AGAIN if said == "again" else NEVER))
            assert run.answer(call, tuple(given)) is (index == len(todo) - 1)
        delay = run.delay()
        now += step if delay is None else max(delay, step)
    assert [outcome.key for outcome in run.result.outcomes] == [f"id{n}" for n in range(count)]


def test_patience_ends_with_the_last_problem() -> None:
    now = 0.0
    run = Run(terminations(1), patience=10.0, clock=lambda: now, chance=lambda low, high: 1.0)
    delays: list[float] = []
    while not run.over:
        (call,) = run.round()
        run.answer(call, (Refused(AGAIN),))
        delay = run.delay()
        if delay is not None:
            delays.append(delay)
            now += delay
    assert delays == [0.5, 1.0, 2.0, 4.0]
    assert run.result.not_done[0].problem == AGAIN


def test_a_new_job_is_not_forgotten_when_the_old_one_could_not_be_stopped() -> None:
    run = Run(terminations(1))
    (call,) = run.round()
    run.answer(call, (Refused(NEVER, "new-id"),))
    assert run.result.not_done[0].job_id == "new-id"


def test_toasts_name_a_few_and_count_the_rest() -> None:
    commands = terminations(6)
    run = Run(commands)
    (call,) = run.round()
    run.answer(call, tuple([Done(key="id0", name="job-0")] + [Refused(NEVER)] * 5))
    text = result_text(commands, run.result)
    assert text.startswith("Cancelled job-0. Not cancelled: 5 jobs: job-1, job-2, job-3 and 2 more. ")
    assert "Not allowed: No." in text
    assert NAMED == 3
    assert result_text((), run.result) == ""


def test_a_pending_word_fits_the_status_column() -> None:
    commands = (
        SetPriority(job_id="a", priority=9999),
        *terminations(1),
        Terminate(job_id="b", reason="", status="RUNNING"),
        Submit(submission=Submission()),
    )
    assert all(len(pending_text(command)) <= 9 for command in commands)


def test_not_done_has_its_reason_once_and_nothing_else() -> None:
    outcome = NotDone(key="a", name="n", problem=NEVER)
    assert outcome.job_id == ""


def test_shell_text_quotes_everything() -> None:
    commands = (Terminate(job_id="$(reboot)", reason="`x` 'y' \"z\"\n!"),)
    assert shell_text(commands, profile="a b", endpoint_url="http://x/?a&b") == (
        "aws --profile 'a b' --endpoint-url 'http://x/?a&b' batch terminate-service-job "
        "--job-id '$(reboot)' --reason '`x` '\"'\"'y'\"'\"' \"z\"\n!'"
    )
