-- See uniform.lua.
reply = ARGV[1] == '' and #ARGV == 2 and uniform('sliding%-window', nil, sliding_judge, sliding_spend)
if reply then return reply end
