import { createLimiter, memoryStore, type Reservation } from 'headgate'
import { manualClock } from 'headgate/testing'
import { randomNumbers } from '../harness/keys.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface ReservationsParams {
  readonly algorithm: string
  /** `given back`: of the units that settled reservations held too many. `used`: of what the limit allows, by actual costs. */
  readonly measure: 'given back' | 'used'
}

interface Call {
  readonly endMs: number
  readonly actual: number
  readonly reservation: Reservation
}

// Calls of a language model by one tenant: an estimate is the most tokens that an answer may have, most answers are
// much shorter, and a long answer takes as long as it is. They come twice as often as the limit allows.
const LIMIT_A_MINUTE = 100_000
const MINUTES = 60
const ESTIMATES = [500, 1000, 2000, 4000]
/** Answers take 5 to 65 % of their estimates. */
const SHARE = { least: 0.05, range: 0.6 }
const TOKENS_A_SECOND = 50
const FIRST_TOKEN_MS = 1000
const DEMAND = 2
const SEED = 20_260_101

const { algorithm, measure } = readParams<ReservationsParams>()
const random = randomNumbers(SEED)
const clock = manualClock()
const limiter = createLimiter({ algorithm, limit: `${LIMIT_A_MINUTE}/min`, store: memoryStore({ clock }) })
const pending: Call[] = []
const sums = { tooMany: 0, givenBack: 0, used: 0 }
let nowMs = 0

for (const everyMs = meanGapMs(); nowMs < MINUTES * 60_000; ) {
  await moveTo(nowMs + Math.ceil(-Math.log(1 - random()) * everyMs))
  await begin()
}
report(measure === 'used' ? sums.used / (LIMIT_A_MINUTE * MINUTES) : sums.givenBack / sums.tooMany)
await limiter.close()

/** Lets calls end that end until then, each at its time. */
async function moveTo(untilMs: number): Promise<void> {
  for (let next = pending[0]; next !== undefined && next.endMs <= untilMs; next = pending[0]) {
    pending.shift()
    advance(next.endMs)
    await end(next)
  }
  advance(untilMs)
}

function advance(toMs: number): void {
  clock.advanceUs((toMs - nowMs) * 1000)
  nowMs = toMs
}

async function begin(): Promise<void> {
  const estimate = ESTIMATES[Math.floor(random() * ESTIMATES.length)] as number
  const actual = Math.ceil(estimate * (SHARE.least + SHARE.range * random()))
  const reservation = await limiter.reserve('tenant', { cost: estimate })
  if (!reservation.allowed) return
  const endMs = nowMs + Math.ceil(FIRST_TOKEN_MS + (actual / TOKENS_A_SECOND) * 1000)
  pending.push({ endMs, actual, reservation })
  pending.sort((a, b) => a.endMs - b.endMs)
}

async function end({ reservation, actual }: Call): Promise<void> {
  const before = await left()
  sums.tooMany += reservation.held - actual
  await reservation.settle(actual)
  sums.givenBack += (await left()) - before
  sums.used += actual
}

async function left(): Promise<number> {
  const { remaining } = await limiter.peek('tenant', { cost: 0 })
  if (remaining === null) throw new Error('the limiter was not asked')
  return remaining
}

function meanGapMs(): number {
  const meanEstimate = ESTIMATES.reduce((a, b) => a + b) / ESTIMATES.length
  const meanActual = meanEstimate * (SHARE.least + SHARE.range / 2)
  return 60_000 / ((DEMAND * LIMIT_A_MINUTE) / meanActual)
}
