"""The address table of the pages, readable from top to bottom.

`<mode>` is live or test, `<id>` a number, `<signed>` what the box itself has signed, `<word>` a name in small letters.
"""

from collections.abc import Mapping
from typing import Final

from smoothbox.web import own_booking
from smoothbox.web.console import home as console_home
from smoothbox.web.console import login
from smoothbox.web.front_door import FrontDoor
from smoothbox.web.page import Page

ROUTES: Final[Mapping[str, type[Page]]] = {
    "/": FrontDoor,
    "/b/<signed>/": own_booking.OwnBooking,
    "/b/<signed>/times/": own_booking.OwnTimes,
    "/b/<signed>/cancel/": own_booking.OwnCancellation,
    "/console/": console_home.Anteroom,
    "/console/login/": login.Login,
    "/console/login/<signed>/": login.ByLink,
    "/console/logout/": login.Logout,
    "/console/<mode>/": console_home.Home,
}
