#!/usr/bin/env python3
"""Says what this server offers, one word a line: demo, import, openapi, taxii, pages. scripts/test asks it once."""

import subprocess

from rig.http import Person, person_for
from rig.server import DidNotStart, clean_environment, demo, program


def knows(command: str) -> bool:
    """Whether the program has this command."""
    done = subprocess.run([program(), command, "--help"], capture_output=True, env=clean_environment(), check=False)
    return done.returncode == 0


def main() -> None:
    if knows("import"):
        print("import")
    if not knows("demo"):
        return
    print("demo")
    try:
        with demo("consulted") as server:
            someone = person_for(server.base, server.accounts(), "c1a")
            if (someone.get("/api/openapi.json").json() or {}).get("openapi"):
                print("openapi")
            if "taxii" in (someone.get("/taxii2/").header("content-type") or ""):
                print("taxii")
            if "<form" in Person(server.base).get("/sign-in").text:
                print("pages")
    except DidNotStart as error:
        # The parts that would use it say so; the demo itself is one of them.
        raise SystemExit(f"the demo council does not start: {error}") from error


if __name__ == "__main__":
    main()
