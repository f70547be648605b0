import { warn } from '../../core/warn.ts'
import { hasFunctions, type RunScript } from './client.ts'

interface InfoClient {
  info(section: string): Promise<unknown>
}

/** Checks the server's eviction policy once, after the first script that ran. */
export function withEvictionCheck(run: RunScript, clientOf: () => unknown): RunScript {
  let checked = false
  return (script, keys, args) => {
    const answer = run(script, keys, args)
    if (!checked) {
      answer.then(
        () => {
          if (!checked) void warnOfEviction(clientOf())
          checked = true
        },
        () => {},
      )
    }
    return answer
  }
}

/** Warns when the server may evict our keys; silent where INFO is not available. */
async function warnOfEviction(client: unknown): Promise<void> {
  if (!hasFunctions(client, 'info')) return
  const info = await (client as InfoClient).info('memory').catch(() => '')
  const policy = /maxmemory_policy:(allkeys-\w+|volatile-(?!ttl)\w+)/.exec(String(info))?.[1]
  if (policy === undefined || /maxmemory:0\s/.test(String(info))) return
  const what = `Redis may drop limits that are in force, since maxmemory-policy is ${policy}`
  warn('HEADGATE_EVICTION', `${what}; set it to noeviction or volatile-ttl`)
}
