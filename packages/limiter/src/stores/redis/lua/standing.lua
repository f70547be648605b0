-- What stands against a key: twin of core/standing.ts. Its record leads the value; `raw` is the value, and `standing` false
-- where there is none. Includes the numbers of the record, and: stop, where the next record begins in `raw`; changed,
-- whether the record in `raw` is out of date.
--@read
if #raw >= 125 and unpack_numbers('<d', raw, 17) == STANDING_ID and unpack_numbers('<d', raw, 9) == 117 then
  local level, spends, offended_at, ban, kept, quiet, blocked_at, block = unpack_numbers('<dddddddd', raw, 49)
  local changed = offended_at > now or blocked_at > now
  if changed then future = true end
  for _, number in ipairs({ level, spends, offended_at, ban, kept, quiet, blocked_at, block }) do
    if not (number >= 0 and number <= 9007199254740927 and number % 1 == 0) then
      if level then unrecognized = unrecognized + 1 end
      level = false
    end
  end
  if not level then level, spends, offended_at, ban, kept, quiet, blocked_at, block = 0, 0, 0, 0, 0, 0, 0, 0 end
  if offended_at > now then offended_at = now end
  if blocked_at > now then blocked_at = now end
  if offended_at + math.max(kept, quiet) <= now then
    changed, level, spends, offended_at, ban, kept, quiet = changed or kept > 0, 0, 0, 0, 0, 0, 0
  end
  if blocked_at + block <= now then
    changed, blocked_at, block = changed or block > 0, 0, 0
  end
  standing = {
    stop = 126, changed = changed or kept + block == 0, level = level, spends = spends, offended_at = offended_at,
    ban = ban, kept = kept, quiet = quiet, blocked_at = blocked_at, block = block,
  }
end
--@fresh
{ stop = 9, changed = true, level = 0, spends = 0, offended_at = 0, ban = 0, kept = 0, quiet = 0, blocked_at = 0, block = 0 }
--@barred
local until_ban = standing.ban == 0 and 0 or standing.offended_at + standing.ban
local until_block = standing.block == 0 and 0 or standing.blocked_at + standing.block
HELD = math.max(0, math.max(until_ban, until_block) - now)
--@offend
if standing.kept == 0 or standing.spends > 0 or standing.offended_at + standing.quiet <= now then
  local level, longest = 1, 0
  if standing.offended_at + standing.kept > now then level = standing.level + 1 end
  if level > bans.n then level = bans.n end
  for at = 1, bans.n do
    if bans[at] > longest then longest = bans[at] end
  end
  standing.changed, standing.level, standing.spends, standing.offended_at = true, level, 0, now
  standing.ban, standing.kept, standing.quiet = bans[level], bans[level] + longest, math.max(0, recovers_at - now)
  HELD = -bans[level]
end
--@spend
if standing.kept > 0 then standing.spends, standing.changed = standing.spends + 1, true end
--@undo
if standing.spends > 0 and undone_at > standing.offended_at then
  standing.spends, standing.changed = standing.spends - 1, true
end
--@pack
local standing_bytes, standing_ends = '', 0
if standing then
  local ends = math.max(standing.kept == 0 and 0 or standing.offended_at + math.max(standing.kept, standing.quiet),
    standing.block == 0 and 0 or standing.blocked_at + standing.block)
  if ends > 0 then
    standing_ends = ends
    standing_bytes = pack('<ddddddddddddd', 117, STANDING_ID, 0, ends, 0, standing.level, standing.spends, standing.offended_at,
      standing.ban, standing.kept, standing.quiet, standing.blocked_at, standing.block) .. '\0STANDING_TEXT'
  end
end
