import type { RunScript } from './client.ts'
import { files } from './scripts.gen.ts'
import { scriptOf } from './scripts.ts'

/** Long enough to be there after a deployment, and gone some time after the last process. */
const REMEMBERED_MS = 30 * 86_400_000

const warned = new Set<string>()

/** Runs scripts, and after the first that ran compares the number of shards with that used before, once. */
export function withShardsCheck(
  run: RunScript,
  { prefix, shards }: { prefix: string; shards: number },
): RunScript {
  let checked = false
  const check = async (): Promise<void> => {
    if (checked) return
    checked = true
    const args = [String(shards), String(REMEMBERED_MS)]
    const before = await run(scriptOf(files.shards), [`${prefix}:{~shards}`], args)
    if (typeof before === 'number' && before > 0 && before !== shards) warnOfShards(prefix, before, shards)
  }
  return (script, keys, args) => {
    const answer = run(script, keys, args)
    // Its own failure changes nothing.
    if (!checked) answer.then(check).catch(() => {})
    return answer
  }
}

/** Says that budgets begin anew; where both numbers stay in use, that limits hold for each alone. */
function warnOfShards(prefix: string, before: number, shards: number): void {
  if (warned.has(prefix)) return
  warned.add(prefix)
  const what = `Redis keys of ${prefix} were dealt to ${before} shards, and now to ${shards}: every budget begins anew`
  process.emitWarning(`${what}; give all processes the same number`, {
    type: 'HeadgateWarning',
    code: 'HEADGATE_SHARDS',
    detail: 'docs/operations/redis.md#shards',
  })
}
