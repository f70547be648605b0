-- An algorithm of the user's: `$run` is its function, $terms are its own terms, and its numbers stand in $tail.
--@terms capacity
--@state
--@tail
8 * $words
--@reply
$wait, select(3, $run($list, { unpack_numbers($format, $tail) }, now, 0, false)), $ends, $incarnation
--@inuse
select(3, $run($list, { unpack_numbers($format, $tail) }, now, 0, false)) < $capacity
--@valid
true
--@current
true
--@advance
!open
local found = { unpack_numbers($format, $tail) }
for i = 1, #found - 1 do
  if not (found[i] >= 0 and found[i] <= 9007199254740991 and found[i] % 1 == 0) then
    unrecognized = unrecognized + 1
    $incarnation, $ends, $spent, $tail = 0, 0, 0, string.rep('\0', #$tail)
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
--@left
select(3, $run($list, { unpack_numbers($format, $tail) }, now, 0, false))
--@spend
$spent = now
local state, _, _, reset = $run($list, { unpack_numbers($format, $tail) }, now, cost, true)
!write
--@write
if reset == 0 then
  $incarnation, $ends, $spent, $tail = 0, 0, 0, string.rep('\0', #$tail)
else
  $ends, $tail = now + reset, pack($format, unpack(state))
end
