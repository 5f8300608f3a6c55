# -i shows the status and the headers, X-Request-Id among them.
curl -i "https://box.example/tenant-api/v1/services/?colour=red" \
  -H "Authorization: Bearer ss_test_…"
