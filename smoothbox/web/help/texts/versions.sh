# Read the object and keep its ETag, then change it as long as it is still that one.
ETAG=$(curl -s -D - -o /dev/null "https://box.example/tenant-api/v1/customers/1/" \
  -H "Authorization: Bearer ss_test_…" | tr -d '\r' | sed -n 's/^ETag: //Ip')
curl -X PATCH "https://box.example/tenant-api/v1/customers/1/" \
  -H "Authorization: Bearer ss_test_…" \
  -H "Content-Type: application/json" \
  -H "If-Match: $ETAG" \
  -d '{"notes": "Prefers mornings."}'
