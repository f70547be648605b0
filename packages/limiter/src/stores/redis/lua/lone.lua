-- A lone decision on one rule, the most common call, before the rest of the library is made: functions cost time and
-- memory in every call. Same arithmetic, less around it. Answers the reply, or nil where the general way is needed.
local function lone(kind, words, judge, spend)
  local form = '^(%l+)\n(%d+)\n(H1\n%S+ ' .. kind .. ' %d+ (%d+) (%d+) (%d+) (%d+) (%d+)\n\n)$'
  local verb, cost, plan, a, b, c, d, e = match(ARGV[2], form)
  if not verb then return nil end
  local t = { a + 0, b + 0, c + 0, d + 0, e + 0 }
  cost = cost + 0
  if max(cost, t[1], t[2], t[3], t[4], t[5]) > SAFE then error('HEADGATE not a safe integer') end
  words = words or t[3] + 2
  local key = KEYS[1]
  local raw = redis.call('MGET', key)[1]
  local s = { 0, 0 }
  if raw then
    if #raw ~= #plan + words * 8 or find(raw, plan, 1, true) ~= 1 then return nil end
    s = { unpack_numbers('<' .. rep('d', words), raw, #plan + 1) }
    s[words + 1] = nil
    for i = 1, words do
      local n = s[i]
      if not (n >= 0 and n <= SAFE and n == floor(n)) then return nil end
    end
    -- A clock went back.
    if (words == 2 and s[2] or s[1] * t[2] * t[4]) > now then return nil end
  else
    for i = 3, words do s[i] = 0 end
  end
  local wait = judge(t, s, cost)
  if verb == 'charge' then wait = 0 end
  if wait ~= 0 then cost = 0 end
  local remaining, reset = spend(t, s, cost)
  if cost > 0 and verb ~= 'peek' then
    local value = plan .. pack('<' .. rep('d', words), unpack(s))
    local life = ceil(reset / 1000)
    redis.call('SET', key, value, 'PX', max(life, least_ttl))
  end
  return { now, 0, wait, remaining, reset }
end

local reply = #KEYS == 1 and #ARGV == 2 and lone('bucket', 2, bucket_judge, bucket_spend)
if reply then return reply end
