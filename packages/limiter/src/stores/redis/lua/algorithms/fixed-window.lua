-- Fixed windows: twin of core/algorithms/fixed-window.ts. `$name` is a variable of each rule; its window ends at
-- $recovers_at.
--@kinds first-hit epoch calendar
--@terms:first-hit limit window
--@terms:epoch limit window
--@terms:calendar limit first second third fourth
--@state used returned credited
--@reply
$wait == 0 and $used or -1 - $used, $recovers_at, $incarnation, $returned, $credited
--@has_usage
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
$recovers_at <= !stop
--@anchor
local stop = !stop
if $recovers_at > stop then $recovers_at = stop end
--@advance
if $recovers_at <= now then
  $incarnation, $recovers_at, $spent_at, $used, $returned, $credited = 0, 0, 0, 0, 0, 0
elseif $spent_at > now then
  $spent_at = now
end
--@fits
$used + cost <= $limit
--@never
cost > $limit
--@remaining
$limit - $used
--@spend
if $recovers_at == 0 then $recovers_at = !stop end
$spent_at, $used = now, $used + cost
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
  $incarnation, $recovers_at, $spent_at, $returned, $credited = 0, 0, 0, 0, 0
elseif $returned > 4503599627370496 then
  $incarnation, $returned, $credited = 0, 0, 0
end
