/** Processes that hold leases on one key, and what they admitted in each millisecond. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import { until } from '../harness/until.ts'

export interface HolderJob {
  readonly url: string
  readonly prefix: string
  readonly policy: PolicyOptions
  readonly lifetimeMs: number
  /** Pause between two calls; 0 for as many as it can. */
  readonly paceMs: number
}

export interface HolderNote {
  readonly ms: number
  readonly units: number
  /** Of them, from leases. */
  readonly leased: number
  /** Calls that were answered from a lease when the newest one was over. */
  readonly stale: number
  readonly ready?: true
}

/** One process; kill it with `kill`, or let it end with `stop`. */
export class LeaseHolder {
  readonly child: ChildProcess
  readonly unitsByMs = new Map<number, number>()
  stale = 0
  units = 0
  leased = 0
  #ready = false

  constructor(job: HolderJob) {
    const script = join(import.meta.dirname, 'fixtures/lease-holder.ts')
    this.child = spawn(process.execPath, [script, JSON.stringify(job)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const { ms, units, leased, stale, ready } = JSON.parse(line) as HolderNote
      if (ready) this.#ready = true
      this.unitsByMs.set(ms, (this.unitsByMs.get(ms) ?? 0) + units)
      this.units += units
      this.leased += leased
      this.stale += stale
    })
  }

  async ready(): Promise<void> {
    await until('a holder is ready', () => this.#ready)
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exited = once(this.child, 'close')
    this.child.kill(signal)
    await exited
  }
}

/** Units of all holders by millisecond, in order. */
export function timelineOf(holders: readonly LeaseHolder[]): [ms: number, units: number][] {
  const sums = new Map<number, number>()
  for (const { unitsByMs } of holders) {
    for (const [ms, units] of unitsByMs) if (ms > 0) sums.set(ms, (sums.get(ms) ?? 0) + units)
  }
  return [...sums].sort(([a], [b]) => a - b)
}

/**
 * The most units above `perMs` · length that any interval admitted: of a bucket under G8 that is its burst and what
 * drains in the lifetime of a lease.
 */
export function excessOf(timeline: readonly (readonly [ms: number, units: number])[], perMs: number): number {
  let worst = 0
  let running = 0
  let last = 0
  for (const [ms, units] of timeline) {
    running = Math.max(0, running - (ms - last) * perMs) + units
    worst = Math.max(worst, running)
    last = ms
  }
  return worst
}
