import { createLimiter } from 'headgate'
import { redisStore } from 'headgate/redis'
import { type Finding, type Findings, findingsOf } from './finding.ts'
import type { ExaminedServer, ExaminedStore } from './store-examination.ts'

const SAMPLES = 100
/** A slow link gives fewer samples. */
const WITHIN_MS = 1500
/** Above every deadline of interest: what takes longer is an answer all the same. */
const PATIENCE_MS = 1000

/** How long calls took, in milliseconds. */
export interface RoundTrip {
  readonly medianMs: number
  readonly p99Ms: number
  readonly samples: number
}

/** Calls one after another, for as long as there is time. */
async function measure(call: () => Promise<unknown>): Promise<RoundTrip> {
  const took: number[] = []
  const end = performance.now() + WITHIN_MS
  while (took.length < SAMPLES && performance.now() < end) {
    const start = performance.now()
    await call()
    took.push(performance.now() - start)
  }
  took.sort((a, b) => a - b)
  const at = (share: number): number => took[Math.ceil(share * took.length) - 1] ?? 0
  return { medianMs: at(0.5), p99Ms: at(0.99), samples: took.length }
}

/** How long a server takes for a command that is no work. */
export async function checkPing({ about, store, commands }: ExaminedServer): Promise<Finding> {
  const took = await measure(() => commands.call('TIME'))
  return judge(findingsOf('round-trip', about), `a command takes ${figures(took)}`, { ...took, ...store })
}

/** How long a store takes for a decision, by the way that those of the service take; nothing is spent. */
export async function checkDecisionTime(store: ExaminedStore): Promise<Finding> {
  const findings = findingsOf('decision-time', store.name)
  const opened = redisStore(store.url, { prefix: store.prefix })
  const limiter = createLimiter({
    policies: [{ name: 'doctor', rules: ['1/min'] }],
    store: opened,
    deadlineMs: PATIENCE_MS,
    onStoreError: 'closed',
    // It is no instance of the service, and must not be counted as one.
    replicas: 1,
  })
  try {
    const peek = async (): Promise<void> => {
      const { source } = await limiter.peek('doctor')
      if (source !== 'store')
        throw new Error(limiter.health().lastError?.message ?? 'the store did not decide')
    }
    // The first one connects, and sends the script.
    await peek()
    const took = await measure(peek)
    return judge(findings, `a decision takes ${figures(took)}`, { ...took, ...store })
  } catch (reason) {
    return findings.error(`no decision: ${(reason as Error).message}`, 'see the findings about its servers')
  } finally {
    await limiter.close()
    await opened.close()
  }
}

/** Compares with the deadline after which the service decides without the store. */
export function judge(
  { ok, warning, error }: Findings,
  told: string,
  { medianMs, p99Ms, deadlineMs }: RoundTrip & Pick<ExaminedStore, 'deadlineMs'>,
): Finding {
  const fix = 'raise store.deadline, or bring service and Redis closer together'
  const message = `${told}; the deadline is ${shown(deadlineMs)}`
  if (medianMs >= deadlineMs) return error(`${message}, so that most are made without the store`, fix)
  if (p99Ms >= deadlineMs) return warning(`${message}, so that some are made without the store`, fix)
  return ok(message)
}

function figures({ medianMs, p99Ms, samples }: RoundTrip): string {
  return `${shown(medianMs)} (median), ${shown(p99Ms)} (p99 of ${samples})`
}

function shown(ms: number): string {
  return `${ms < 10 ? Number(ms.toFixed(2)) : Math.round(ms)} ms`
}
