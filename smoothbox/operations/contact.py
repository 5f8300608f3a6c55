"""E-mail addresses and phone numbers: what is accepted, and the keys by which they are compared."""

from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from smoothbox.errors import invalid


@lru_cache(maxsize=4096)
def checked_email(text: str) -> str:
    """The address as it is stored. Raises Problem 'validation_error' with the field 'email'.

    Names such as .test and .local are accepted: a sandbox lives on them. No look-up is made.
    """
    if not text:
        return ""
    import email_validator  # noqa: PLC0415 -- 30 ms that only those who write customers need

    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        return email_validator.validate_email(text, check_deliverability=False).normalized
    except email_validator.EmailNotValidError as error:
        raise invalid("email", str(error)) from None


def email_key(email: str) -> str:
    """Equal for addresses that differ in case only."""
    return email.casefold()


def phone_key(phone: str, zone: ZoneInfo) -> str:
    """Equal for the same number however it is written: E.164 where it parses, else its digits.

    A number without a country code is one of the country that the zone of the business lies in.
    """
    if not phone:
        return ""
    import phonenumbers  # noqa: PLC0415 -- as above

    try:
        parsed = phonenumbers.parse(phone, country_of(zone.key))
    except phonenumbers.NumberParseException:
        return "".join(filter(str.isdigit, phone))
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


@lru_cache(maxsize=64)
def country_of(zone: str) -> str | None:
    """The ISO code of the country whose clocks follow this zone, by tzdata's own table."""
    table = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text("utf-8")
    for line in table.splitlines():
        columns = line.split("\t")
        if len(columns) > 2 and columns[2] == zone:  # noqa: PLR2004 -- code, coordinates, zone
            return columns[0]
    return None
