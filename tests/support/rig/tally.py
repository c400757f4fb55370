"""Counts what a test program found, says it, and tells scripts/test."""

import os
import sys


class Tally:
    """Passed and failed checks of one program."""

    def __init__(self, about: str):
        self.about, self.passed, self.failed = about, 0, 0
        print(f"-- {about}", flush=True)

    def check(self, sentence: str, ok, seen="") -> bool:
        """Counts one check. `sentence` says what should be so; `seen` what was seen where it is not."""
        if ok:
            self.passed += 1
            print(f"   ok  {sentence}", flush=True)
        else:
            self.failed += 1
            print(f" FAIL  {sentence}" + (f"\n       seen: {clip(seen, 2500)}" if seen != "" else ""), flush=True)
        return bool(ok)

    def equal(self, sentence: str, got, wanted) -> bool:
        """Counts whether two values are the same."""
        return self.check(sentence, got == wanted, f"{clip(got, 300)} instead of {clip(wanted, 300)}")

    def finish(self) -> int:
        """Tells scripts/test; the program's exit code. A program that checked nothing has failed."""
        failed = self.failed or (0 if self.passed else 1)
        record(self.passed, failed)
        print(f"   {self.about}: {self.passed} passed, {failed} failed", flush=True)
        return 1 if failed else 0


def record(passed: int, failed: int) -> None:
    """Adds to the counts of the part that scripts/test runs now."""
    path = os.environ.get("NOROSHI_TALLY")
    if path:
        with open(path, "a", encoding="ascii") as file:
            file.write(f"{passed} {failed}\n")


def clip(value, length: int = 700) -> str:
    """A value as text that fits a screen."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= length else f"{text[:length]}… ({len(text)} characters)"


def run(main) -> None:
    """Runs a program that answers its Tally."""
    sys.exit(main().finish())
