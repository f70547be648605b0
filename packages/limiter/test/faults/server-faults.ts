/** Faults of one server. */

import { makeTemporaryDirectory, removeTemporaryDirectory } from '../harness/reaper.ts'
import { defineFault, type Fault } from './fault.ts'
import { type OneServer, oneServer, serverWithUser } from './sites.ts'

const HOUR_MS = 3_600_000
const PAUSE_MS = 1200

export const serverFaults: readonly Fault[] = [
  defineFault({
    name: 'freeze',
    expected: 'Waits for the deadline until the breaker opens; what was sent may be charged when it thaws.',
    says: /no answer within/,
    site: oneServer,
    strike: ({ server }) => server.freeze(),
    heal: ({ server }) => server.resume(),
  }),
  defineFault({
    name: 'kill',
    expected: 'Decides without it at once; with an append-only file nothing is forgotten.',
    says: /ECONNREFUSED/,
    site: serverWithFile,
    strike: ({ server }) => server.crash(),
    heal: ({ server }) => server.restart(),
  }),
  defineFault({
    name: 'empty restart',
    expected: 'Sends its scripts again; every key begins with a full budget.',
    forgets: 'all',
    lastsMs: 300,
    site: oneServer,
    strike: ({ server }) => server.crash(),
    heal: ({ server }) => server.restart(),
  }),
  defineFault({
    name: 'LOADING',
    expected: 'Decides without it until all keys are read.',
    says: /LOADING/,
    forgets: 'uncopied',
    site: oneServer,
    strike: ({ server }) => server.restartLoading({ loadingMs: 500 }),
    heal: ({ server }) => server.loaded(),
  }),
  defineFault({
    name: 'BUSY script',
    expected: 'Decides without it until the script has ended.',
    says: /BUSY/,
    site: oneServer,
    strike: ({ server }) => server.busyScript(),
    heal: ({ server }) => server.killScript(),
  }),
  defineFault({
    name: 'CLIENT PAUSE',
    expected: 'As a freeze.',
    says: /no answer within/,
    lastsMs: PAUSE_MS - 200,
    site: oneServer,
    strike: ({ server }) => server.pauseClients(PAUSE_MS),
    heal: ({ server }) => server.command('PING'),
  }),
  defineFault({
    name: 'OOM',
    expected: 'Decides without it; nobody gains budget by what could not be written.',
    says: /OOM/,
    site: oneServer,
    strike: ({ server }) => server.fillMemory(),
    heal: ({ server }) => server.freeMemory(),
  }),
  defineFault({
    name: 'READONLY after failover',
    expected: 'Connects again to find the primary, and decides without it meanwhile.',
    says: /READONLY/,
    site: oneServer,
    strike: ({ server }) => server.demote(),
    heal: ({ server }) => server.promote(),
  }),
  defineFault({
    name: 'SCRIPT FLUSH',
    expected: 'Sends its scripts again, which takes one more round trip; nothing fails.',
    answers: 'all',
    lastsMs: 300,
    site: oneServer,
    strike: ({ server }) => server.flushScripts(),
  }),
  defineFault({
    name: 'CLIENT KILL',
    expected: 'Connects again by itself; what was under way is charged once at most.',
    answers: 'some',
    lastsMs: 300,
    site: oneServer,
    strike: ({ server }) => server.killClients(),
  }),
  defineFault({
    name: 'password rotation',
    expected: 'Asks the `password` function again when the old one is refused.',
    says: /WRONGPASS/,
    site: serverWithUser,
    async strike({ server }) {
      await server.rotatePassword('second')
      await server.killClients()
    },
    heal: ({ learnPassword }) => learnPassword('second'),
  }),
  ...[1, -1].map((hours) =>
    defineFault({
      name: `store clock ${hours > 0 ? '+' : '−'}1 h`,
      expected: 'Goes on: a jump of the clock mints nothing.',
      answers: 'all',
      site: () => oneServer({ skewableClock: true }),
      strike: ({ server }) => server.skewClock(hours * HOUR_MS),
      heal: ({ server }) => server.skewClock(0),
    }),
  ),
]

/** Needs a disk that can be full. */
export const fullDisk: Fault = defineFault({
  name: 'MISCONF (disk full)',
  expected: 'Decides without it, although it answers PING: readiness writes.',
  says: /MISCONF/,
  site: () => oneServer({ smallDisk: true }),
  strike: ({ server }) => server.fillDisk(),
  heal: ({ server }) => server.freeDisk(),
})

/** What it said it has done survives a kill. */
async function serverWithFile(): Promise<OneServer> {
  const appendOnlyIn = makeTemporaryDirectory('append-only')
  const site = await oneServer({ appendOnlyIn, args: ['--appendfsync', 'no'] })
  return {
    ...site,
    async [Symbol.asyncDispose]() {
      await site.server.stop()
      removeTemporaryDirectory(appendOnlyIn)
    },
  }
}
