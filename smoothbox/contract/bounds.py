"""The bounds of what a business says of itself, its services and its resources: the same in a body and in a catalogue file.

Each carries the words that the mistakes of a file are reported in. Spans of time are whole minutes unless named otherwise.
"""

from typing import Annotated, Final, Literal, get_args

from msgspec import Meta

MOST_GROUPS: Final = 8
MOST_IN_A_GROUP: Final = 200
MOST_DATES: Final = 1000  # closures of a business; exceptions, and absences, of a resource
MAX_CAPACITY: Final = 1000
LONGEST_BUFFER_MINUTES: Final = 1440

_Kind = Literal["STAFF", "ROOM", "EQUIPMENT"]
KINDS: Final[tuple[str, ...]] = get_args(_Kind)

Name = Annotated[str, Meta(pattern=r"\S", min_length=1, max_length=200, description="a text of 1 to 200 characters")]
Text = Annotated[str, Meta(max_length=2000, description="a text of up to 2000 characters")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z", description='three capital letters such as "USD"')]
Cents = Annotated[int, Meta(ge=0, le=10**9, description="whole cents from 0 to 1000000000")]
Duration = Annotated[int, Meta(ge=1, le=10080, description="whole minutes from 1 to 10080")]
Buffer = Annotated[int, Meta(ge=0, le=LONGEST_BUFFER_MINUTES, description=f"whole minutes from 0 to {LONGEST_BUFFER_MINUTES}")]
Interval = Annotated[int, Meta(ge=1, le=1440, description="whole minutes from 1 to 1440")]
Notice = Annotated[int, Meta(ge=0, le=525600, description="whole minutes from 0 to 525600")]
Advance = Annotated[int, Meta(ge=0, le=3650, description="whole days from 0 to 3650")]
Window = Annotated[int, Meta(ge=0, le=8760, description="whole hours from 0 to 8760")]
Percent = Annotated[int, Meta(ge=0, le=100, description="a whole number from 0 to 100")]
Order = Annotated[int, Meta(ge=-(10**6), le=10**6, description="a whole number")]
Capacity = Annotated[int, Meta(ge=1, le=MAX_CAPACITY, description=f"a whole number from 1 to {MAX_CAPACITY}")]
Switch = Annotated[bool, Meta(description="true or false")]
Kind = Annotated[_Kind, Meta(description='"STAFF", "ROOM" or "EQUIPMENT"')]
