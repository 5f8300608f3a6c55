"""Tests of the verbs, on real files and without an event loop."""
