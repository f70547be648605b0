-- Fixed windows: twin of core/algorithms/fixed-window.ts. A `$` marks what a rule has for itself; it ends at $ends.
--@kinds first-hit epoch calendar
--@terms:first-hit limit window
--@terms:epoch limit window
--@terms:calendar limit first second third fourth
--@state used returned credited
--@reply
$wait == 0 and $used or -1 - $used, $ends, $incarnation, $returned, $credited
--@inuse
$used > 0
--@stop:first-hit
now + $window
--@stop:epoch
now - now % $window + $window
--@stop:calendar
(now < $second and $second or now < $third and $third or $fourth)
--@outside:calendar
now < $first or now >= $fourth
--@valid
$used >= 0 and $used <= 4503599627370496 and $used % 1 == 0 and $returned >= 0 and $returned <= 4503599627370496
  and $credited >= 0 and $credited <= $returned
--@current
$ends <= !stop
--@anchor
local stop = !stop
if $ends > stop then $ends = stop end
--@advance
if $ends <= now then
  $incarnation, $ends, $spent, $used, $returned, $credited = 0, 0, 0, 0, 0, 0
elseif $spent > now then
  $spent = now
end
--@fits
$used + cost <= $limit
--@left
$limit - $used
--@spend
if $ends == 0 then $ends = !stop end
$spent, $used = now, $used + cost
if $used > 4503599627370496 then $used = 4503599627370496 end
--@refund
$given = cost
if $credited ~= $credited_then then $given = math.max(0, math.min(cost, $stood - ($returned - $returned_then))) end
!give
--@credit
$given = cost
!give
if $incarnation > 0 then $credited = $credited + $given end
--@give
if $given > $used then $given = $used end
$used, $returned = $used - $given, $returned + $given
if $used == 0 then
  $incarnation, $ends, $spent, $returned, $credited = 0, 0, 0, 0, 0
elseif $returned > 4503599627370496 then
  $incarnation, $returned, $credited = 0, 0, 0
end
