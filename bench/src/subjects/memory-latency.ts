/** How many decisions a core makes in memory, and how long single ones take. */
import { createLimiter, memoryStore } from 'headgate'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { feeds, flatKey } from '../harness/keys.ts'
import { sharesOf } from '../harness/latencies.ts'
import { readParams, reportAll } from '../harness/subject.ts'

/** What this subject is told. */
export interface MemoryLatencyParams {
  /** `clock`: no decision, and what is timed is two readings of the clock. */
  readonly of: 'consumeSync' | 'consume' | 'rate-limiter-flexible' | 'clock'
  readonly keys: number
  /** For as long as no unit comes back. */
  readonly limit: string
}

type Ask = (key: string) => unknown

/** Decisions between two preparations of their texts. */
const PART = 10_000
const DAY_S = 86_400

const { of, keys, limit, warmMs, measureMs } = readParams<MemoryLatencyParams>()
const ask = asker()
const waits = of === 'consume' || of === 'rate-limiter-flexible'
const { texts, prepare } = feeds.arriving(keys)

for (let i = 0; i < keys; i++) await ask(flatKey(i))
await rates(warmMs)
reportAll({ ...(await rates(measureMs)), ...sharesOf(await times()) })

function asker(): Ask {
  if (of === 'clock') return () => undefined
  if (of === 'rate-limiter-flexible') {
    const peer = new RateLimiterMemory({ points: 1_000_000_000, duration: DAY_S })
    return (key) => peer.consume(key)
  }
  const limiter = createLimiter({ limit, store: memoryStore() })
  return of === 'consumeSync' ? (key) => limiter.consumeSync(key) : (key) => limiter.consume(key)
}

/** By CPU time, V8's own threads included, and by the clock on the wall; the making of texts is in neither. */
async function rates(ms: number) {
  let [made, wallMs, cpuUs] = [0, 0, 0]
  for (const end = performance.now() + ms; performance.now() < end; made += PART) {
    prepare(made, made + PART)
    const [start, cpu] = [performance.now(), process.cpuUsage()]
    const admitted = waits ? await makeWaitingCalls() : makeCalls()
    const { user, system } = process.cpuUsage(cpu)
    wallMs += performance.now() - start
    cpuUs += user + system
    if (admitted < PART) throw new Error(`${PART - admitted} of ${PART} calls were denied`)
  }
  return { 'ops/s': (made / wallMs) * 1000, 'decisions/core-second': (made / cpuUs) * 1e6 }
}

function makeCalls(): number {
  let admitted = 0
  for (let i = 0; i < PART; i++) if (isAdmitted(ask(texts[i] as string))) admitted++
  return admitted
}

async function makeWaitingCalls(): Promise<number> {
  let admitted = 0
  for (let i = 0; i < PART; i++) if (isAdmitted(await ask(texts[i] as string))) admitted++
  return admitted
}

/** The peer rejects where it denies, and the clock has nothing to say. */
function isAdmitted(answer: unknown): boolean {
  return (answer as { readonly allowed?: boolean } | undefined)?.allowed !== false
}

/** Milliseconds, collections of garbage and what the system takes included. */
async function times(): Promise<number[]> {
  const all: number[] = []
  const end = performance.now() + measureMs
  for (let from = 0; performance.now() < end; from += PART) {
    prepare(from, from + PART)
    await (waits ? timeWaiting(all) : timePart(all))
  }
  return all
}

function timePart(all: number[]): void {
  for (let i = 0; i < PART; i++) {
    const start = performance.now()
    ask(texts[i] as string)
    all.push(performance.now() - start)
  }
}

async function timeWaiting(all: number[]): Promise<void> {
  for (let i = 0; i < PART; i++) {
    const start = performance.now()
    await ask(texts[i] as string)
    all.push(performance.now() - start)
  }
}
