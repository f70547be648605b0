-- Sliding window: twin of core/algorithms/sliding-window.ts. `$name` is a variable of each rule: the newest of its $count
-- entries is ($newest, $units); $tail holds the older ones as (start, units), oldest first; $oldest is the start of the
-- first.
--@terms limit window length segments
--@state total count oldest newest units returned credited
--@tail
16 * ($count > 1 and $count - 1 or 0)
--@reply
$wait == 0 and $total or -1 - $total, $newest, $wait == 0 and $units or $wait, $incarnation, $returned, $credited
--@has_usage
$total > 0
--@valid
$count >= 0 and $count <= 1000 and $count % 1 == 0 and $total >= 0 and $total <= 4503599627370496 and $total % 1 == 0
  and $oldest >= 0 and $oldest <= $newest and $units >= 0 and $units <= $total and $returned >= 0 and $returned <= 4503599627370496
  and $credited >= 0 and $credited <= $returned
  and ($count > 1 and $oldest or $newest) == $oldest
--@current
$newest <= now
--@anchor
if $newest > now then
  !load_tail
  local kept, units = #$tail, $units
  while kept > 0 do
    local start, some = unpack_numbers('<dd', $tail, kept - 15)
    if start < now then break end
    kept, units = kept - 16, units + some
  end
  $tail, $newest, $units, $count = string.sub($tail, 1, kept), now, math.max(0, math.min($total, units)), kept / 16 + 1
  if kept == 0 then $oldest = now end
end
--@advance
if $spent_at > now then $spent_at = now end
if $count > 0 then
  if $newest + $window <= now then
    !clear
  elseif $oldest + $window <= now then
    !load_tail
    local gone, start, some = 0
    repeat
      start, some = unpack_numbers('<dd', $tail, gone + 1)
      gone, $total, $count = gone + 16, $total - some, $count - 1
      $oldest = $count > 1 and unpack_numbers('<d', $tail, gone + 1) or $newest
    until $count == 1 or $oldest + $window > now
    $tail = string.sub($tail, gone + 1)
    if not ($total >= 0 and $total <= 4503599627370496 and $oldest >= 0 and $oldest <= $newest) then
      unrecognized = unrecognized + 1
      !clear
    end
  end
end
--@fits
$total + cost <= $limit
--@wait
if cost > $limit then
  $wait = -1
else
  !load_tail
  local excess, start, from = $total + cost - $limit, $newest, 1
  while from < #$tail do
    local began, some = unpack_numbers('<dd', $tail, from)
    excess = excess - some
    if excess <= 0 then
      start = math.max($oldest, math.min($newest, began))
      break
    end
    from = from + 16
  end
  $wait = start + $window - now
end
--@remaining
$limit - $total
--@spend
$spent_at = now
local some = 4503599627370496 - $total
if cost < some then some = cost end
if some > 0 then
  $total = $total + some
  local begins = $count == 0 or now - $newest >= $length
  local max_entries = begins and $segments - 1 or $segments
  while $count > max_entries and $count > 1 do
    !join
  end
  if $count == 0 then
    $oldest, $newest, $units, $count = now, now, some, 1
  elseif not begins then
    $units = $units + some
  elseif $count >= $segments then
    $oldest, $newest, $units = now, now, $units + some
  else
    !load_tail
    $tail = $tail .. pack('<dd', $newest, $units)
    $newest, $units, $count = now, some, $count + 1
  end
end
--@join
!load_tail
local start, first = unpack_numbers('<dd', $tail)
local second
if $count == 2 then
  $units, $oldest, $tail = math.max(0, math.min($total, $units + first)), $newest, ''
else
  start, second = unpack_numbers('<dd', $tail, 17)
  start = math.max($oldest, math.min($newest, start))
  $oldest, $tail = start, pack('<dd', start, first + second) .. string.sub($tail, 33)
end
$count = $count - 1
--@finish
$recovers_at = $count == 0 and 0 or $newest + $window
--@refund
$given = cost
if $credited ~= $credited_then then $given = math.max(0, math.min(cost, $stood - ($returned - $returned_then))) end
if $count > 0 and $newest == $since then
  if $given > $units then $given = $units end
  !give
else
  !load_tail
  local from, start, units = 1
  while from < #$tail do
    start, units = unpack_numbers('<dd', $tail, from)
    if start == $since then break end
    from = from + 16
  end
  if start ~= $since then $given = 0 end
  if $given > 0 then
    if $given > units then $given = math.max(0, units) end
    $total, $returned = $total - $given, $returned + $given
    if $given < units then
      $tail = string.sub($tail, 1, from + 7) .. pack('<d', units - $given) .. string.sub($tail, from + 16)
    else
      $tail = string.sub($tail, 1, from - 1) .. string.sub($tail, from + 16)
      $count = $count - 1
      if from == 1 then $oldest = $count > 1 and unpack_numbers('<d', $tail) or $newest end
    end
    if $returned > 4503599627370496 then $incarnation, $returned, $credited = 0, 0, 0 end
  end
end
--@credit
local rest = cost
while rest > 0 and $count > 0 do
  $given = math.min(rest, $units)
  rest = rest - $given
  $credited = $credited + $given
  !give
end
$given = cost - rest
--@give
$units, $total, $returned = $units - $given, $total - $given, $returned + $given
if $returned > 4503599627370496 then $incarnation, $returned, $credited = 0, 0, 0 end
if $units <= 0 then
  if $count == 1 then
    !clear
  else
    !load_tail
    local start, units = unpack_numbers('<dd', $tail, #$tail - 15)
    $newest, $units = math.max($oldest, math.min($newest, start)), math.max(0, math.min($total, units))
    $tail, $count = string.sub($tail, 1, -17), $count - 1
  end
end
--@clear
$incarnation, $spent_at, $total, $count, $oldest, $newest, $units, $returned, $credited, $tail = 0, 0, 0, 0, 0, 0, 0, 0, 0, ''
