/** A file that changes 100 times under traffic: no request fails, none is decided by a part, no budget is lost. */
import { strictEqual } from 'node:assert/strict'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { ConfigFolder } from './config-folder.ts'
import { HeadgateProcess } from './headgate-process.ts'
import { type Question, type Reply, Traffic } from './traffic.ts'

const hashOf = (text: string): string => parseConfig(text, 'headgate.yaml').hash

const ROUNDS = 10
const SWAPS = 100
const REQUESTS = 20_000
const CALLERS = 6
/** Limit of the first version; each further version has one more. */
const LIMIT = 1_000_000
/** Far above what it takes, on a busy machine too. */
const SOON = { timeout: 60_000, interval: 5 }

/** Each version can be told by its limits, by the name of a policy in the middle, and by how many policies it has. */
function textOf(version: number): string {
  const limit = LIMIT + version
  return `version: 1
policies:
  - { name: first, match: { path: /api }, key: user, rules: [${limit}/day] }
  - { name: v${version}, match: { path: /api }, key: user, rules: [${limit}/day] }
${version % 2 === 0 ? '' : `  - { name: odd, match: { path: /api }, key: user, rules: [${limit}/day] }\n`}\
  - { name: last, match: { path: /api }, key: user, rules: [${limit}/day] }
  - { name: steady, match: { path: /steady }, key: user, rules: [${LIMIT}/day] }
`
}

const hashes: string[] = []

/** The version that decided, of which every rule and the hash have to be. */
function versionOf({ status, headers, body }: Reply): number {
  strictEqual(status, 200, JSON.stringify(body))
  const version = body.rules[0].limit - LIMIT
  const names = ['first', `v${version}`, ...(version % 2 === 0 ? [] : ['odd']), 'last']
  const wanted = names.map((name) => `${name} ${LIMIT + version}`)
  const judged = body.rules.map((rule: { policy: string; limit: number }) => `${rule.policy} ${rule.limit}`)
  strictEqual(judged.join(), wanted.join())
  hashes[version] ??= hashOf(textOf(version))
  strictEqual(headers['headgate-config'], hashes[version])
  return version
}

/** What a service is asked while its file changes, and what must be true of every answer. */
class Watch {
  readonly headgate: HeadgateProcess
  readonly traffic: Traffic
  /** The latest version that is known to be in force, and the latest one that was written. */
  known = 0
  written = 0
  #spent = 0
  #steady = 0
  #turn = 0

  constructor(headgate: HeadgateProcess) {
    this.headgate = headgate
    this.traffic = new Traffic(headgate.url, { callers: CALLERS, next: () => this.#question() })
  }

  #question(): Question {
    const known = this.known
    const isSteady = this.#turn++ % 4 === 0
    const body = { attributes: { user: 'alice', path: isSteady ? '/steady' : '/api' } }
    const check = (reply: Reply): void => {
      if (isSteady) {
        strictEqual(reply.body.limit, LIMIT)
        this.#steady++
        return
      }
      const version = versionOf(reply)
      strictEqual(version >= known && version <= this.written, true, `${version} after ${known}`)
      this.#spent++
    }
    return { path: '/v1/consume', body, check }
  }

  /** The next version, as the file is to have it. */
  next(): string {
    return textOf(++this.written)
  }

  async inForce(): Promise<void> {
    const hash = hashOf(textOf(this.written))
    await expect.poll(() => this.#state(), SOON).toEqual({ hash, rejected: null })
    this.known = this.written
  }

  /** A reason is to be seen, and the version before it still holds. */
  async rejected(reason: unknown): Promise<void> {
    const hash = hashOf(textOf(this.known))
    const wanted = { hash, rejected: { message: reason } }
    await expect.poll(() => this.#state(), SOON).toMatchObject(wanted)
    expect((await this.headgate.get('/v1/policies')).body).toMatchObject(wanted)
  }

  /** Ends the traffic: nothing went wrong, and whatever was spent is still spent. */
  async end(): Promise<void> {
    await expect.poll(() => this.traffic.answered, SOON).toBeGreaterThanOrEqual(REQUESTS)
    await this.traffic.stop()
    expect(this.traffic.faults).toEqual([])
    const left = async (path: string): Promise<unknown> => {
      const { body } = await this.headgate.post('/v1/peek', { attributes: { user: 'alice', path }, cost: 0 })
      return body.rules.map((rule: { policy: string; remaining: number }) => [rule.policy, rule.remaining])
    }
    expect(await left('/steady')).toEqual([['steady', LIMIT - this.#steady]])
    const remaining = LIMIT + this.known - this.#spent
    const kept = (await left('/api')) as unknown[][]
    expect(kept.filter(([name]) => name === 'first' || name === 'last')).toEqual([
      ['first', remaining],
      ['last', remaining],
    ])
    expect((await this.headgate.stop()).code).toBe(0)
    expect(this.headgate.stderr).toBe('')
  }

  /** Also asked a thousand times, readiness says yes. */
  async #state(): Promise<unknown> {
    const { status, body } = await this.headgate.get('/readyz')
    expect([status, body.ready]).toEqual([200, true])
    return body.configuration
  }
}

/** Texts that are no configuration, and what is said of them. */
const WRONG: readonly (readonly [text: string, message: string])[] = [
  ['', 'empty'],
  ['policies: [', 'YAML'],
  ['policies: [{ name: first, rules: [1/day], rulez: [1/day] }]', 'rulez'],
  ['version: 1\n', 'missing'],
  [`${textOf(0).replace('/day', '/dya')}`, 'dya'],
  [`x: "${'x'.repeat(1_048_576)}"`, '1 MiB'],
]

describe('headgate serve whose file changes 100 times during 20,000 requests', () => {
  it('follows every change, and answers each request by a whole configuration', {
    timeout: 180_000,
  }, async () => {
    using config = new ConfigFolder(textOf(0))
    await using headgate = await HeadgateProcess.serve(['--config', config.file])
    const watch = new Watch(headgate)
    const change = async (by: (text: string) => unknown): Promise<void> => {
      await by(watch.next())
      await watch.inForce()
    }
    const inParts = (text: string): Promise<void> => {
      // Not between two policies: a part that is valid is a configuration.
      const middle = text.indexOf('key: user')
      return config.write([text.slice(0, middle), text.slice(middle)], () =>
        watch.rejected(expect.any(String)),
      )
    }
    const steps: ((round: number) => Promise<void>)[] = [
      () => change((text) => config.rename(text)),
      () => change((text) => config.truncate(text)),
      async (round) => {
        const [text = '', message = ''] = WRONG[round % WRONG.length] ?? []
        config.rename(text)
        await watch.rejected(expect.stringContaining(message))
      },
      () => change(inParts),
      () => change((text) => config.backUp(text)),
      () => change((text) => config.link(text)),
      () => change((text) => config.overwrite(text)),
      () => change((text) => config.link(text)),
      async (round) => {
        await config.without(round, () =>
          watch.rejected(expect.stringMatching(/does not exist|has no configuration/)),
        )
      },
      () => change((text) => config.rename(text)),
    ]
    expect(ROUNDS * steps.length).toBe(SWAPS)
    for (let round = 0; round < ROUNDS; round++) {
      for (const step of steps) await step(round)
    }
    await watch.end()
  })

  it('has the file in force that it reads at SIGHUP before it says so', { timeout: 180_000 }, async () => {
    using config = new ConfigFolder(textOf(0))
    await using headgate = await HeadgateProcess.serve(['--config', config.file])
    const watch = new Watch(headgate)
    const read = (): Record<string, unknown>[] => headgate.log.filter(({ signal }) => signal === 'SIGHUP')
    for (let swap = 0; swap < SWAPS; swap++) {
      const isWrong = swap % 5 === 4
      const text = isWrong ? (WRONG[swap % WRONG.length]?.[0] ?? '') : watch.next()
      config.rename(text)
      headgate.child.kill('SIGHUP')
      await expect.poll(() => read().length, SOON).toBe(swap + 1)
      if (!isWrong) watch.known = watch.written
      expect(read()[swap]).toMatchObject({
        hash: hashOf(textOf(watch.known)),
        rejected: isWrong ? { message: expect.any(String) } : null,
      })
    }
    await watch.end()
  })
})
