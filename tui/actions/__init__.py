"""What the user does to jobs: typed commands, sent until they are done or surely not, and told.

    actions.set_priority({job_id: 9}, done)        # `done` gets a `Result`, in the UI thread

`commands` says what can be done, `run` how often a call is tried, `desk` who keeps track of it all.
"""

from tui.actions.commands import Command, Requeue, SetPriority, Submit, Terminate
from tui.actions.desk import Actions
from tui.actions.outcomes import Done, NotDone, Outcome, Result

__all__ = [
    "Actions",
    "Command",
    "Done",
    "NotDone",
    "Outcome",
    "Requeue",
    "Result",
    "SetPriority",
    "Submit",
    "Terminate",
]
