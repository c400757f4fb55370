"""A Noroshi of one's own: on a free loopback port, with its data in a temporary folder, ended with the test."""

import ctypes
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from rig import postgres

ROOT = Path(__file__).resolve().parents[3]
PR_SET_PDEATHSIG = 1


def program() -> str:
    """The noroshi to test."""
    return os.environ.get("NOROSHI_BIN") or str(ROOT / "target/debug/noroshi")


def corpus() -> Path | None:
    """The folder of real corpora, where there is one."""
    path = Path(os.environ.get("NOROSHI_CORPUS") or ROOT / "../shared/data")
    return path if path.is_dir() else None


def free_port() -> int:
    """A loopback port that nobody listens on, below those that the kernel gives to connections."""
    for _ in range(300):
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port on 127.0.0.1")


def die_with_parent() -> None:
    """In a child: whatever becomes of the test, it leaves no server behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class DidNotStart(Exception):
    """The program ended, or did not answer in time; with the end of what it said."""


class Server:
    """`noroshi COMMAND --listen 127.0.0.1:PORT --data FOLDER …`, running."""

    def __init__(self, command: str = "demo", arguments=(), data: Path | None = None, env: dict | None = None,
                 port: int | None = None, wait: float = 180):
        self.command, self.arguments, self.wait = command, list(arguments), wait
        self.env = {**clean_environment(), **(env or {})}
        self._own = data is None
        self.data = Path(data or tempfile.mkdtemp(prefix="noroshi-test-"))
        self.port = port or free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None
        self.log = self.data.parent / (self.data.name + ".log")

    def start(self) -> "Server":
        """Starts it and waits until it is healthy. Raises DidNotStart."""
        listen = ["--listen", f"127.0.0.1:{self.port}", "--data", str(self.data)]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [program(), self.command, *listen, *self.arguments], env=self.env, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, preexec_fn=die_with_parent)
        until = time.monotonic() + self.wait
        while not healthy(self.port):
            if self.process.poll() is not None:
                raise DidNotStart(f"{self.command} ended with {self.process.returncode}: {self.said()}")
            if time.monotonic() > until:
                self.stop()
                raise DidNotStart(f"{self.command} was not healthy within {self.wait:.0f} s: {self.said()}")
            time.sleep(0.05)
        return self

    def said(self, length: int = 1500) -> str:
        """The end of what it wrote."""
        return self.log.read_text("utf-8", "replace")[-length:] if self.log.exists() else ""

    def database(self) -> dict:
        """The environment that tells another command of ours which database it keeps things in, where that is no file."""
        return database(self.env)

    def accounts(self) -> dict:
        """demo-accounts.json."""
        return json.loads((self.data / "demo-accounts.json").read_text("utf-8"))

    def kill(self) -> None:
        """kill -9, and waits until it is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Asks it to end, as an operator does; its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, _error, _trace):
        self.stop()
        if self._own and (kind is None or os.environ.get("CI")):
            shutil.rmtree(self.data, ignore_errors=True)
            self.log.unlink(missing_ok=True)
        elif self._own:
            print(f"       the server's data and words are kept: {self.data} {self.log}", flush=True)


def database(env) -> dict:
    """What of an environment tells which database a council keeps things in, where that is no file in its folder."""
    return {key: value for key, value in env.items() if key == "NOROSHI_DATABASE"}


def clean_environment() -> dict:
    """The environment without what would configure a server by accident."""
    keep = ("NOROSHI_LANG",)
    return {key: value for key, value in os.environ.items() if not key.startswith("NOROSHI_") or key in keep}


def healthy(port: int) -> bool:
    """Whether GET /healthz answers 200."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def demo(until: str | None = None, year: bool = False, **options) -> Server:
    """A demo council, its story played up to a stage (the whole story where none is named), with the year before it or
    without. Not yet started."""
    # Where a PostgreSQL is started for the tests, each council has a database of its own there.
    beside = os.environ.get("NOROSHI_TEST_POSTGRES")
    if beside and "NOROSHI_DATABASE" not in (options.get("env") or {}):
        options["env"] = {**(options.get("env") or {}), "NOROSHI_DATABASE": postgres.fresh(beside)}
    arguments = [*(["--until", until] if until else []), *([] if year else ["--skip-year"]), *options.pop("arguments", ())]
    return Server("demo", arguments, **options)
