-- Token bucket: twin of core/algorithms/bucket.ts. `$name` is a variable of each rule.
--@terms drain unit capacity quantum ceiling
--@state used returned
--@reply
$wait == 0 and $used or -1 - $used, $spent_at, $incarnation, $returned
--@has_usage
$used > 0
--@valid
$used >= 0 and $used <= 4503599627370496 and $used % 1 == 0 and $returned >= 0 and $returned <= 4503599627370496
--@current
$spent_at <= now
--@anchor
if $spent_at > now then $spent_at = now end
--@advance
local steps = (now - $spent_at) / $quantum
steps = steps - steps % 1
local drained = steps * $drain
if drained >= $used then
  $incarnation, $returned, $used, $spent_at = 0, 0, 0, now
else
  $used, $spent_at = $used - drained, $spent_at + steps * $quantum
end
--@fits
cost * $unit <= $capacity - $used
--@never
cost * $unit > $capacity
--@remaining
math.floor(($capacity - $used) / $unit)
--@spend
$used = $used + cost * $unit
if $used > $ceiling then $used = $ceiling end
--@finish
local steps = $used / $drain
local part = steps % 1
if part > 0 then steps = steps - part + 1 end
$recovers_at = $used == 0 and 0 or $spent_at + steps * $quantum
--@refund
$given = cost * $unit
local rest = $stood - math.ceil(math.max(0, now - $since) / $quantum) * $drain - ($returned - $returned_then)
if rest < $given then $given = rest end
!give
--@credit
$given = cost * $unit
!give
--@give
if $given > $used then $given = $used end
if $given < 0 then $given = 0 end
$used, $returned = $used - $given, $returned + $given
if $used == 0 then
  $incarnation, $returned, $spent_at = 0, 0, now
elseif $returned > 4503599627370496 then
  $incarnation, $returned = 0, 0
end
$given = math.floor($given / $unit)
--@rate drain unit quantum
--@carry
$used, $spent_at = math.min($capacity, math.ceil(@used / @unit) * $unit), now
