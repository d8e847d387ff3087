"""Faults on order, as they are written."""

import pytest

from tui.sandbox.faults import Dice, FaultError, Faults, faults_from_body, parse_faults


def test_the_whole_specification() -> None:
    spec = "throttle=0.2, error=0.05,latency=40ms,drop=0.01,denied=batch:UpdateServiceJob,denied=s3:*,expired"
    assert parse_faults(spec) == Faults(
        throttle=0.2,
        error=0.05,
        latency_ms=40,
        drop=0.01,
        denied=("batch:UpdateServiceJob", "s3:*"),
        expired=True,
    )
    assert parse_faults("") == Faults()
    assert parse_faults("latency=1.5s").latency_ms == 1500


def test_json_says_the_same() -> None:
    body = b'{"throttle": 0.2, "latency": "40ms", "denied": ["batch:*"], "expired": true}'
    assert faults_from_body(body) == Faults(throttle=0.2, latency_ms=40, denied=("batch:*",), expired=True)
    assert faults_from_body(b"drop=1") == Faults(drop=1)
    assert faults_from_body(b"") == Faults()


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("throttle=2", "throttle is a share of all calls between 0 and 1"),
        ("throttle", "throttle is a share"),
        ("error=x", "error is a share"),
        ("drop=nan", "drop is a share"),
        ("latency=fast", "latency is a time, for example latency=40ms"),
        ("latency=-1ms", "latency is a time"),
        ("denied=UpdateServiceJob", "denied is an IAM action"),
        ("expired=yes", "expired takes no value"),
        ("slow", "unknown fault 'slow': there are throttle, error, drop, latency, denied and expired"),
        ("{", "the JSON is not valid"),
        ('{"throttle": true}', "throttle is a share"),
    ],
)
def test_a_bad_specification_is_told_plainly(spec: str, says: str) -> None:
    with pytest.raises(FaultError, match="^" + says.replace("'", ".").split("(")[0]):
        faults_from_body(spec.encode())


def test_denied_actions_take_wildcards() -> None:
    faults = parse_faults("denied=batch:Update*,denied=iam:*")
    assert faults.denies("batch:UpdateServiceJob")
    assert faults.denies("iam:GetRole")
    assert not faults.denies("batch:SubmitServiceJob")


def test_chance_follows_the_seed() -> None:
    first, second = ([dice.strikes(0.5) for _ in range(50)] for dice in (Dice(7), Dice(7)))
    assert first == second
    assert {True, False} == set(first)
    assert not any(Dice(1).strikes(0) for _ in range(10))
    assert all(Dice(1).strikes(1) for _ in range(10))
