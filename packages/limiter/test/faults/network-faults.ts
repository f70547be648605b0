/** Faults between a process and its store. */
import { setTimeout as sleep } from 'node:timers/promises'
import { defineFault, type Fault } from './fault.ts'
import { proxiedServer } from './sites.ts'

export const networkFaults: readonly Fault[] = [
  defineFault({
    name: 'connection refused',
    expected: 'Decides without it at once, and connects again by itself.',
    says: /ECONNREFUSED/,
    site: proxiedServer,
    strike({ proxy }) {
      proxy.refuse()
      proxy.reset()
    },
    heal: ({ proxy }) => proxy.heal(),
  }),
  defineFault({
    name: 'lost reply',
    expected:
      'Asks nothing twice: what was under way is charged once at most, and decided without the store.',
    answers: 'some',
    lastsMs: 300,
    site: proxiedServer,
    strike: ({ proxy }) => proxy.dropReply(),
  }),
  defineFault({
    name: 'black hole',
    expected: 'Waits for the deadline until the breaker opens, which is after the first decisions.',
    says: /no answer within/,
    site: proxiedServer,
    strike: ({ proxy }) => proxy.blackHole(),
    heal: ({ proxy }) => proxy.heal(),
  }),
  defineFault({
    name: '200 ms slow',
    expected: 'Does not wait: what takes longer than the deadline is decided without the store.',
    says: /no answer within/,
    site: proxiedServer,
    strike: ({ proxy }) => proxy.delay(100),
    heal: ({ proxy }) => proxy.heal(),
  }),
  defineFault({
    name: 'garbage replies',
    expected: 'Drops the connection; no answer is taken for that to another question.',
    site: proxiedServer,
    async strike({ proxy }) {
      proxy.corrupt()
      await sleep(300)
      proxy.garbage()
    },
    heal: ({ proxy }) => proxy.heal(),
  }),
]
