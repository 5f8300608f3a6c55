"""The field types that several bodies share, with their bounds; `form` names a notation that is checked along with them."""

from typing import Annotated, Final

from msgspec import Meta, Raw

from smoothbox.contract.bounds import MAX_CAPACITY

MAX_PARTY: Final = MAX_CAPACITY  # a party may fill a session, and no more

Id = Annotated[int, Meta(ge=1, le=2**53)]
Name = Annotated[str, Meta(max_length=100)]
Text = Annotated[str, Meta(max_length=5000)]
ShortText = Annotated[str, Meta(max_length=500)]
Email = Annotated[str, Meta(max_length=254, extra={"form": "email"})]
Phone = Annotated[str, Meta(max_length=40)]
ExternalId = Annotated[str, Meta(min_length=1, max_length=200)]
Tags = Annotated[list[Annotated[str, Meta(min_length=1, max_length=50)]], Meta(max_length=50)]
PartySize = Annotated[int, Meta(ge=1, le=MAX_PARTY)]
Metadata = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=40)], Annotated[str, Meta(max_length=500)] | int | float | bool | None],
    Meta(max_length=50, description="Up to 50 names of your own, each with a text, number or boolean."),
]
LocalTime = Annotated[
    str,
    Meta(
        max_length=40,
        description="RFC 3339; without an offset it is the business's local time.",
        extra={"form": "time"},
    ),
]
LocalDate = Annotated[str, Meta(max_length=10, description="A date such as 2027-12-25.", extra={"form": "date"})]
ZoneName = Annotated[str, Meta(max_length=64, description="A time zone such as Europe/Paris.", extra={"form": "zone"})]

# What answers carry ready-made, or as plain text, with what it is for whoever reads its schema.
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Ids = Annotated[Raw, Meta(extra_json_schema={"type": "array", "items": {"type": "integer"}})]
IdGroups = Annotated[Raw, Meta(extra_json_schema={"type": "array", "items": {"type": "array", "items": {"type": "integer"}}})]
Names = Annotated[Raw, Meta(extra_json_schema={"type": "array", "items": {"type": "string"}})]
Facts = Annotated[
    Raw, Meta(extra_json_schema={"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}})
]
Hours = Annotated[Raw, Meta(extra_json_schema={"type": "array", "items": {"$ref": "#/components/schemas/DayHours"}})]
Document = Annotated[Raw, Meta(extra_json_schema={"type": "object"})]
