"""Tests of the command line: real files, and real processes where they matter."""
