import { readdir, readFile } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Family, MetricInfo } from './metric.ts'

const NS = 1e9
const US = 1e6
const RESOLUTION_MS = 20

/** Metrics of the process itself, by the names that dashboards for Node know. */
export class ProcessMetrics {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })

  constructor() {
    this.#delay.enable()
  }

  async families(): Promise<Family[]> {
    const { user, system } = process.cpuUsage()
    const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
    const [open, most] = await Promise.all([openFiles(), mostFiles()])
    return [
      counter('process_cpu_seconds_total', (user + system) / US, 'CPU time in seconds.'),
      gauge('process_start_time_seconds', startedAt(), 'When the process began, in seconds since 1970.'),
      gauge('process_resident_memory_bytes', rss, 'Memory that the process holds.'),
      ...(open === null ? [] : [gauge('process_open_fds', open, 'Open file descriptors.')]),
      ...(most === null ? [] : [gauge('process_max_fds', most, 'Most file descriptors that may be open.')]),
      gauge('nodejs_heap_size_total_bytes', heapTotal, 'Size of the heap.'),
      gauge('nodejs_heap_size_used_bytes', heapUsed, 'What is used of the heap.'),
      gauge(
        'nodejs_external_memory_bytes',
        external,
        'Memory beside the heap that belongs to objects of it.',
      ),
      ...this.#delays(),
      labelled(
        'nodejs_version_info',
        { version: process.version },
        'Always 1; the label has the version of Node.',
      ),
    ]
  }

  close(): void {
    this.#delay.disable()
  }

  /** How late timers came since the last scrape. */
  #delays(): Family[] {
    const delay = this.#delay
    const read = (ns: number): number =>
      Math.max(0, (Number.isFinite(ns) ? ns : 0) / NS - RESOLUTION_MS / 1000)
    const families = [
      gauge(
        'nodejs_eventloop_lag_mean_seconds',
        read(delay.mean),
        'How late the event loop was, on average.',
      ),
      gauge(
        'nodejs_eventloop_lag_p99_seconds',
        read(delay.percentile(99)),
        'How late it was in 1 of 100 turns.',
      ),
      gauge('nodejs_eventloop_lag_max_seconds', read(delay.max), 'How late it was at most.'),
    ]
    delay.reset()
    return families
  }
}

function startedAt(): number {
  return Date.now() / 1000 - process.uptime()
}

/** Null where the system does not tell. */
async function openFiles(): Promise<number | null> {
  try {
    return (await readdir('/proc/self/fd')).length
  } catch {
    return null
  }
}

async function mostFiles(): Promise<number | null> {
  try {
    const limits = await readFile('/proc/self/limits', 'utf8')
    const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? []
    return soft === undefined ? null : Number(soft)
  } catch {
    return null
  }
}

function counter(name: string, value: number, help: string): Family {
  return { name, help, type: 'counter', samples: [[[], value]] }
}

function gauge(name: string, value: number, help: string): Family {
  return { ...info(help), name, samples: [[[], value]] }
}

function labelled(name: string, labels: Readonly<Record<string, string>>, help: string): Family {
  return { ...info(help), name, labels: Object.keys(labels), samples: [[Object.values(labels), 1]] }
}

function info(help: string): MetricInfo {
  return { type: 'gauge', help }
}
