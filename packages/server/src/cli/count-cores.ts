import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Where a container may read how much CPU time it gets. */
const QUOTAS = {
  /** Control groups, version 2: `max 100000`, or microseconds of time and of the period. */
  v2: '/sys/fs/cgroup/cpu.max',
  v1Quota: '/sys/fs/cgroup/cpu/cpu.cfs_quota_us',
  v1Period: '/sys/fs/cgroup/cpu/cpu.cfs_period_us',
} as const

/** Reads a file; null where there is none. */
type Read = (path: string) => string | null

/** How many cores this process may use: those it may run on, and not more than its control group has time for. At least 1. */
export function countCores(available: number = availableParallelism(), read: Read = readOrNull): number {
  const quota = quotaOf(read) ?? available
  return Math.max(1, Math.min(available, Math.floor(quota)))
}

/** CPU time over the period; null where there is no quota. */
function quotaOf(read: Read): number | null {
  const [quota, period] = (read(QUOTAS.v2) ?? `${read(QUOTAS.v1Quota)} ${read(QUOTAS.v1Period)}`)
    .trim()
    .split(/\s+/)
  const share = Number(quota) / Number(period)
  return Number.isFinite(share) && share > 0 ? share : null
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
