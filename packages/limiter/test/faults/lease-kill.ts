/** A process that is killed while it holds leases. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OnStoreError } from '../../src/core/on-store-error.ts'
import type { LeaseOptions, PolicyOptions } from '../../src/core/policy-options.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { redisStore } from '../../src/entries/redis.ts'
import { reap } from '../harness/reaper.ts'
import { until } from '../harness/until.ts'
import { CALLERS } from './budgets.ts'
import { type Accounts, defineFault, type Fault } from './fault.ts'
import { type OneServer, oneServer } from './sites.ts'
import { modes } from './stage.ts'

/** What the killed process had counted. */
interface LastWords {
  readonly admitted: readonly (readonly number[])[]
  readonly inFlight: readonly number[]
  readonly sources: Readonly<Record<string, number>>
}

interface LeasingSite extends OneServer {
  readonly child: ChildProcess
  words: LastWords | null
}

const PROGRAM = join(import.meta.dirname, 'fixtures/lease-holder.ts')
const LIMIT = 10_000
const WORK_MS = 500
/** Until a process that lives gives back what it holds, and more. */
const LEASE_MS = 400

export const leaseKill: Fault = defineFault({
  name: 'process killed holding leases',
  expected: 'What it held stays spent until it drains: nobody gains budget. Others notice nothing.',
  answers: 'all',
  lastsMs: LEASE_MS,
  site: leasing,
  async strike(site) {
    const heard = once(site.child, 'message')
    site.child.send('report')
    const [words] = await heard
    site.words = words
    const gone = once(site.child, 'exit')
    site.child.kill('SIGKILL')
    await gone
  },
  accounts,
})

/** A policy of the killed process: with leases there, without where it is only looked at. */
export function heldPolicy(mode: OnStoreError, lease?: LeaseOptions): PolicyOptions {
  const rules = [{ name: 'all', algorithm: 'fixed-window', limit: { limit: LIMIT, window: '30d' } }]
  return { name: `held-${mode}`, rules, onStoreError: mode, ...(lease && { lease }) }
}

async function leasing(): Promise<LeasingSite> {
  const site = await oneServer()
  const child = fork(PROGRAM, [site.connection as string], { execArgv: [] })
  reap(child)
  await once(child, 'message')
  await sleep(WORK_MS)
  return { ...site, child, words: null }
}

async function accounts({ connection, words }: LeasingSite): Promise<Accounts> {
  if (words === null) throw new Error('The process said nothing before its end')
  const problems: string[] = []
  if (Math.min(...words.inFlight) < CALLERS) problems.push(`${words.inFlight} decisions were in flight there`)
  if (!words.sources['lease']) problems.push('it held no leases')
  const store = redisStore(connection as string)
  const limiter = createLimiter({ store, policies: modes.map((mode) => heldPolicy(mode)) })
  const sum = { admitted: 0, charged: 0 }
  for (const [i, mode] of modes.entries()) {
    for (let caller = 0; caller < CALLERS; caller++) {
      const { remaining } = await until('the store says what is left', async () => {
        const decision = await limiter.peek(`u${caller}`, { policy: `held-${mode}`, cost: 0 })
        return decision.source === 'store' && decision
      })
      const [charged, admitted] = [LIMIT - (remaining ?? 0), words.admitted[i]?.[caller] ?? 0]
      sum.charged += charged
      sum.admitted += admitted
      if (charged < admitted) problems.push(`${mode}: ${admitted} admitted by the dead, ${charged} charged`)
    }
  }
  if (sum.charged === sum.admitted) problems.push('it held nothing when it was killed')
  await limiter.close()
  await store.close()
  return { ...sum, problems }
}
