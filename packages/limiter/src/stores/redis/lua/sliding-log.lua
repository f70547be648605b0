-- Twin of core/algorithms/sliding-log.ts.
-- t: limit, window   s: count of the numbers that follow, then time and units of every spend, oldest first
local function log_total(s)
  local sum = 0
  for i = 3, s[1] + 1, 2 do sum = sum + s[i] end
  return sum
end

local function log_remove(s, from, count)
  local stop = s[1] + 1
  for i = from, stop do s[i] = s[i + count] end
  s[1] = s[1] - count
end

local function log_judge(t, s, cost)
  local expired = 0
  for i = 2, s[1], 2 do
    if s[i] > now then s[i] = now end
    if s[i] + t[2] <= now then expired = expired + 2 end
  end
  if expired > 0 then log_remove(s, 2, expired) end
  if cost > t[1] then return -1 end
  local excess = log_total(s) + cost - t[1]
  local i = 2
  while excess > 0 do
    excess = excess - s[i + 1]
    if excess <= 0 then return s[i] + t[2] - now end
    i = i + 2
  end
  return 0
end

local function log_spend(t, s, cost)
  local total = log_total(s)
  local units = min(cost, 4503599627370496 - total)
  local count = s[1]
  if units > 0 then
    if count > 0 and (s[count] == now or count >= 2 * t[1]) then
      s[count] = now
      s[count + 1] = s[count + 1] + units
    else
      s[count + 2] = now
      s[count + 3] = units
      s[1] = count + 2
    end
  end
  return max(0, t[1] - total - units), s[1] == 0 and 0 or s[s[1]] + t[2] - now
end
