"""A program in a real pseudo-terminal, its screen read back by a terminal emulator (pyte)."""

import base64
import codecs
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte

QUEUEDECK = (sys.executable, "-m", "tui")
KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pagedown": "\x1b[6~",
    "pageup": "\x1b[5~",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "shift+tab": "\x1b[Z",
    "f7": "\x1b[18~",
} | {f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"}


class Terminal:
    """Runs a command on a pty of `size` (columns, rows).

        with Terminal([*QUEUEDECK, "--demo"]) as terminal:
            terminal.wait_for("vision-prod")
            terminal.press("enter")
            print(terminal.text)
        assert terminal.exit_code == 0

    If it is not `controlling`, the program gets no signals from it, such as SIGHUP when it is gone.
    `output` holds every byte the program sent; `screen`, what they make a terminal show, is worked out when
    it is looked at. Waiting is for a condition, with a limit in seconds.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str] | None = None,
        controlling: bool = True,
    ) -> None:
        self._screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.output = bytearray()
        self._shown = 0
        self.last_output_at = 0.0
        self._changed = threading.Condition()
        self._master, slave = pty.openpty()
        self.resize(*size)
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        environment.pop("NO_COLOR", None)
        # As on a user's machine: what was compiled once is not compiled at every start.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.started_at = time.perf_counter()
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if controlling else None,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                data = b""
            with self._changed:
                if data:
                    self.last_output_at = time.perf_counter()
                    self.output += data
                self._changed.notify_all()
            if not data:
                return

    @property
    def screen(self) -> pyte.Screen:
        """What the terminal shows now."""
        with self._changed:
            data, self._shown = self.output[self._shown :], len(self.output)
            self._stream.feed(self._decoder.decode(data))
            return self._screen

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; a running program is told by SIGWINCH."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        with self._changed:
            self.screen.resize(rows, columns)
        if process := getattr(self, "process", None):
            os.killpg(process.pid, signal.SIGWINCH)

    @property
    def lines(self) -> list[str]:
        with self._changed:
            return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def reversed(self) -> str:
        """What is shown in reverse video, the blanks between left out."""
        with self._changed:
            rows = [self.screen.buffer[row] for row in range(self.screen.lines)]
            cells = [row[column] for row in rows for column in range(self.screen.columns)]
        return "".join(cell.data for cell in cells if cell.reverse).replace(" ", "")

    def send(self, data: str) -> None:
        os.write(self._master, data.encode())

    def press(self, *keys: str) -> None:
        """Press keys by name (`enter`, `down`, `ctrl+c`) or as the character itself."""
        for key in keys:
            self.send(KEYS.get(key, key))

    def wait_for(self, wanted: str | Callable[[str], object], timeout: float = 30.0) -> float:
        """Wait until the screen shows a text, or satisfies a predicate on its text.

        Returns the seconds from the program's start to the output that did it. Raises AssertionError
        with the screen as it is when the time is over.
        """
        holds = wanted if callable(wanted) else lambda text: wanted in text
        deadline = time.perf_counter() + timeout
        with self._changed:
            while not holds("\n".join(line.rstrip() for line in self.screen.display)):
                left = deadline - time.perf_counter()
                if left <= 0 or (self.process.poll() is not None and not self._reader.is_alive()):
                    screen = "\n".join(self.screen.display)
                    ended = self.process.poll()
                    when = f"within {timeout} s" if ended is None else f"when it ended with code {ended}"
                    raise AssertionError(f"not on the screen {when}: {wanted!r}\n{screen}")
                self._changed.wait(min(left, 0.5))
            return self.last_output_at - self.started_at

    def seconds_to(self, sent: bytes, timeout: float = 30.0) -> float:
        """Wait until the program has sent these bytes; the seconds from its start to then.

        For measuring: meanwhile nothing is worked out that could delay it.
        """
        with self._changed:
            came = self._changed.wait_for(lambda: sent in self.output, timeout)
            assert came, f"not sent within {timeout} s: {sent!r}"
            return self.last_output_at - self.started_at

    def wait_quiet(self, seconds: float, timeout: float = 30.0) -> None:
        """Wait until nothing has been sent for `seconds`."""
        deadline = time.perf_counter() + timeout
        with self._changed:
            seen = -1
            while seen != len(self.output):
                assert time.perf_counter() < deadline, "the terminal never went quiet"
                seen = len(self.output)
                self._changed.wait_for(lambda: len(self.output) != seen, seconds)  # noqa: B023

    def listen(self, seconds: float) -> int:
        """The bytes the program sends in the next `seconds`."""
        deadline, before = time.perf_counter() + seconds, len(self.output)
        with self._changed:
            while (left := deadline - time.perf_counter()) > 0:
                self._changed.wait(left)
            return len(self.output) - before

    def wait_exit(self, timeout: float = 15.0) -> int:
        self.process.wait(timeout)
        self._reader.join(timeout)
        return self.process.returncode

    @property
    def exit_code(self) -> int | None:
        return self.process.poll()

    @property
    def clipboards(self) -> list[str]:
        """The texts it has put on the clipboard so far (OSC 52), oldest first."""
        with self._changed:
            copied = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)", self.output)
        return [base64.b64decode(text).decode() for text in copied]

    @property
    def farewell(self) -> str:
        """What it said on the ordinary screen once the full-screen part was over, or in place of it."""
        said = self.output.decode("utf-8", "replace").rpartition("\x1b[?1049l")[2]
        return re.sub(r"\x1b[\[<>=?0-9;]*[a-zA-Z]", "", said).replace("\r", "").strip()

    @property
    def canonical(self) -> bool:
        """Whether the terminal is back in its ordinary line mode with echo."""
        flags = termios.tcgetattr(self._master)[3]
        return bool(flags & termios.ICANON) and bool(flags & termios.ECHO)

    def cpu_seconds(self) -> float:
        """User and system time the program has used so far (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(5)
        if self._master >= 0:
            os.close(self._master)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
