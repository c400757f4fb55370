"""Mail that goes nowhere: a sink that keeps every message as a file, and Debian's postfix in between if wanted."""

import email
import email.policy
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .server import die_with_parent, free_port

SINK = Path(__file__).resolve().parent.parent / "sink.py"


class Sink:
    """An SMTP server that keeps what it gets in a folder, one NNNNN.eml and NNNNN.json (its envelope) each."""

    def __init__(self, *options: str):
        self.folder = Path(tempfile.mkdtemp(prefix="noroshi-mail-"))
        self.port, self.options, self.process = free_port(), options, None

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, str(SINK), str(self.folder), str(self.port), *self.options],
                                        stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)
        wait_for_port(self.port, self.process)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def messages(self) -> list:
        """Everything so far, in order: (envelope, message)."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            raw = path.with_suffix(".eml").read_bytes()
            found.append((json.loads(path.read_text()), email.message_from_bytes(raw, policy=email.policy.default)))
        return found

    def wait_for(self, count: int, seconds: float = 30) -> list:
        """The messages, once there are at least so many or the time is over."""
        until = time.monotonic() + seconds
        while len(list(self.folder.glob("*.json"))) < count and time.monotonic() < until:
            time.sleep(0.1)
        return self.messages()


MAIN = """compatibility_level = 3.6
myhostname = relay.example
mydestination =
queue_directory = {top}/queue
data_directory = {top}/data
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{sink}
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtputf8_enable = yes
alias_maps =
alias_database =
local_transport = error:this relay keeps no mail
maillog_file = {top}/mail.log
maillog_file_prefixes = {top}
minimal_backoff_time = 2s
queue_run_delay = 2s
"""

MASTER = """127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


class Postfix:
    """A postfix with its own configuration, queue and port, that hands everything to a sink. Its master needs root."""

    def __init__(self, sink_port: int):
        self.top = Path(tempfile.mkdtemp(prefix="noroshi-postfix-"))
        self.port, self.sink_port = free_port(), sink_port

    def __enter__(self):
        if os.getuid() != 0:
            raise PermissionError("postfix's master runs as root only")
        os.chmod(self.top, 0o755)
        conf, queue, data = (self.top / name for name in ("conf", "queue", "data"))
        for folder in (conf, queue, data):
            folder.mkdir()
        owner = pwd.getpwnam("postfix")
        os.chown(data, owner.pw_uid, owner.pw_gid)
        (conf / "main.cf").write_text(MAIN.format(top=self.top, sink=self.sink_port))
        (conf / "master.cf").write_text(MASTER.format(port=self.port))
        self._tell("start")
        wait_for_port(self.port)
        return self

    def __exit__(self, *_):
        self._tell("stop")
        shutil.rmtree(self.top, ignore_errors=True)

    def log(self) -> str:
        """What it logged."""
        path = self.top / "mail.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def _tell(self, word: str) -> None:
        done = subprocess.run(["/usr/sbin/postfix", "-c", str(self.top / "conf"), word], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode and word == "start":
            raise RuntimeError(f"postfix {word}: {done.stderr.strip()} {self.log()[-500:]}")


def wait_for_port(port: int, process: subprocess.Popen | None = None, seconds: float = 20) -> None:
    """Until somebody answers there. Raises RuntimeError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"ended with {process.returncode} before it listened on port {port}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nobody listened on port {port} within {seconds} s")
