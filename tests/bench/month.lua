-- The free times of one month. Arguments: token, service id, first day, last day.
dofile("report.lua")
local path

function init(args)
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  path = string.format("/tenant-api/v1/availability/?service_id=%s&start_date=%s&end_date=%s", args[2], args[3], args[4])
end

function request()
  sent = sent + 1
  return wrk.format("GET", path)
end
