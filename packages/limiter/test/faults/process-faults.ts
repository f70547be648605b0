/** Faults of the process that decides. */
import { defineFault, type Fault } from './fault.ts'
import { leaseKill } from './lease-kill.ts'
import { oneServer } from './sites.ts'

const STALL_MS = 500

export const processFaults: readonly Fault[] = [
  defineFault({
    name: 'event-loop stall of 500 ms',
    expected: 'Answers late by the stall; replies that came meanwhile count.',
    answers: 'all',
    lastsMs: 300,
    site: oneServer,
    strike() {
      const end = performance.now() + STALL_MS
      while (performance.now() < end);
    },
  }),
  leaseKill,
  defineFault({
    name: 'started while Redis is down',
    expected: 'Decides without it from the first call, is not ready, and becomes ready by itself.',
    says: /ECONNREFUSED/,
    fromStart: true,
    site: oneServer,
    strike: ({ server }) => server.crash(),
    heal: ({ server }) => server.restart(),
  }),
]
