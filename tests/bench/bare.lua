-- The same constant again and again.
dofile("report.lua")
