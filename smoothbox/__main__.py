"""`python -m smoothbox` is the same as `smoothbox`."""

from smoothbox.cli.main import main

main()
