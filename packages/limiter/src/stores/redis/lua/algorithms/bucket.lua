-- Token bucket: twin of core/algorithms/bucket.ts. A `$` marks what a rule has for itself.
--@terms drain unit capacity quantum ceiling
--@state used returned
--@reply
$wait == 0 and $used or -1 - $used, $spent, $incarnation, $returned
--@inuse
$used > 0
--@valid
$used >= 0 and $used <= 4503599627370496 and $used % 1 == 0 and $returned >= 0 and $returned <= 4503599627370496
--@current
$spent <= now
--@anchor
if $spent > now then $spent = now end
--@advance
local steps = (now - $spent) / $quantum
steps = steps - steps % 1
local drained = steps * $drain
if drained >= $used then
  $incarnation, $returned, $used, $spent = 0, 0, 0, now
else
  $used, $spent = $used - drained, $spent + steps * $quantum
end
--@fits
cost * $unit <= $capacity - $used
--@left
math.floor(($capacity - $used) / $unit)
--@spend
$used = $used + cost * $unit
if $used > $ceiling then $used = $ceiling end
--@finish
local steps = $used / $drain
local part = steps % 1
if part > 0 then steps = steps - part + 1 end
$ends = $used == 0 and 0 or $spent + steps * $quantum
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
  $incarnation, $returned, $spent = 0, 0, now
elseif $returned > 4503599627370496 then
  $incarnation, $returned = 0, 0
end
$given = math.floor($given / $unit)
--@rate drain unit quantum
--@carry
$used, $spent = math.min($capacity, math.ceil(@used / @unit) * $unit), now
