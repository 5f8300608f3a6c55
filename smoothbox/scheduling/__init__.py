"""The heart: when a service can be booked. Pure functions on plain data, in UTC seconds."""
