import { createHash } from 'node:crypto'
import { isRefusal } from './connection-failure.ts'
import { type Finding, findingsOf } from './finding.ts'
import type { ExaminedServer } from './store-examination.ts'

/**
 * Tries what scripts of a store do, on two keys of its own that are removed, and would expire; answers what was refused,
 * each as `COMMAND message`. A sorted set is made only where it can be given an end.
 */
export const TRIAL = `local refused, failed = {}, {}
local function try(name, ...)
  local answer = redis.pcall(name, ...)
  if type(answer) ~= 'table' or not answer.err then return failed[name] end
  failed[name] = true
  refused[#refused + 1] = name .. ' ' .. answer.err
end
try('TIME')
try('MGET', KEYS[1])
try('SET', KEYS[1], '1', 'PX', 10000)
try('SETRANGE', KEYS[1], 0, '2')
try('PEXPIRE', KEYS[1], 10000)
if not failed.PEXPIRE then
  try('ZADD', KEYS[2], 1, 'a')
  redis.pcall('PEXPIRE', KEYS[2], 10000)
  try('ZREMRANGEBYSCORE', KEYS[2], '-inf', 0)
  try('ZCARD', KEYS[2])
end
try('DEL', KEYS[1], KEYS[2])
return refused`

const FIX = 'permit it as docs/operations/redis.md#permissions says'
const REFUSED = /NOPERM|permission|can't run this command|can't access/i

/** Whether the user may do what a store does; names each command that is refused. */
export async function checkPermissions({ about, commands, ownKey }: ExaminedServer): Promise<Finding[]> {
  const { ok, error } = findingsOf('permissions', about)
  const keys = [`${ownKey}a`, `${ownKey}b`]
  const sha = createHash('sha1').update(TRIAL).digest('hex')
  const run = async (command: 'EVAL' | 'EVALSHA', script: string): Promise<string[]> => {
    try {
      const refused = await commands.call(command, script, '2', ...keys)
      return Array.isArray(refused) ? refused.map(String) : []
    } catch (reason) {
      if (!isRefusal(reason)) throw reason
      return [`${command} ${(reason as Error).message}`]
    }
  }
  const byText = await run('EVAL', TRIAL)
  // What the script is refused, it is refused again.
  const refused = [...byText, ...(byText.length > 0 ? [] : await run('EVALSHA', sha))]
  if (refused.length === 0) return [ok('the user may do all that scripts need, on these keys')]
  return refused.map((text) => {
    const [command = '', ...said] = text.split(' ')
    const why = said.join(' ')
    if (REFUSED.test(why)) return error(`${command} is refused: ${why}`, FIX)
    return findingsOf('writes', about).error(
      `${command} fails: ${why}`,
      'see docs/operations/redis.md#when-it-is-down',
    )
  })
}
