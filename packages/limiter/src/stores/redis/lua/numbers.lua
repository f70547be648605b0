-- Whole numbers. Arguments are texts of digits alone: tonumber would take nan, inf, 0x10 and 1e400 as well.
local floor, ceil, min, max = math.floor, math.ceil, math.min, math.max
local sub, find, match, rep, gmatch = string.sub, string.find, string.match, string.rep, string.gmatch
local pack, unpack_numbers = struct.pack, struct.unpack
local SAFE = 9007199254740991

local function whole(text)
  local number = tonumber(match(text, '^%d+$'))
  if not number or number > SAFE then error('HEADGATE not a safe integer') end
  return number
end
