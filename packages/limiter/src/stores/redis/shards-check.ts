import { warn } from '../../core/warn.ts'
import type { RunScript } from './client.ts'
import { files } from './scripts.gen.ts'
import { scriptOf } from './scripts.ts'

/** How long the number of shards is stored: longer than any deployment takes, but not forever. */
const REMEMBERED_MS = 30 * 86_400_000

const warned = new Set<string>()

/** Compares the number of shards with the one used before, once, after the first script that ran. */
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
    // A check that fails must not fail the call.
    if (!checked) answer.then(check).catch(() => {})
    return answer
  }
}

/** Warns that budgets start fresh; if both numbers stay in use, each has limits of its own. */
function warnOfShards(prefix: string, before: number, shards: number): void {
  if (warned.has(prefix)) return
  warned.add(prefix)
  const what = `Redis keys of ${prefix} were dealt to ${before} shards, and now to ${shards}: every budget begins anew`
  warn('HEADGATE_SHARDS', `${what}; give all processes the same number`)
}
