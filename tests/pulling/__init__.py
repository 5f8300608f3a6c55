"""Tests of the room that reads other boxes."""
