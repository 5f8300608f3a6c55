"""smoothbox: a scheduling API as an appliance, one process on one box."""

__version__ = "0.1.0"
