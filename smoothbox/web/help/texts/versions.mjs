const ADDRESS = "https://box.example/tenant-api/v1/customers/1/";
const authorized = { Authorization: "Bearer ss_test_…" };

const read = await fetch(ADDRESS, { headers: authorized });
const customer = await read.json();

const changed = await fetch(ADDRESS, {
  method: "PATCH",
  headers: { ...authorized, "Content-Type": "application/json", "If-Match": read.headers.get("ETag") },
  body: JSON.stringify({ notes: `${customer.notes} Prefers mornings.` }),
});
if (changed.status === 412) console.log("Somebody else has changed it: read it again.");
else console.log((await changed.json()).version);
