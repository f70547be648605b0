import type { RedisCommands } from 'headgate/redis'
import { type Finding, findingsOf } from './finding.ts'
import type { ExaminedServer } from './store-examination.ts'

const SAMPLES = 5
/** The wall clock of this process is read in whole milliseconds. */
const RESOLUTION_MS = 1
/** Far above what NTP leaves. */
const APART_MS = 1000

/** How far a clock is ahead of this machine's, and how exactly that is known. */
export interface ClockOffset {
  readonly about: string
  readonly aheadMs: number
  readonly uncertaintyMs: number
}

/** Asks a server for its time; the quickest of some answers is the most exact. */
async function measureOffset(about: string, commands: RedisCommands): Promise<ClockOffset> {
  let best: ClockOffset | null = null
  for (let i = 0; i < SAMPLES; i++) {
    const start = performance.now()
    const [seconds = 0, micros = 0] = ((await commands.call('TIME')) as readonly string[]).map(Number)
    const tookMs = performance.now() - start
    const uncertaintyMs = tookMs / 2 + RESOLUTION_MS
    const aheadMs = seconds * 1000 + micros / 1000 - (Date.now() - tookMs / 2)
    if (best === null || uncertaintyMs < best.uncertaintyMs) best = { about, aheadMs, uncertaintyMs }
  }
  return best as ClockOffset
}

/** Whether this machine and a server agree about the time. */
export async function checkClock({ about, commands }: ExaminedServer): Promise<[Finding, ClockOffset]> {
  const offset = await measureOffset(about, commands)
  return [judgeOffset(offset), offset]
}

/** Says how far a clock is from this machine's. */
export function judgeOffset({ about, aheadMs, uncertaintyMs }: ClockOffset): Finding {
  const { ok, warning } = findingsOf('clock', about)
  const way = aheadMs < 0 ? 'behind' : 'ahead of'
  const message = `its clock is ${seconds(Math.abs(aheadMs))} ${way} this machine's, ± ${seconds(uncertaintyMs)}`
  if (Math.abs(aheadMs) - uncertaintyMs <= APART_MS) return ok(message)
  const fix =
    'let both follow NTP: limits go by the clock of Redis, and what is decided without it by that of this machine'
  return warning(message, fix)
}

/** Whether servers agree among each other; nothing to say of fewer than two. */
export function compareClocks(offsets: readonly ClockOffset[]): Finding[] {
  const [first, ...others] = [...offsets].sort((a, b) => a.aheadMs - b.aheadMs)
  const last = others.at(-1)
  if (first === undefined || last === undefined) return []
  const { ok, warning } = findingsOf('clocks')
  const apartMs = last.aheadMs - first.aheadMs
  const uncertaintyMs = first.uncertaintyMs + last.uncertaintyMs
  if (apartMs - uncertaintyMs <= APART_MS) {
    return [
      ok(
        `the clocks of ${offsets.length} servers are ${seconds(apartMs)} apart at most, ± ${seconds(uncertaintyMs)}`,
      ),
    ]
  }
  const message = `the clock of ${last.about} is ${seconds(apartMs)} ahead of that of ${first.about}`
  return [warning(message, 'let all servers follow NTP: a window would last longer after a failover')]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`
}
