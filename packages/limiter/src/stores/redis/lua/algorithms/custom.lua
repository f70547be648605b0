-- A user's algorithm: $run is its function, $list its terms, and $tail its state, packed by $format.
--@terms capacity
--@state
--@tail
8 * $words
--@reply
$wait, select(3, $run($list, { unpack_numbers($format, $tail) }, now, 0, false)), $recovers_at, $incarnation
--@has_usage
select(3, $run($list, { unpack_numbers($format, $tail) }, now, 0, false)) < $capacity
--@valid
true
--@current
true
--@advance
!load_tail
local found = { unpack_numbers($format, $tail) }
for i = 1, #found - 1 do
  if not (found[i] >= 0 and found[i] <= 9007199254740991 and found[i] % 1 == 0) then
    unrecognized = unrecognized + 1
    $incarnation, $recovers_at, $spent_at, $tail = 0, 0, 0, string.rep('\0', #$tail)
    break
  end
end
local state, _, _, reset = $run($list, { unpack_numbers($format, $tail) }, now, 0, false)
!write
--@judge
$wait = select(2, $run($list, { unpack_numbers($format, $tail) }, now, cost, false))
if cost > $capacity then $wait = -1 end
--@fits
$wait == 0
--@remaining
select(3, $run($list, { unpack_numbers($format, $tail) }, now, 0, false))
--@spend
$spent_at = now
local state, _, _, reset = $run($list, { unpack_numbers($format, $tail) }, now, cost, true)
!write
--@write
if reset == 0 then
  $incarnation, $recovers_at, $spent_at, $tail = 0, 0, 0, string.rep('\0', #$tail)
else
  $recovers_at, $tail = now + reset, pack($format, unpack(state))
end
