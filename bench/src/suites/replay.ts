import { writeLogs } from '../harness/access-log.ts'
import type { Run, Suite, Target } from '../harness/suite.ts'
import type { CountedLinesParams } from '../subjects/counted-lines.ts'
import type { ReplayedLogParams } from '../subjects/replayed-log.ts'

const LINES = 1_000_000
const ADDRESSES = 50_000

const config = `policies:
  - { name: per-ip, key: ip, rules: [30/min] }
  - { name: per-path, match: { path: /api/** }, key: path, rules: [100/min] }`

const FLOOR: Target = { of: 'ours', sign: '≥', value: 200_000 }

/** How fast logs are played, a core; beside what it takes to count their lines. */
export const replay: Suite = {
  name: 'replay',
  // A run plays the whole log twice, and the second time counts.
  effort: { full: { warmMs: 0, measureMs: 0 }, quick: { warmMs: 0, measureMs: 0 } },
  open: async () => {
    const { log, zipped, remove } = writeLogs(LINES, ADDRESSES)
    return {
      params: { log, zipped },
      about: `${LINES} lines, ${ADDRESSES} addresses, 500 paths`,
      close: async () => remove(),
    }
  },
  cases: [
    {
      name: 'lines of a combined log against a policy by address and one by path',
      unit: 'requests/core-second',
      ours: replayed({ what: 'replay', config, isZipped: false }),
      theirs: [counted({ isZipped: false })],
      target: FLOOR,
    },
    {
      name: 'the same, compressed by gzip',
      unit: 'requests/core-second',
      ours: replayed({ what: 'replay', config, isZipped: true }),
      theirs: [counted({ isZipped: true })],
      target: FLOOR,
      brief: true,
    },
    {
      name: 'the same against one policy by address',
      unit: 'requests/core-second',
      ours: replayed({
        what: 'replay',
        config: 'policies: [{ name: per-ip, key: ip, rules: [30/min] }]',
        isZipped: false,
      }),
      theirs: [counted({ isZipped: false })],
      target: FLOOR,
      brief: true,
    },
    {
      name: 'reading lines of a combined log, and putting them in order',
      unit: 'requests/core-second',
      ours: replayed({ what: 'read', config, isZipped: false }),
      theirs: [counted({ isZipped: false })],
      target: null,
      brief: true,
    },
  ],
}

function replayed(params: ReplayedLogParams): Run {
  return { label: `headgate, ${params.what}`, subject: 'replayed-log', params: { ...params } }
}

function counted(params: CountedLinesParams): Run {
  return {
    label: params.isZipped ? 'gzip -dc | wc -l' : 'wc -l',
    subject: 'counted-lines',
    params: { ...params },
  }
}
