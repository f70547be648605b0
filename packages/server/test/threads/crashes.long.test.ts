/** 20 workers that crash and 100 configurations under traffic over all wires: nobody loses a request but those whose thread crashed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { parseConfig } from '../../src/config/config.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { CONNECTS, type Connect, WrongAnswer } from './wire-connections.ts'
import { type Death, WorkerProcess } from './worker-process.ts'

const REQUESTS = 20_000
const RELOADS = 100
const CRASHES = 20
const CALLERS_A_WIRE = 3
const LIMIT = 1_000_000
const SOON = { timeout: 120_000, interval: 5 }
const TEST_MS = 600_000

const hashOf = (text: string): string => parseConfig(text, 'headgate.yaml').hash

/** A policy that every version changes, and one that none does. */
const textOf = (version: number): string => `version: 1
store: { url: memory, deadline: 10s }
policies:
  - { name: changed, match: { path: /changed }, key: user, rules: [${LIMIT + version}/day] }
  - { name: steady, match: { path: /steady }, key: user, rules: [${LIMIT}/day] }
`

interface Lost {
  readonly wire: string
  /** The ports at both ends, as `8080:50000`. */
  readonly ports: string
  readonly reason: string
}

/** Callers that ask without a pause, each on a connection until that is lost. */
class Callers {
  /** The latest version that is in force everywhere. */
  known = 0
  answered = 0
  steady = 0
  readonly lost: Lost[] = []
  /** Answers that are wrong, and connections that could not be made. */
  readonly faults: string[] = []
  readonly #running: Promise<unknown>
  #isStopped = false

  constructor(ports: Readonly<Record<keyof typeof CONNECTS, number>>) {
    const wires = Object.entries(CONNECTS).flatMap(([name, connect]) =>
      Array.from({ length: CALLERS_A_WIRE }, () =>
        this.#call(name, connect, ports[name as keyof typeof ports]),
      ),
    )
    this.#running = Promise.all(wires)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }

  async #call(wire: string, connect: Connect, port: number): Promise<void> {
    while (!this.#isStopped && this.faults.length < 10) {
      const connection = await connect(port).catch((reason: unknown) => {
        this.faults.push(`${wire} ${reason}`)
      })
      if (connection === undefined) continue
      try {
        for (let seen = 0; !this.#isStopped; ) seen = await this.#ask(connection.consume, seen)
      } catch (reason) {
        if (reason instanceof WrongAnswer) this.faults.push(`${wire} ${reason}`)
        else this.lost.push({ wire, ports: `${port}:${connection.localPort}`, reason: String(reason) })
      } finally {
        connection.close()
      }
    }
  }

  /** Answers the version that decided, which is none from before the last one that this connection saw. */
  async #ask(
    consume: (attributes: Record<string, string>) => Promise<{ readonly limit: number }>,
    seen: number,
  ): Promise<number> {
    const least = Math.max(seen, this.known)
    const { limit } = await consume({ user: 'alice', path: '/changed' })
    this.answered++
    const version = limit - LIMIT
    if (version < least) throw new WrongAnswer(`version ${version} after ${least}`)
    const steady = await consume({ user: 'alice', path: '/steady' })
    this.answered++
    this.steady++
    if (steady.limit !== LIMIT) throw new WrongAnswer(`limit ${steady.limit}`)
    return version
  }
}

let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})
afterAll(() => redis.stop())

describe('workers that crash while configurations change', () => {
  it.each(['memory', 'Redis'])(
    'lose no request but their own, and no budget, on %s',
    async (store) => {
      using config = new ConfigFolder(textOf(0))
      const url = store === 'memory' ? 'memory' : redis.url
      await using workers = await WorkerProcess.start(
        // Of the two engines the one whose HTTP/2 reads in native code, which a thread that crashes leaves behind.
        [
          '--config',
          config.file,
          '--store',
          url,
          '--grpc-port',
          '0',
          '--grpc-engine',
          'grpc-js',
          '--resp-port',
          '0',
        ],
        {},
        ['--max-old-space-size=128'],
      )
      const { headgate } = workers
      const portOf = (wire: string): number =>
        Number(new URL(String(headgate.log.find(({ transport }) => transport === wire)?.['url'])).port)
      const state = async (): Promise<unknown> =>
        ((await (await fetch(`${headgate.adminUrl}/readyz`)).json()) as { configuration: unknown })
          .configuration
      const replaced = (): number =>
        headgate.log.filter(({ msg }) => msg === 'a worker serves in place of the one that ended').length

      const callers = new Callers({ http: portOf('http'), grpc: portOf('grpc'), resp: portOf('resp') })
      let crashes = 0
      for (let version = 1; version <= RELOADS; version++) {
        const text = textOf(version)
        config.rename(text)
        if (version % (RELOADS / CRASHES) === 0) {
          // Never is nobody there to serve.
          await expect.poll(replaced, SOON).toBe(crashes)
          await workers.poison(deathOf(crashes++))
        }
        await expect.poll(state, SOON).toEqual({ hash: hashOf(text), rejected: null })
        callers.known = version
      }
      await expect.poll(replaced, SOON).toBe(CRASHES)
      await expect.poll(() => callers.answered, SOON).toBeGreaterThan(REQUESTS)
      await callers.stop()

      expect(callers.faults).toEqual([])
      expect(workers.died).toHaveLength(CRASHES)
      expect(lostBySurvivors(workers, callers.lost)).toEqual([])
      const { body } = await headgate.post('/v1/peek', {
        attributes: { user: 'alice', path: '/steady' },
        cost: 0,
      })
      const spent = LIMIT - body.remaining
      expect(spent).toBeGreaterThanOrEqual(callers.steady)
      // What was spent for those who got no answer is spent.
      expect(spent).toBeLessThanOrEqual(callers.steady + callers.lost.length)
      console.log({ store, answered: callers.answered, lost: callers.lost.length, crashes })
      expect((await headgate.stop()).code).toBe(0)
    },
    TEST_MS,
  )
})

/** A connection is its thread's that took it, and of one that never did it waited at a thread that died. */
function lostBySurvivors({ taken, died }: WorkerProcess, lost: readonly Lost[]): Lost[] {
  return lost.filter(({ ports }) => {
    const takers = [...taken].flatMap(([thread, connections]) =>
      connections.includes(ports) ? [thread] : [],
    )
    // The ports of a connection that ended may be those of another one.
    return takers.length > 0 && !takers.some((thread) => died.includes(thread))
  })
}

const DEATHS: readonly Death[] = ['throw', 'exit']

/** Two of them run out of memory. */
function deathOf(crash: number): Death {
  return crash === 7 || crash === 14 ? 'memory' : (DEATHS[crash % DEATHS.length] as Death)
}
