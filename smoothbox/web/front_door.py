"""`/`: where a newcomer is sent on from."""

from smoothbox.web.page import Page


class FrontDoor(Page):
    """Says what this is, and where help and console are."""

    async def see(self) -> None:
        """Show the two doors."""
        self.show("front_door.html")
