"""The address table of the pages, readable from top to bottom.

`<mode>` is live or test, `<id>` a number, `<signed>` what the box itself has signed, `<word>` a name in small letters.
"""

from collections.abc import Mapping
from typing import Final

from smoothbox.web import explorer, feeds, own_booking
from smoothbox.web.console import (
    api_overview,
    booking_creation,
    booking_forms,
    bookings,
    calendar,
    deliveries,
    events,
    feeds_settings,
    login,
    people,
    sandbox,
    tokens,
    webhook_forms,
    webhooks,
)
from smoothbox.web.console import home as console_home
from smoothbox.web.front_door import FrontDoor
from smoothbox.web.help.pages import Help
from smoothbox.web.page import Page

ROUTES: Final[Mapping[str, type[Page]]] = {
    "/": FrontDoor,
    "/ical/<signed>/calendar.ics": feeds.CalendarFeed,
    "/b/<signed>/": own_booking.OwnBooking,
    "/b/<signed>/times/": own_booking.OwnTimes,
    "/b/<signed>/cancel/": own_booking.OwnCancellation,
    "/help/api/": Help,
    "/help/api/<word>/": Help,
    "/help/explorer/": explorer.Explorer,
    "/help/explorer/swagger-ui.css": explorer.Piece,
    "/help/explorer/swagger-ui-bundle.js": explorer.Piece,
    "/console/": console_home.Anteroom,
    "/console/login/": login.Login,
    "/console/login/<signed>/": login.ByLink,
    "/console/logout/": login.Logout,
    "/console/<mode>/": console_home.Home,
    "/console/<mode>/calendar/": calendar.Calendar,
    "/console/<mode>/bookings/": bookings.BookingList,
    "/console/<mode>/bookings/new/": booking_creation.BookingCreation,
    "/console/<mode>/bookings/<id>/": bookings.OneBooking,
    "/console/<mode>/bookings/<id>/status/": bookings.BookingMove,
    "/console/<mode>/bookings/<id>/times/": booking_forms.BookingTimes,
    "/console/<mode>/bookings/<id>/cancel/": booking_forms.BookingCancellation,
    "/console/<mode>/bookings/<id>/notes/": booking_forms.BookingNotes,
    "/console/<mode>/settings/api/": api_overview.Overview,
    "/console/<mode>/settings/api/tokens/": tokens.Tokens,
    "/console/<mode>/settings/api/tokens/new/": tokens.TokenCreation,
    "/console/<mode>/settings/api/tokens/<id>/": tokens.OneToken,
    "/console/<mode>/settings/api/tokens/<id>/rotate/": tokens.TokenRotation,
    "/console/<mode>/settings/api/tokens/<id>/revoke/": tokens.TokenRevocation,
    "/console/<mode>/settings/api/webhooks/": webhooks.Webhooks,
    "/console/<mode>/settings/api/webhooks/new/": webhook_forms.WebhookCreation,
    "/console/<mode>/settings/api/webhooks/<id>/": webhooks.OneWebhook,
    "/console/<mode>/settings/api/webhooks/<id>/change/": webhook_forms.WebhookChange,
    "/console/<mode>/settings/api/webhooks/<id>/enable/": webhooks.WebhookEnabling,
    "/console/<mode>/settings/api/webhooks/<id>/disable/": webhooks.WebhookDisabling,
    "/console/<mode>/settings/api/webhooks/<id>/remove/": webhooks.WebhookRemoval,
    "/console/<mode>/settings/api/webhooks/<id>/test/": webhooks.WebhookTest,
    "/console/<mode>/settings/api/webhooks/<id>/rotate/": webhook_forms.SecretRotation,
    "/console/<mode>/settings/api/webhooks/<id>/recover/": webhook_forms.WebhookRecovery,
    "/console/<mode>/settings/api/webhooks/<id>/deliveries/": deliveries.Deliveries,
    "/console/<mode>/settings/api/webhooks/<id>/deliveries/<id>/": deliveries.OneDelivery,
    "/console/<mode>/settings/api/webhooks/<id>/deliveries/<id>/again/": deliveries.Redelivery,
    "/console/<mode>/settings/api/events/": events.Events,
    "/console/<mode>/settings/api/events/<id>/": events.OneEvent,
    "/console/<mode>/settings/api/sandbox/": sandbox.Sandbox,
    "/console/<mode>/settings/api/sandbox/reset/": sandbox.SandboxReset,
    "/console/<mode>/settings/api/feeds/": feeds_settings.Feeds,
    "/console/<mode>/settings/api/feeds/renew/": feeds_settings.FeedRenewal,
    "/console/<mode>/settings/api/people/": people.People,
    "/console/<mode>/settings/api/people/new/": people.PersonCreation,
    "/console/<mode>/settings/api/people/password/": people.OwnPassword,
    "/console/<mode>/settings/api/people/<id>/link/": people.PersonLink,
    "/console/<mode>/settings/api/people/<id>/remove/": people.PersonRemoval,
}
