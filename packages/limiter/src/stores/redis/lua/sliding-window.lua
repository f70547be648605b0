-- Twin of core/algorithms/sliding-window.ts.
-- t: limit, length, segments, quantum, ceiling   s: segment, units of it and of the segments before it
local function sliding_total(t, s)
  local sum = 0
  for i = 2, t[3] + 2 do sum = sum + s[i] end
  return sum
end

local function sliding_judge(t, s, cost)
  local limit, length, segments, quantum = t[1], t[2], t[3], t[4]
  local last = segments + 2
  local segment = floor(now / (quantum * length))
  local shift = segment - s[1]
  s[1] = segment
  if shift > 0 then
    for i = last, 2, -1 do s[i] = i - shift >= 2 and s[i - shift] or 0 end
  elseif shift < 0 then
    -- A clock went back: spends of segments to come count in the present one, and older ones stay where they were.
    local present = 0
    for i = 2, min(last, 2 - shift) do present = present + s[i] end
    s[2] = present
    for i = 3, last do s[i] = i - shift <= last and s[i - shift] or 0 end
  end
  if cost > limit then return -1 end
  local target = (limit - cost) * length
  local inside = sliding_total(t, s)
  local position = floor(now / quantum) - segment * length
  if inside * length - s[last] * position <= target then return 0 end
  local ahead = 0
  while true do
    local oldest = ahead > segments and 0 or s[last - ahead]
    local excess = inside * length - target
    local wait = excess <= 0 and 0 or (oldest == 0 and length or ceil(excess / oldest))
    -- Numbers that are none of ours may be so large that they never leave.
    if wait < length or ahead > segments then return ((segment + ahead) * length + wait) * quantum - now end
    inside = inside - oldest
    ahead = ahead + 1
  end
end

local function sliding_spend(t, s, cost)
  local length, segments, quantum = t[2], t[3], t[4]
  local inside = sliding_total(t, s)
  local units = min(cost, t[5] - inside)
  s[2] = s[2] + units
  inside = inside + units
  local position = floor(now / quantum) - s[1] * length
  local room = t[1] * length - (inside * length - s[segments + 2] * position)
  local reset = 0
  for i = 2, segments + 2 do
    if s[i] ~= 0 then
      reset = (s[1] - i + segments + 3) * length * quantum - now
      break
    end
  end
  return max(0, floor(room / length)), reset
end
