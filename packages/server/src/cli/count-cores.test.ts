import { describe, expect, it } from 'vitest'
import { countCores } from './count-cores.ts'

const V1 = '/sys/fs/cgroup/cpu/cpu.cfs_'

describe('cores that this process may use', () => {
  it.each([
    ['no control group', {}, 8],
    ['no quota', { '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, 8],
    ['a quota', { '/sys/fs/cgroup/cpu.max': '300000 100000\n' }, 3],
    ['a quota of a part of a core more', { '/sys/fs/cgroup/cpu.max': '250000 100000\n' }, 2],
    ['a quota of less than one core', { '/sys/fs/cgroup/cpu.max': '50000 100000\n' }, 1],
    ['a quota above the cores there are', { '/sys/fs/cgroup/cpu.max': '1600000 100000\n' }, 8],
    ['a quota of version 1', { [`${V1}quota_us`]: '400000\n', [`${V1}period_us`]: '100000\n' }, 4],
    ['no quota of version 1', { [`${V1}quota_us`]: '-1\n', [`${V1}period_us`]: '100000\n' }, 8],
  ])('with %s', (_, files: Readonly<Record<string, string>>, cores) => {
    expect(countCores(8, (path) => files[path] ?? null)).toBe(cores)
  })

  it('of this machine are one or more', () => {
    expect(countCores()).toBeGreaterThanOrEqual(1)
  })
})
