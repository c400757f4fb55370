#!/usr/bin/env python3
"""An SMTP server that keeps every message: sink.py FOLDER PORT [--refuse-first N] [--slow SECONDS] [--unknown TEXT]

--refuse-first answers 451 to the first N messages, --slow waits before it takes one, --unknown answers 550 to recipients
that contain TEXT. Needs aiosmtpd."""

import argparse
import asyncio
import json
import os
import signal
import threading
import time
from pathlib import Path

from aiosmtpd.controller import Controller

MESSAGE_BYTES_MAX = 32 * 1024 * 1024


class Keeper:
    """Writes messages into a folder; the envelope last and by renaming, so that who sees it sees a whole message."""

    def __init__(self, options):
        self.options, self.kept, self.refused = options, 0, 0

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if self.options.unknown and self.options.unknown in address:
            return "550 5.1.1 nobody of that name here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server, session, envelope):
        if self.options.slow:
            await asyncio.sleep(self.options.slow)
        if self.refused < self.options.refuse_first:
            self.refused += 1
            return "451 4.3.0 try again later"
        self.kept += 1
        stem = Path(self.options.folder) / f"{self.kept:05d}"
        stem.with_suffix(".eml").write_bytes(envelope.original_content or envelope.content)
        seen = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "at": time.time(), "helo": session.host_name}
        stem.with_suffix(".part").write_text(json.dumps(seen))
        os.replace(stem.with_suffix(".part"), stem.with_suffix(".json"))
        return "250 2.0.0 kept"


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("folder")
    words.add_argument("port", type=int)
    words.add_argument("--refuse-first", type=int, default=0)
    words.add_argument("--slow", type=float, default=0)
    words.add_argument("--unknown", default="")
    options = words.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    controller = Controller(Keeper(options), hostname="127.0.0.1", port=options.port, enable_SMTPUTF8=True,
                            data_size_limit=MESSAGE_BYTES_MAX)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    controller.start()
    ended.wait()
    controller.stop()


if __name__ == "__main__":
    main()
