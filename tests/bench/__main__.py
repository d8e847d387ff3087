"""`make bench`: measures every ratio in one run and writes the table into the README.

Numbers are ratios of what was measured side by side, on one machine, in one run: a slow machine is slow
on both sides. With the names of modules as arguments only those are measured, and nothing is written.
"""

import importlib
import sys
from pathlib import Path

from tests.bench.rows import Row, table

MODULES = ("first_frame", "job_table", "logs", "silence", "sandbox")
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def main(names: list[str]) -> int:
    rows: list[Row] = []
    for name in names or MODULES:
        rows += importlib.import_module(f"tests.bench.{name}").rows()
        print(f"{name}: done", file=sys.stderr)
    print(table(rows))
    if not names:
        text = README.read_text("utf-8")
        head, rest = text.split(BEGIN)
        tail = rest.split(END)[1]
        README.write_text(f"{head}{BEGIN}\n{table(rows)}\n{END}{tail}", "utf-8")
    return 0 if all(row.held for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
