-- The same list of services again and again. Arguments: token, the entity tag that is known already, if any.
dofile("report.lua")
local text

function init(args)
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["If-None-Match"] = args[2]
  text = wrk.format("GET", "/tenant-api/v1/services/")
end

function request()
  sent = sent + 1
  return text
end
