-- See lone.lua.
reply = #KEYS == 1 and #ARGV == 2 and lone('sliding%-window', nil, sliding_judge, sliding_spend)
if reply then return reply end
