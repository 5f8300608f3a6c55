"""Acme with more to book: a class for several people, and services that take two resources at once.

The ids go on from those of tests/api/acme.py. The class begins on the half hour like everything else.
"""

from tests.box import CATALOGUE, Client, RunningBox

YOGA, MASSAGE, DUET = 5, 6, 7
CY = 4

STUDIO = (
    CATALOGUE
    + """
[[resource]]
key = "cy"
name = "Cy"
type = "STAFF"
[[service]]
key = "yoga"
name = "Yoga"
duration = 60
price = 1500
buffer_after = 30
capacity = 5
resources = ["ann", "cy"]
display_order = 5
[[service]]
key = "massage"
name = "Massage"
duration = 60
price = 9000
needs = [["ann", "cy"], ["room"]]
display_order = 6
[[service]]
key = "duet"
name = "Four hands"
duration = 30
price = 9000
needs = [["ann", "bob", "cy"], ["ann", "bob", "cy"]]
display_order = 7
"""
)


def furnish(box: RunningBox) -> Client:
    """Open the studio, and hand out a client of it."""
    box.apply("acme", STUDIO)
    return box.client()
