"""The writer as it is usually made: a RequestHandler, and each statement awaited on aiosqlite, under one lock.

Takes the bookings of book.lua and GET of their number. `python -m tests.bench.several_hops FILE CUSTOMERS`.
"""

import asyncio
import json
import sys
from datetime import datetime
from typing import Any

import aiosqlite
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

SERVICE, RESOURCES = 1, (1, 2, 3, 4)  # what book.lua is to ask for
SCHEMA = """
CREATE TABLE service (id INTEGER PRIMARY KEY, name TEXT NOT NULL, duration INTEGER NOT NULL, price INTEGER NOT NULL);
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE);
CREATE TABLE booking (
  id INTEGER PRIMARY KEY, service_id INTEGER NOT NULL, resource_id INTEGER NOT NULL, customer_id INTEGER NOT NULL,
  start_at INTEGER NOT NULL, end_at INTEGER NOT NULL, status TEXT NOT NULL, price INTEGER NOT NULL
);
CREATE INDEX booking_resource ON booking (resource_id, end_at);
INSERT INTO service VALUES (1, 'Service', 5, 1000);
"""


class Bookings(RequestHandler):
    """POST books, GET counts."""

    def initialize(self, database: aiosqlite.Connection, turn: asyncio.Lock) -> None:
        self.database, self.turn = database, turn

    async def get(self) -> None:
        self.write({"count": (await self.one("SELECT count(*) FROM booking"))[0]})

    async def post(self) -> None:
        body = json.loads(self.request.body)
        async with self.turn:
            await self.database.execute("BEGIN IMMEDIATE")
            try:
                booking = await self.book(body)
            except BaseException:
                await self.database.execute("ROLLBACK")
                raise
            await self.database.execute("COMMIT")
        self.set_status(201)
        self.set_header("Content-Type", "application/json")
        self.write(json.dumps(booking))

    async def book(self, body: dict[str, Any]) -> dict[str, Any]:
        service = await self.one("SELECT duration, price FROM service WHERE id = ?", body["service_id"])
        start, resource_id = int(datetime.fromisoformat(body["start_time"]).timestamp()), body["resource_id"]
        end = start + service[0] * 60
        overlap = "SELECT 1 FROM booking WHERE resource_id = ? AND end_at > ? AND start_at < ?"
        if await self.one(overlap, resource_id, start, end):
            raise HTTPError(409)
        row = (body["service_id"], resource_id, await self.customer(body["customer"]), start, end, "SCHEDULED", service[1])
        insert = "INSERT INTO booking (service_id, resource_id, customer_id, start_at, end_at, status, price)"
        made = await self.database.execute(f"{insert} VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        names = ("service_id", "resource_id", "customer_id", "start_time", "end_time", "status", "price")
        return {"id": made.lastrowid, **dict(zip(names, row, strict=True))}

    async def customer(self, person: dict[str, str]) -> int:
        known = await self.one("SELECT id FROM customer WHERE email = ?", person["email"])
        if known:
            return int(known[0])
        name = f"{person['first_name']} {person['last_name']}"
        made = await self.database.execute("INSERT INTO customer (name, email) VALUES (?, ?)", (name, person["email"]))
        return int(made.lastrowid or 0)

    async def one(self, sql: str, *values: object) -> Any:
        async with self.database.execute(sql, values) as cursor:
            return await cursor.fetchone()


async def serve(path: str, customers: int) -> None:
    """Listen on a free port, say where on stdout, and stay until a signal ends the process."""
    database = await aiosqlite.connect(path, isolation_level=None)
    await database.execute("PRAGMA journal_mode = WAL")
    await database.execute("PRAGMA synchronous = FULL")
    await database.executescript(SCHEMA)
    people = [(f"Bench Customer {number}", f"bench-{number}@example.com") for number in range(customers)]
    await database.execute("BEGIN")
    await database.executemany("INSERT INTO customer (name, email) VALUES (?, ?)", people)
    await database.execute("COMMIT")
    (listener,) = bind_sockets(0, "127.0.0.1")
    routes = [("/tenant-api/v1/bookings/", Bookings, {"database": database, "turn": asyncio.Lock()})]
    HTTPServer(Application(routes)).add_sockets([listener])
    sys.stdout.write(f"listening on http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
