"""Passwords hashed and compared in threads of their own: each takes 19 MB and a core for as long as it lasts."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from smoothbox.operations import passwords

_HASHERS: Final = ThreadPoolExecutor(2, "argon2")


async def hashed(password: str) -> str:
    """As `passwords.hashed`."""
    return await asyncio.get_running_loop().run_in_executor(_HASHERS, passwords.hashed, password)


async def matches(password: str, kept: str | None) -> bool:
    """As `passwords.matches`."""
    return await asyncio.get_running_loop().run_in_executor(_HASHERS, passwords.matches, password, kept)
