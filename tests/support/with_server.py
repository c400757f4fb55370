#!/usr/bin/env python3
"""Runs a command beside a demo council of its own: with_server.py [--until STAGE] [--year] [--mail] [--database URL] -- COMMAND…

The command finds NOROSHI_BASE (http://127.0.0.1:PORT), NOROSHI_ACCOUNTS (the path of demo-accounts.json), NOROSHI_DATA and,
with --mail, NOROSHI_MAIL (the folder of the sink). Its exit code is ours; a server that ended meanwhile is a failure."""

import argparse
import contextlib
import os
import subprocess
import sys

from rig.server import DidNotStart, demo


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--until")
    words.add_argument("--year", action="store_true")
    words.add_argument("--mail", action="store_true")
    words.add_argument("--database")
    words.add_argument("command", nargs=argparse.REMAINDER)
    options = words.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    with contextlib.ExitStack() as stack:
        env = {}
        if options.mail:
            from rig.mail import Sink
            sink = stack.enter_context(Sink())
            env |= {"NOROSHI_SMTP_HOST": "127.0.0.1", "NOROSHI_SMTP_PORT": str(sink.port), "NOROSHI_SMTP_TLS": "none",
                    "NOROSHI_SMTP_FROM": "noroshi@council.example"}
            os.environ["NOROSHI_MAIL"] = str(sink.folder)
        if options.database:
            env["NOROSHI_DATABASE"] = options.database
        try:
            server = stack.enter_context(demo(options.until, options.year, env=env))
        except DidNotStart as error:
            print(f" FAIL  the demo council starts: {error}", flush=True)
            return 1
        told = {"NOROSHI_BASE": server.base, "NOROSHI_ACCOUNTS": str(server.data / "demo-accounts.json"),
                "NOROSHI_DATA": str(server.data), **server.database()}
        code = subprocess.run(command, env={**os.environ, **told}, check=False).returncode
        if server.process.poll() is not None:
            print(f" FAIL  the server ended while it was tested: {server.said()}", flush=True)
            return 1
        if "panicked at" in server.said(10_000_000):
            print(f" FAIL  the server panicked: {server.said()}", flush=True)
            return 1
        return code


if __name__ == "__main__":
    sys.exit(main())
