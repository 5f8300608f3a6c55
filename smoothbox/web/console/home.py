"""The console's first page: today, and what needs somebody to look at it."""

from smoothbox.web.console.desk import ConsolePage


class Anteroom(ConsolePage):
    """The console without a mode: on to the live one."""

    async def see(self) -> None:
        """Send the browser on."""
        self.redirect("/console/live/", status=302)


class Home(ConsolePage):
    """Today."""

    section = "home"

    async def see(self) -> None:
        """Show it."""
        self.show("console/home.html")
