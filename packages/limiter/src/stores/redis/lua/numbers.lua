-- Whole numbers. Arguments are texts of digits alone: tonumber would take nan, inf, 0x10 and 1e400 as well.
local floor, ceil, min, max = math.floor, math.ceil, math.min, math.max
local find, sub, match, rep = string.find, string.sub, string.match, string.rep

local function whole(text)
  local number = find(text, '^%d+$') and tonumber(text)
  if not number or number > 9007199254740991 then error('HEADGATE not a safe integer') end
  return number
end
