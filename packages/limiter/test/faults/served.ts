/** The service, started while Redis is down: asked over HTTP by as many callers as the library is. */
import { join } from 'node:path'
import { type Answer, HeadgateProcess } from '../../../server/test/e2e/headgate-process.ts'
import type { OnStoreError } from '../../src/core/on-store-error.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../redis-server.ts'
import { CALLERS } from './budgets.ts'
import type { Findings } from './campaign.ts'
import type { Row } from './fault.ts'
import { modes } from './stage.ts'

export const served: Row = {
  name: '`headgate serve`, started while Redis is down',
  expected:
    'The same over HTTP: 503 where a policy is closed; `/livez` 200, and `/readyz` 503 until Redis is there.',
}

const CONFIG = join(import.meta.dirname, '../../../server/test/fixtures/modes.yaml')
const BURSTS = 3
/** Of `modes.yaml`: what one of its five replicas admits of 10 per 10 s. */
const SHARE = { burst: 2, perMs: 0.0002 }
const BACK_MS = 2000
/** What each mode answers meanwhile: source and status. */
const ANSWERS: Readonly<Record<OnStoreError, readonly string[]>> = {
  local: ['fallback 200', 'fallback 429'],
  open: ['open 200'],
  closed: ['undefined 503'],
}

export async function serve(): Promise<Findings> {
  await using redis = await RedisServer.start()
  await redis.crash()
  await using headgate = await HeadgateProcess.serve(['--config', CONFIG, '--store', redis.url])
  const problems: string[] = []
  const expectStatus = async (path: string, status: number): Promise<void> => {
    const answer = await headgate.get(path)
    if (answer.status !== status) problems.push(`${path} says ${answer.status}, not ${status}`)
  }
  await expectStatus('/readyz', 503)
  await expectStatus('/livez', 200)
  const startedAt = performance.now()
  const meanwhile = new Tally()
  for (let burst = 0; burst < BURSTS; burst++) await ask(headgate, meanwhile)
  const share = SHARE.burst + Math.floor((performance.now() - startedAt) * SHARE.perMs)
  if (meanwhile.allowed.local > CALLERS * share) problems.push(`local admitted ${meanwhile.allowed.local}`)
  problems.push(...meanwhile.unexpected)
  await expectStatus('/readyz', 503)
  await redis.restart()
  const backMs = await readyAgain(headgate)
  if (backMs > BACK_MS) problems.push(`ready after ${backMs.toFixed(0)} ms`)
  const after = await spendOnce(headgate)
  if (after.charged < after.admitted || after.charged > CALLERS) problems.push(`charged ${after.charged}`)
  return {
    inFlight: CALLERS,
    decisions: BURSTS * CALLERS * modes.length,
    longest: { ms: meanwhile.longestMs, timerMs: null },
    ...after,
    ...{ local: meanwhile.allowed.local, open: meanwhile.allowed.open, closed: meanwhile.allowed.closed },
    backMs,
    heapBytes: 0,
    forgotten: 0,
    forgottenAtMs: 0,
    lastError: null,
    problems,
  }
}

class Tally {
  readonly allowed: Record<OnStoreError, number> = { local: 0, open: 0, closed: 0 }
  readonly unexpected: string[] = []
  longestMs = 0

  add(mode: OnStoreError, { status, body, ms }: Answer): void {
    this.longestMs = Math.max(this.longestMs, ms)
    if (status === 200) this.allowed[mode]++
    const answer = `${body.source} ${status}`
    if (!ANSWERS[mode].includes(answer)) this.unexpected.push(`${mode}: ${answer}`)
  }
}

/** One question of each caller to each policy, all at once. */
async function ask(headgate: HeadgateProcess, tally: Tally): Promise<void> {
  const all = modes.flatMap((mode) =>
    Array.from({ length: CALLERS }, async (_, caller) => {
      tally.add(mode, await headgate.post('/v1/consume', question(mode, caller)))
    }),
  )
  await Promise.all(all)
}

async function readyAgain(headgate: HeadgateProcess): Promise<number> {
  const returnedAt = performance.now()
  await until('it is ready', async () => (await headgate.get('/readyz')).status === 200)
  await until('Redis decides', async () => {
    return (await headgate.post('/v1/consume', question('open', CALLERS))).body.source === 'store'
  })
  return performance.now() - returnedAt
}

/** Each caller spends the only unit of an hour. */
async function spendOnce(headgate: HeadgateProcess): Promise<{ admitted: number; charged: number }> {
  const sum = { admitted: 0, charged: 0 }
  for (let caller = 0; caller < CALLERS; caller++) {
    const { body } = await headgate.post('/v1/consume', question('open', caller))
    if (body.source === 'store' && body.allowed) sum.admitted++
    const left = await until('Redis says what is left', async () => {
      const peeked = (await headgate.post('/v1/peek', question('open', caller))).body
      return peeked.source === 'store' && { remaining: peeked.remaining }
    })
    sum.charged += 1 - left.remaining
  }
  return sum
}

function question(mode: OnStoreError, caller: number): object {
  return { attributes: { user: `u${caller}`, path: `/${mode}` } }
}
