# The answer's "next" is the address of the next page, null after the last one.
curl "https://box.example/tenant-api/v1/customers/?page_size=100&ordering=last_name" \
  -H "Authorization: Bearer ss_test_…"
