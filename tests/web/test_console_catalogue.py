"""Services, staff and rooms, and the business in the console."""

from typing import Any

import pytest

from smoothbox.operations import tenants
from smoothbox.store.folder import open_box
from tests.api.acme import ANN, BOB, CUT, ROOM, book, on
from tests.box import Client, RunningBox
from tests.web.visitor import Visitor

pytestmark = pytest.mark.gen_test
HERE = "/console/live/"


async def get(api: Client, path: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(path)).body
    return found


class TestServices:
    """What can be booked."""

    async def test_they_are_listed_with_who_does_them(self, owner: Visitor) -> None:
        page = await owner.see(f"{HERE}services/")
        assert "Haircut 30 min 25.00 USD Ann or Bob can be booked" in page.text
        assert "varies" in page.text

    async def test_one_is_added(self, api: Client, owner: Visitor) -> None:
        page = await owner.see(f"{HERE}services/new/")
        added = await owner.send(page, name="Massage", duration="45", price="60,50", group0=[str(ANN)], group1=[str(ROOM)])
        assert "Massage is added" in added.text
        service = await get(api, "services/5/")
        assert (service["price"], service["duration"], service["is_active"]) == (6050, 45, True)
        assert service["resource_groups"] == [[ANN], [ROOM]]

    async def test_an_edit_leaves_what_it_does_not_show_and_what_is_the_businesss(self, api: Client, owner: Visitor) -> None:
        await api.patch("services/1/", {"metadata": {"k": 1}})
        page = await owner.see(f"{HERE}services/1/")
        assert page.form("1/").values["slot_interval"] == [""]
        before = await get(api, "services/1/")
        await owner.send(page, name="Cut")
        after = await get(api, "services/1/")
        changed = {"name": "Cut", "version": before["version"] + 1}
        assert {name: after[name] for name in changed} == changed
        rest = before.keys() - {"name", "version", "updated_at"}
        assert {name: after[name] for name in rest} == {name: before[name] for name in rest}
        await api.patch("business/", {"slot_interval": 15})
        assert (await get(api, "services/1/"))["slot_interval"] == 15  # still as the business has it

    async def test_nothing_changed_is_nothing_done(self, api: Client, owner: Visitor) -> None:
        before = [await get(api, f"services/{number}/") for number in (1, 2, 3, 4)]
        for number in (1, 2, 3, 4):
            await owner.send(await owner.see(f"{HERE}services/{number}/"))
        assert [await get(api, f"services/{number}/") for number in (1, 2, 3, 4)] == before

    async def test_who_does_it_can_be_anybody_however_many_there_are(self, api: Client, owner: Visitor) -> None:
        for number in range(200):
            await api.post("resources/", {"name": f"Chair {number}", "type": "EQUIPMENT", "display_order": -1})
        await owner.send(await owner.see(f"{HERE}services/1/"), name="Cut")
        assert (await get(api, "services/1/"))["resource_groups"] == [[ANN, BOB]]

    async def test_a_price_varies_or_is_said(self, api: Client, owner: Visitor) -> None:
        page = await owner.see(f"{HERE}services/1/")
        refused = await owner.send(page, price="")
        assert (refused.status, 'id="field-price-wrong"' in refused.html) == (400, True)
        await owner.send(page, price="", variable_pricing="on")
        assert (await get(api, "services/1/"))["price"] is None

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"name": ""}, "name"),
            ({"duration": "soon"}, "duration"),
            ({"duration": "0"}, "duration"),
            ({"price": "a lot"}, "price"),
            ({"price": "-1"}, "price"),
            ({"capacity": "5000"}, "capacity"),
            ({"group1": ["999"]}, "group0"),
        ],
    )
    async def test_what_cannot_be_is_said_beside_its_field(self, owner: Visitor, typed: dict[str, Any], field: str) -> None:
        refused = await owner.send(await owner.see(f"{HERE}services/1/"), **typed)
        assert refused.status == 400
        assert f'id="field-{field}-wrong"' in refused.html

    async def test_one_is_removed_or_stays_in_the_records(self, api: Client, owner: Visitor) -> None:
        await book(api)
        page = await owner.see(f"{HERE}services/")
        assert "stays in the records" in (await owner.send(page, f"services/{CUT}/remove/")).text
        assert (await get(api, "services/1/"))["is_active"] is False
        assert "is removed" in (await owner.send(page, "services/2/remove/")).text
        assert (await api.get("services/2/")).status == 404

    async def test_what_changed_meanwhile_is_not_overwritten(self, api: Client, owner: Visitor) -> None:
        page = await owner.see(f"{HERE}services/1/")
        await api.patch("services/1/", {"price": 2600})
        refused = await owner.send(page, price="1.00")
        assert (refused.status, refused.form("1/").values["price"]) == (412, ["1.00"])
        assert (await get(api, "services/1/"))["price"] == 2600


class TestResources:
    """Staff and rooms."""

    async def test_they_are_listed_by_what_they_are(self, owner: Visitor) -> None:
        page = await owner.see(f"{HERE}resources/")
        assert page.text.index("Staff ") < page.text.index("Ann") < page.text.index("Rooms") < page.text.index("Blue Room")

    async def test_one_is_added_with_hours_of_its_own(self, api: Client, owner: Visitor) -> None:
        typed = {"name": "Eve", "type": "STAFF", "uses_business_hours": None}
        page = await owner.send(await owner.see(f"{HERE}resources/new/"), **typed, monday="9:00-12:00", friday="22:00 – 02:00")
        assert page.status == 400
        assert "&#x27;9:00-12:00&#x27; is no span of time" in page.html
        page = await owner.send(page, monday="09:00-12:00, 13:00-17:00")
        assert "Eve is added" in page.text
        hours = (await get(api, "resources/4/"))["working_hours"]
        assert hours == [
            {"day_of_week": 0, "intervals": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}]},
            {"day_of_week": 4, "intervals": [{"start": "22:00", "end": "02:00"}]},
        ]

    async def test_hours_that_clash_are_refused_beside_their_day(self, owner: Visitor) -> None:
        page = await owner.see(f"{HERE}resources/1/change/")
        refused = await owner.send(page, uses_business_hours=None, tuesday="09:00-12:00, 11:00-13:00")
        assert refused.status == 400
        assert 'id="field-tuesday-wrong"' in refused.html
        assert refused.form("change/").values["tuesday"] == ["09:00-12:00, 11:00-13:00"]

    async def test_nothing_changed_is_nothing_done(self, api: Client, owner: Visitor) -> None:
        await api.patch(
            "resources/3/", {"working_hours": [{"day_of_week": 1, "intervals": [{"start": "09:00", "end": "12:00"}]}]}
        )
        before = [await get(api, f"resources/{number}/") for number in (1, 2, 3)]
        for number in (1, 2, 3):
            await owner.send(await owner.see(f"{HERE}resources/{number}/change/"))
        assert [await get(api, f"resources/{number}/") for number in (1, 2, 3)] == before

    async def test_the_zone_of_the_business_stays_the_businesss(self, api: Client, owner: Visitor) -> None:
        await owner.send(await owner.see(f"{HERE}resources/1/change/"), name="Anne")
        await api.patch("business/", {"timezone": "Europe/Paris"})
        assert (await get(api, "resources/1/"))["timezone"] == "Europe/Paris"

    async def test_other_hours_on_a_day_are_set_and_taken_back(self, api: Client, owner: Visitor) -> None:
        page = await owner.see(f"{HERE}resources/{ANN}/")
        page = await owner.send(page, "exceptions/add/", date="2027-01-07", hours="10:00-11:00")
        assert "On 2027-01-07 the hours are 10:00-11:00" in page.text
        await owner.send(page, "exceptions/add/", date="2027-01-07", hours="")
        assert (await get(api, "resources/1/"))["exceptions"] == [{"date": "2027-01-07", "intervals": []}]
        await owner.send(await owner.see(f"{HERE}resources/{ANN}/"), "exceptions/remove/")
        assert (await get(api, "resources/1/"))["exceptions"] == []

    @pytest.mark.parametrize(
        ("date", "hours", "field"), [("", "", "date"), ("2027-01-07", "noon", "hours"), ("2027-02-30", "", "date")]
    )
    async def test_hours_that_cannot_be_are_refused_beside_their_field(
        self, api: Client, owner: Visitor, date: str, hours: str, field: str
    ) -> None:
        page = await owner.send(await owner.see(f"{HERE}resources/{ANN}/"), "exceptions/add/", date=date, hours=hours)
        assert (page.status, f'id="field-{field}-wrong"' in page.html) == (400, True)
        assert page.form("exceptions/add/").values["hours"] == [hours]
        assert (await get(api, "resources/1/"))["exceptions"] == []

    async def test_time_off_is_noted_and_taken_back(self, api: Client, owner: Visitor) -> None:
        page = await owner.see(f"{HERE}resources/{BOB}/")
        typed = {"start_time": "2027-02-01T09:00", "end_time": "2027-02-03T12:00", "reason": "Ski <trip>"}
        page = await owner.send(page, "time-off/add/", **typed)
        assert "Ski <trip>" in page.text
        (absence,) = (await get(api, "resources/2/"))["time_off"]
        assert absence["start_time"] == "2027-02-01T09:00:00-05:00"
        await owner.send(page, "time-off/remove/")
        assert (await get(api, "resources/2/"))["time_off"] == []

    async def test_of_two_absences_from_the_same_time_only_one_is_taken_back(self, api: Client, owner: Visitor) -> None:
        page = await owner.see(f"{HERE}resources/{BOB}/")
        for end in ("2027-02-01T10:00", "2027-02-01T12:00"):
            page = await owner.send(page, "time-off/add/", start_time="2027-02-01T09:00", end_time=end)
        button = next(each for each in page.forms if each.action.endswith("time-off/remove/"))
        await owner.ask("POST", button.action, button.values)
        (left,) = (await get(api, "resources/2/"))["time_off"]
        assert left["end_time"] == "2027-02-01T12:00:00-05:00"

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            ("", ""),
            ("2027-02-03T09:00", "2027-02-01T09:00"),
            ("2027-03-14T02:30", "2027-03-15T09:00"),
            ("soon", "2027-02-01T09:00"),
        ],
    )
    async def test_an_absence_that_cannot_be_is_refused_with_words(
        self, api: Client, owner: Visitor, start: str, end: str
    ) -> None:
        page = await owner.send(await owner.see(f"{HERE}resources/{BOB}/"), "time-off/add/", start_time=start, end_time=end)
        assert page.status == 400
        assert "_time-wrong" in page.html
        typed = page.form("time-off/add/").values
        assert (typed["start_time"], typed["end_time"]) == ([start], [end])
        assert (await get(api, "resources/2/"))["time_off"] == []

    async def test_one_is_removed_or_stays_in_the_records(self, api: Client, owner: Visitor) -> None:
        await book(api, resource_id=BOB, start_time=on("07", "10:00"))
        assert "stays in the records" in (await owner.send(await owner.see(f"{HERE}resources/{BOB}/"), f"{BOB}/remove/")).text
        assert (await get(api, "resources/2/"))["is_active"] is False


class TestBusiness:
    """Who it is, when it is open, by what rules it books."""

    async def test_it_is_changed_and_lists_of_tenants_show_its_name(self, box: RunningBox, api: Client, owner: Visitor) -> None:
        page = await owner.see(f"{HERE}business/")
        page = await owner.send(
            page, "business/", name="Acme & Sons", phone="+1 212 555 0100", saturday="10:00-14:00", min_notice="60"
        )
        assert "The business is changed" in page.text
        business = await get(api, "business/")
        assert (business["name"], business["min_notice"]) == ("Acme & Sons", 60)
        assert business["business_hours"][-1]["day_of_week"] == 5
        with open_box(box.folder, box.clock) as registry:
            assert registry.read(tenants.find, "acme").name == "Acme & Sons"
        assert "Acme & Sons" in (await owner.see(HERE)).text

    async def test_the_sandbox_does_not_rename_it(self, box: RunningBox, owner: Visitor) -> None:
        await owner.send(await owner.see("/console/test/business/"), "business/", name="Playground")
        with open_box(box.folder, box.clock) as registry:
            assert registry.read(tenants.find, "acme").name == "Acme Barbers"

    async def test_nothing_changed_is_nothing_done(self, api: Client, owner: Visitor) -> None:
        before = await get(api, "business/")
        await owner.send(await owner.see(f"{HERE}business/"), "business/")
        assert await get(api, "business/") == before

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"name": " "}, "name"),
            ({"timezone": "Mars/Olympus"}, "timezone"),
            ({"currency": "dollars"}, "currency"),
            ({"email": "nonsense"}, "email"),
            ({"late_cancellation_fee_percent": "101"}, "late_cancellation_fee_percent"),
            ({"sunday": "all day"}, "sunday"),
        ],
    )
    async def test_what_cannot_be_is_said_beside_its_field(
        self, api: Client, owner: Visitor, typed: dict[str, str], field: str
    ) -> None:
        before = await get(api, "business/")
        refused = await owner.send(await owner.see(f"{HERE}business/"), "business/", **typed)
        assert refused.status == 400
        assert f'id="field-{field}-wrong"' in refused.html
        assert await get(api, "business/") == before

    async def test_it_is_closed_on_a_day_and_open_again(self, api: Client, owner: Visitor) -> None:
        page = await owner.send(await owner.see(f"{HERE}business/"), "closures/add/", date="2027-12-25", name="Christmas")
        assert "Closed on 2027-12-25" in page.text
        assert {"date": "2027-12-25", "name": "Christmas"} in (await get(api, "business/"))["closures"]
        form = next(each for each in page.forms if each.values.get("date") == ["2027-12-25"])
        await owner.ask("POST", form.action, form.values)
        assert "2027-12-25" not in str((await get(api, "business/"))["closures"])
        refused = await owner.send(page, "closures/add/", date="2027-13-45", name="Nobody knows")
        assert (refused.status, 'id="field-date-wrong"' in refused.html) == (400, True)
        assert refused.form("closures/add/").values["name"] == ["Nobody knows"]


async def test_those_of_another_business_are_not_here(box: RunningBox, owner: Visitor) -> None:
    box.add_tenant("fresh")
    visitor = await Visitor(box.url).log_in(box, "fresh")
    for path in ("services/1/", "resources/1/", "resources/1/change/"):
        assert (await visitor.see(HERE + path)).status == 404
        assert (await owner.see(HERE + path)).status == 200
