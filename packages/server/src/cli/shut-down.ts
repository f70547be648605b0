import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Transport } from '../service/transport.ts'
import { stopAll } from './run-transports.ts'
import type { StopSignal } from './stop-signal.ts'

/** How long the two parts of an end may take. */
export interface ShutdownTimes {
  /** From SIGTERM on, readiness says no and connections are still taken for this long. */
  readonly delayMs: number
  /** Requests under way then get this long to finish. */
  readonly drainMs: number
}

/** What is to end, and how it was told. */
export interface ShutdownOptions extends ShutdownTimes {
  /** Null where no signal did, but the end of the app that is wrapped. */
  readonly signal: StopSignal | null
  readonly log: Logger
  readonly transports: readonly Transport[]
}

/**
 * Ends a service that says no to readiness: waits until whoever asks for it has had time to notice, then takes no new connections and lets
 * requests under way finish.
 */
export async function shutDown(options: ShutdownOptions): Promise<void> {
  const { signal, log, transports, drainMs } = options
  // Whoever presses Ctrl-C has no balancer in front, and waits; and without the app nothing can be forwarded.
  const delayMs = signal === 'SIGTERM' ? options.delayMs : 0
  log.info({ signal, delayMs }, 'stopping')
  if (delayMs > 0) await sleep(delayMs)
  await stopAll(transports, {
    drainMs,
    onCut: () => log.warn(`requests still under way after ${drainMs} ms are cut off`),
  })
}
