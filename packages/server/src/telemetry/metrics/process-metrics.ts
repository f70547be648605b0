import { readdir, readFile } from 'node:fs/promises'
import type { Family, MetricInfo, Sample } from './metric.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const US = 1e6

/** How the threads of a process run: the one that tells, and the workers among which decisions are made, if there are any. */
export interface Runtimes {
  readonly own: ThreadRuntime
  /** By the numbers of workers. */
  readonly workers: ReadonlyMap<number, ThreadRuntime>
}

/** Metrics of the process itself, by the names that dashboards for Node know. */
export async function processFamilies({ own, workers }: Runtimes): Promise<Family[]> {
  const { user, system } = process.cpuUsage()
  const [open, most] = await Promise.all([openFiles(), mostFiles()])
  const heaps = (read: (runtime: ThreadRuntime) => number): number =>
    [own, ...workers.values()].reduce((sum, runtime) => sum + read(runtime), 0)
  return [
    counter('process_cpu_seconds_total', (user + system) / US, 'CPU time in seconds.'),
    gauge('process_start_time_seconds', startedAt(), 'When the process began, in seconds since 1970.'),
    gauge('process_resident_memory_bytes', process.memoryUsage.rss(), 'Memory that the process holds.'),
    ...(open === null ? [] : [gauge('process_open_fds', open, 'Open file descriptors.')]),
    ...(most === null ? [] : [gauge('process_max_fds', most, 'Most file descriptors that may be open.')]),
    gauge(
      'nodejs_heap_size_total_bytes',
      heaps(({ heapTotalBytes }) => heapTotalBytes),
      'Size of the heap.',
    ),
    gauge(
      'nodejs_heap_size_used_bytes',
      heaps(({ heapUsedBytes }) => heapUsedBytes),
      'What is used of the heap.',
    ),
    gauge(
      'nodejs_external_memory_bytes',
      heaps(({ externalBytes }) => externalBytes),
      'Memory beside the heap that belongs to objects of it.',
    ),
    ...lagFamilies({ own, workers }),
    labelled(
      'nodejs_version_info',
      { version: process.version },
      'Always 1; the label has the version of Node.',
    ),
  ]
}

/** How late timers came since the last scrape: of each worker where there are some. */
function lagFamilies({ own, workers }: Runtimes): Family[] {
  const lag = (name: string, read: (runtime: ThreadRuntime) => number, help: string): Family => {
    if (workers.size === 0) return gauge(name, read(own), help)
    const samples = [...workers].map(([worker, runtime]): Sample => [[`${worker}`], read(runtime)])
    return { ...info(help), name, labels: ['worker'], samples }
  }
  return [
    lag(
      'nodejs_eventloop_lag_mean_seconds',
      ({ lagMeanSeconds }) => lagMeanSeconds,
      'How late the event loop was, on average.',
    ),
    lag(
      'nodejs_eventloop_lag_p99_seconds',
      ({ lagP99Seconds }) => lagP99Seconds,
      'How late it was in 1 of 100 turns.',
    ),
    lag('nodejs_eventloop_lag_max_seconds', ({ lagMaxSeconds }) => lagMaxSeconds, 'How late it was at most.'),
  ]
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
