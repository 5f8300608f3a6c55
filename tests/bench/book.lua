-- A booking of a slot that nobody has, each time the next one; the customers are known already.
-- Arguments: token, service id, resource ids with commas, Unix time of slot 0, seconds per slot, first slot, customers.
dofile("report.lua")
local service, resources, origin, step, slot, customers

function init(args)
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
  service, resources = args[2], {}
  for id in string.gmatch(args[3], "%d+") do
    table.insert(resources, id)
  end
  origin, step, slot, customers = tonumber(args[4]), tonumber(args[5]), tonumber(args[6]), tonumber(args[7])
end

function request()
  local resource = resources[slot % #resources + 1]
  local start = os.date("!%Y-%m-%dT%H:%M:%SZ", origin + step * math.floor(slot / #resources))
  local customer = slot % customers
  slot = slot + 1
  sent = sent + 1
  return wrk.format("POST", "/tenant-api/v1/bookings/", nil, string.format(
    '{"service_id":%s,"start_time":"%s","resource_id":%s,"customer":{"first_name":"Bench","last_name":"Customer %d",'
    .. '"email":"bench-%d@example.com"}}', service, start, resource, customer, customer))
end
