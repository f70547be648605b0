/** `headgate serve --workers`: a process whose threads are one service. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { parseConfig } from '../../src/config/config.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { WorkerProcess } from './worker-process.ts'

/** Enough connections that no thread goes without one. */
const MANY = 40

/** On a busy machine too the store decides, and nothing else. */
const configWith = (limit: number): string => `version: 1
store: { url: memory, deadline: 10s }
policies: [{ name: api, key: user, rules: [${limit}/day] }]
`
const hashOf = (text: string): string => parseConfig(text, 'headgate.yaml').hash
const times = <T>(count: number, run: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => run(i))

let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})
afterAll(() => redis.stop())

const start = (config: ConfigFolder, store = 'memory', ...args: readonly string[]): Promise<WorkerProcess> =>
  WorkerProcess.start(['--config', config.file, '--store', store, ...args])

describe('workers', () => {
  it.each(['memory', 'Redis'])(
    'enforce one limit of %s exactly, go by one configuration, and stop as one',
    async (store) => {
      using config = new ConfigFolder(configWith(1000))
      await using workers = await start(config, store === 'memory' ? 'memory' : redis.url)
      const { headgate } = workers
      const consume = () => workers.ask('/v1/consume', { attributes: { user: 'alice' } })
      const states = () =>
        Promise.all(times(MANY, async () => (await workers.ask('/readyz')).body.configuration))
      const stateOfAll = async () => (await fetch(`${headgate.adminUrl}/readyz`)).json()

      const answers = await Promise.all(times(MANY, consume))
      const left = answers.map(({ body }) => body.remaining as number).sort((a, b) => b - a)
      expect(left).toEqual(times(MANY, (i) => 999 - i))
      expect(workers.taken.size).toBe(2)

      const next = configWith(2000)
      config.rename(next)
      const inForce = { hash: hashOf(next), rejected: null }
      await expect.poll(stateOfAll).toMatchObject({ ready: true, configuration: inForce })
      expect(await states()).toEqual(times(MANY, () => inForce))
      expect((await consume()).body.remaining).toBe(2000 - MANY - 1)

      config.rename(next.replace('rules', 'rulez'))
      await expect.poll(stateOfAll).toMatchObject({ configuration: { rejected: { line: 3 } } })
      for (const { hash, rejected } of await states()) {
        expect([hash, rejected.line]).toEqual([hashOf(next), 3])
      }
      const { code, stderr } = await headgate.stop()
      expect([code, stderr]).toEqual([0, ''])
      expect(headgate.log.filter(({ msg }) => msg === 'another configuration is in force')).toHaveLength(1)
    },
  )

  it('that die take no other with them, and are replaced by such that know what is in force', async () => {
    using config = new ConfigFolder(configWith(1000))
    await using workers = await start(config)
    const { headgate } = workers
    const next = configWith(3000)
    config.rename(next)
    await expect.poll(async () => (await workers.ask('/readyz')).body.configuration.hash).toBe(hashOf(next))
    await workers.poison('throw')
    const ended = () => headgate.log.filter(({ msg }) => String(msg).startsWith('a worker ended'))
    await expect
      .poll(ended)
      .toMatchObject([{ worker: expect.any(Number), err: { message: 'poison' }, delayMs: 100 }])
    await expect
      .poll(() => headgate.log.at(-1)?.['msg'])
      .toBe('a worker serves in place of the one that ended')
    const answers = await Promise.all(times(MANY, () => workers.ask('/readyz')))
    expect(answers.map(({ body }) => body.configuration.hash)).toEqual(times(MANY, () => hashOf(next)))
    expect(workers.taken.size).toBe(3)
    expect((await headgate.stop()).code).toBe(0)
  })
})
