-- All services, each time with another filter that they all pass, so that no kept answer is served. Arguments: token.
dofile("report.lua")

function init(args)
  wrk.headers["Authorization"] = "Bearer " .. args[1]
end

function request()
  sent = sent + 1
  return wrk.format("GET", "/tenant-api/v1/services/?price__lt=" .. (1000000 + sent))
end
