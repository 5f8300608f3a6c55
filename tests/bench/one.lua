-- One booking by its id, any of those that were seeded. Arguments: token, lowest id, highest id.
dofile("report.lua")
local lowest, highest

function init(args)
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  lowest, highest = tonumber(args[2]), tonumber(args[3])
  math.randomseed(os.time())
end

function request()
  sent = sent + 1
  return wrk.format("GET", "/tenant-api/v1/bookings/" .. math.random(lowest, highest) .. "/")
end
