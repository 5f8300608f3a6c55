"""The benchmark: `python -m tests.bench`, or `make bench`. The test suite never runs it."""
