"""`queuedeck export`: a training queue and all behind it, as text on standard output."""

import argparse
import sys
import threading
from collections.abc import Sequence

from tui.aws import resources
from tui.aws.patient import PatientAws
from tui.headless import connection
from tui.model.blueprint import Blueprint
from tui.model.blueprint_file import blueprint_of, file_text
from tui.model.export_cloudformation import cloudformation_text
from tui.model.export_terraform import terraform_text

FORMATS = ("file", "json", "cloudformation", "terraform")


@connection.told
def main(arguments: Sequence[str]) -> int:
    """Run the command. Exit code 0: written; 1: it could not be read; 2: the command is wrong."""
    parser = argparse.ArgumentParser(
        prog="queuedeck export",
        description="Write a training queue and all behind it to standard output.",
        allow_abbrev=False,
    )
    parser.add_argument("queue", metavar="QUEUE", help="name of the job queue")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="file",
        help="file (default; YAML) and json are what `queuedeck setup` reads",
    )
    connection.add_options(parser)
    options = vars(parser.parse_args(arguments))
    queue = options["queue"]
    aws, _ = connection.connect(options, changes=False)
    existing = resources.read(PatientAws(aws, threading.Event()), {queue}, jobs=False)
    blueprint = blueprint_of(existing, queue)
    if blueprint is None:
        connection.complain(f"there is no job queue {queue} here")
        return connection.FAILED
    sys.stdout.write(text_of(blueprint, options["format"]))
    return connection.DONE


def text_of(blueprint: Blueprint, form: str) -> str:
    """The blueprint in one of the `FORMATS`."""
    match form:
        case "cloudformation":
            return cloudformation_text(blueprint)
        case "terraform":
            return terraform_text(blueprint)
        case "json":
            return file_text(blueprint, "json")
        case _:
            return file_text(blueprint)
