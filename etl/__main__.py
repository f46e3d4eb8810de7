"""`etl` and `python -m etl`: what a process does before it imports anything heavy.

A signal that comes before anything has begun ends the process at once, and leaves nothing half imported to
be complained about.
"""

from __future__ import annotations

import os
import signal

from etl.interruption import heeded


def main() -> None:
    """Entry point of the `etl` script. Always leaves through sys.exit."""
    for number in heeded():
        signal.signal(number, lambda *_: os._exit(130))
    from etl.cli.main import main as begin

    begin()


if __name__ == "__main__":
    main()
