"""The audit log's file: whole lines, for one pair of eyes."""

import json
import stat
import threading
from pathlib import Path

from tui.live.audit import AuditLog, Entry, append


def entry(number: int) -> Entry:
    return Entry(action="terminate", job_id=str(number), outcome="done", why="x" * 3_000)


def test_lines_of_many_writers_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    writers = [
        threading.Thread(target=lambda w=w: [append(path, [entry(w * 100 + n)]) for n in range(50)])
        for w in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = {json.loads(line)["job_id"] for line in path.read_text().splitlines()}
    assert found == {str(w * 100 + n) for w in range(4) for n in range(50)}


def test_half_a_character_is_written_as_a_mark(tmp_path: Path) -> None:
    append(tmp_path / "log", [Entry(action="terminate", outcome="done", why="caf\udce9")])
    assert json.loads((tmp_path / "log").read_text())["why"] == "caf‹DCE9›"


def test_a_file_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("")
    path.chmod(0o644)
    append(path, [entry(1)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_close_waits_for_what_was_written_and_it_goes_on_after(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "log")
    log.write([entry(1), entry(2)])
    log.close()
    assert len((tmp_path / "log").read_text().splitlines()) == 2
    log.write([entry(3)])
    log.close()
    assert len((tmp_path / "log").read_text().splitlines()) == 3


def test_failures_in_a_row_are_told_once(tmp_path: Path) -> None:
    told: list[str] = []
    (tmp_path / "folder").write_text("")
    log = AuditLog(tmp_path / "folder" / "log", told.append)
    for number in range(3):
        log.write([entry(number)])
    log.close()
    assert len(told) == 1
    assert "folder" in told[0]
