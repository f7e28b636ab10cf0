"""python -m nnstudio does what the command nnstudio does."""

import sys

from nnstudio.cli import main

# A process started to train in the background imports this file again under another name.
if __name__ == "__main__":
    sys.exit(main())
