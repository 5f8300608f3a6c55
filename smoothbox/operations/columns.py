"""Fields of a body, or of a table of the catalogue file, as the columns that they are stored in."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct, structs

E = TypeVar("E", bound=Struct)


def given(body: Struct) -> dict[str, Any]:
    """The fields that a body has, by name."""
    return {name: value for name, value in structs.asdict(body).items() if value is not UNSET}


def columns(fields: Mapping[str, Any], kind: type[Struct]) -> dict[str, Any]:
    """Those of the fields that are columns: texts without blanks around them, booleans as 0 or 1, objects as JSON."""
    found = {name: _stored(value) for name, value in fields.items() if name in kind.__struct_fields__}
    if "name" in found and "name_key" in kind.__struct_fields__:
        found["name_key"] = found["name"].casefold()
    return found


def deactivated(entry: E) -> E:
    """What is to be written of a service or a resource, as one that cannot be booked."""
    own: Any = entry
    return structs.replace(entry, columns=structs.replace(own.columns, is_active=0))


def _stored(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return int(value)
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else value
