"""The command line: ``python -m talos_magic``."""

import signal
import sys

from talos_magic.command.command import main

if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # a reader such as head may end first
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
