"""What `queuedeck submit` is given, as submissions that are checked: from a file, a script or a folder."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from tui.aws.session import Aws
from tui.headless.connection import complain
from tui.headless.submit_options import OPTION_OF, Wrong, named, pairs
from tui.model.editing import with_member
from tui.model.payload_text import PAYLOAD
from tui.model.queues import PolicyKind
from tui.model.submission import FieldProblem, Submission, parse_payload, request_of
from tui.model.submission_rules import check
from tui.model.sweep import copies, sweep
from tui.model.templates import read_document, with_lines

T = TypeVar("T")


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What was given: the submission in it, its text, what to call it, and the script if it is one."""

    submission: Submission = msgspec.field(default_factory=Submission)
    text: str = ""
    name: str = ""
    script: str = ""


def read(options: argparse.Namespace) -> Read:
    """FILE or the template. Raises Wrong, with lines that name file and line."""
    if options.source_dir:
        return Read()
    if options.template:
        from tui.templates import path_of

        return _read_file(_or_wrong(lambda: path_of(options.template)))
    if options.file == "-":
        return _document(sys.stdin.read(), "standard input")
    if options.file.endswith(".py"):
        if not Path(options.file).is_file():
            raise Wrong(f"{options.file}: there is no such file")
        return Read(name=options.file, script=options.file)
    return _read_file(Path(options.file))


def build(base: Submission, given: Read, options: argparse.Namespace, aws: Aws) -> Submission:
    """The submission in full. With the SDK this uploads. Raises Wrong and AwsProblem."""
    if given.script or options.source_dir:
        base = _built(base, given, options, aws)
    return _changed(named(base), options)


def check_all(jobs: list[Submission], kind: PolicyKind | None, shares: list[str] | None, given: Read) -> None:
    """Raises Wrong for the first job with problems: all of them."""
    from tui.aws.validation import check_payload

    for job in jobs:
        problems = check(job, kind, shares)
        payload = parse_payload(request_of(job)[PAYLOAD])
        if not isinstance(payload, FieldProblem) and not any(p.field == PAYLOAD for p in problems):
            problems += check_payload(payload)
        if problems:
            placed = with_lines(problems, given.text) if given.text else problems
            which = f" (job {job.job_name})" if len(jobs) > 1 else ""
            raise Wrong(*(f"{_line(problem, given.name)}{which}" for problem in placed))


def _line(problem: FieldProblem, name: str) -> str:
    """`train.json:4: RoleArn: …`, or the option that sets the field."""
    said = f"{problem.field}: {problem.message}"
    if problem.line and name:
        return f"{name}:{problem.line}: {said}"
    if option := OPTION_OF.get(problem.field):
        return f"{said} ({option})"
    return f"{name}: {said}" if name else said


def _or_wrong(call: Callable[[], T]) -> T:
    try:
        return call()
    except ValueError as error:
        raise Wrong(str(error)) from None


def _read_file(path: Path) -> Read:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise Wrong(f"{path}: there is no such file") from None
    except OSError as error:
        raise Wrong(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Wrong(f"{path}: it is not text in UTF-8") from None
    return _document(text, str(path))


def _document(text: str, name: str) -> Read:
    found = read_document(text)
    if isinstance(found, list):
        raise Wrong(*(_line(problem, name) for problem in found))
    return Read(submission=found, text=text, name=name)


def _built(base: Submission, given: Read, options: argparse.Namespace, aws: Aws) -> Submission:
    from tui.aws.sdk import build_from_script, build_from_source

    connection = replace(aws.connection, region=aws.region)
    how: dict[str, Any] = {"python": options.python, "progress": _progress}
    if given.script:
        return build_from_script(given.script, base, connection, **how)
    return build_from_source(_source(options, aws.region), base, connection, **how)


def _progress(stage: str, message: str) -> None:
    if stage != "log":
        complain(message)


def _source(options: argparse.Namespace, region: str) -> Any:
    from tui.aws.sdk import Source, retrieve_image

    image = options.image
    framework, colon, version = image.partition(":")
    if colon and "/" not in image and "." not in framework:
        kind = options.instance_type
        image = retrieve_image(framework, version, kind, region=region, python=options.python)
        complain(f"The image is {image}")
    given = {
        "source_dir": options.source_dir,
        "entry_point": options.entry_point,
        "command": options.command,
        "requirements": options.requirements,
        "image": image,
        "role": options.role,
        "instance_type": options.instance_type,
        "instance_count": options.instance_count,
        "volume_gb": options.volume,
        "max_runtime_seconds": options.max_runtime,
        "hyperparameters": pairs("--hyperparameter", options.hyperparameter),
        "environment": pairs("--env", options.env),
        "inputs": pairs("--input", options.input),
        "output_path": options.output_path,
        "bucket": options.bucket,
    }
    return Source(**{name: value for name, value in given.items() if value is not None})


def _changed(base: Submission, options: argparse.Namespace) -> Submission:
    """With the members that `--set` names."""
    from tui.aws.validation import typed_value

    payload = parse_payload(base.payload) if isinstance(base.payload, str) else base.payload
    if isinstance(payload, FieldProblem) or not options.set:
        return base
    for path, value in pairs("--set", options.set).items():
        changed = payload
        payload = _or_wrong(lambda c=changed, p=path, v=value: with_member(c, p, typed_value(p, v)))
    return replace(base, payload=payload)


def several(base: Submission, options: argparse.Namespace) -> list[Submission]:
    """The jobs of `--count` or `--sweep`. Raises Wrong."""
    if not options.sweep:
        return _or_wrong(lambda: copies(base, options.count))
    parameter, _, values = options.sweep.partition("=")
    return _or_wrong(lambda: sweep(base, parameter, values.split(",") if values else []))
