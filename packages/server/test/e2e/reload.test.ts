import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { ConfigFolder } from './config-folder.ts'
import { HeadgateProcess } from './headgate-process.ts'

const hashOf = (text: string): string => parseConfig(text, 'headgate.yaml').hash

const STEADY = 1_000_000
const ROUNDS = 5

/** A request on /api asks two policies, which have the same limit; that of /steady never changes. */
function configWith(limit: number): string {
  return `version: 1
policies:
  - { name: one, match: { path: /api }, key: user, rules: [${limit}/day] }
  - { name: two, match: { path: /api }, key: user, rules: [${limit}/day] }
  - { name: steady, match: { path: /steady }, key: user, rules: [${STEADY}/day] }
`
}

interface Traffic {
  /** Limits of the two policies of /api, as one text a decision. */
  readonly limits: Set<string>
  readonly statuses: Set<unknown>
  steady: number
  stop: () => Promise<void>
}

/** Asks without a pause until it is stopped. */
function startTraffic(headgate: HeadgateProcess): Traffic {
  let running = true
  const ask = async (path: string): Promise<unknown> => {
    const { status, body } = await headgate.post('/v1/consume', { attributes: { user: 'alice', path } })
    traffic.statuses.add(status)
    return body
  }
  const loop = async (): Promise<void> => {
    while (running) {
      try {
        const { rules } = (await ask('/api')) as { rules: { limit: number }[] }
        traffic.limits.add(rules.map(({ limit }) => limit).join())
        await ask('/steady')
        traffic.steady++
      } catch (reason) {
        traffic.statuses.add(String(reason))
      }
    }
  }
  const traffic: Traffic = { limits: new Set(), statuses: new Set(), steady: 0, stop: async () => {} }
  const loops = [loop(), loop()]
  traffic.stop = async () => {
    running = false
    await Promise.all(loops)
  }
  return traffic
}

interface State {
  readonly hash: string
  readonly rejected: { readonly line: number | null } | null
}

async function stateOf(headgate: HeadgateProcess): Promise<State> {
  const { status, body } = await headgate.get('/readyz')
  expect([status, body.ready]).toEqual([200, true])
  return body.configuration
}

describe('headgate serve whose file changes', () => {
  it('answers every request under a whole configuration, and keeps budgets that stay as they are', async () => {
    using config = new ConfigFolder(configWith(100_000))
    await using headgate = await HeadgateProcess.serve(['--config', config.file])
    const inForce = async (text: string): Promise<void> => {
      await expect.poll(() => stateOf(headgate)).toEqual({ hash: hashOf(text), rejected: null })
    }
    const rejected = async (old: string): Promise<void> => {
      await expect
        .poll(() => stateOf(headgate))
        .toMatchObject({ hash: hashOf(old), rejected: { line: expect.any(Number) } })
      const { body } = await headgate.get('/v1/policies')
      expect(body).toMatchObject({ hash: hashOf(old), rejected: { message: expect.any(String) } })
    }
    const traffic = startTraffic(headgate)
    const limits = Array.from({ length: ROUNDS * 3 }, (_, i) => 100_001 + i)
    for (let round = 0; round < ROUNDS; round++) {
      const [renamed = '', written = '', linked = ''] = limits
        .slice(round * 3, round * 3 + 3)
        .map((limit) => configWith(limit))
      config.rename(renamed)
      await inForce(renamed)
      const middle = written.indexOf('user, rules')
      await config.write([written.slice(0, middle), written.slice(middle)], () => rejected(renamed))
      await inForce(written)
      config.link(linked)
      await inForce(linked)
      config.rename(configWith(7).replace('rules', 'rulez'))
      await rejected(linked)
    }
    await traffic.stop()
    expect([...traffic.statuses]).toEqual([200])
    const valid = [100_000, ...limits].map((limit) => `${limit},${limit}`)
    expect([...traffic.limits].filter((pair) => !valid.includes(pair))).toEqual([])
    expect(traffic.steady).toBeGreaterThan(ROUNDS * 4)
    const peeked = await headgate.post('/v1/peek', {
      attributes: { user: 'alice', path: '/steady' },
      cost: 0,
    })
    expect(peeked.body).toMatchObject({ limit: STEADY, remaining: STEADY - traffic.steady })
    expect((await headgate.stop()).code).toBe(0)
    expect(headgate.stderr).toBe('')
  })

  it('reads it at SIGHUP, says how that went, and goes on without the file', async () => {
    const text = configWith(5)
    using config = new ConfigFolder(text)
    await using headgate = await HeadgateProcess.serve(['--config', config.file])
    const answers = (): unknown[] => headgate.log.filter(({ signal }) => signal === 'SIGHUP')
    headgate.child.kill('SIGHUP')
    await expect.poll(answers).toMatchObject([{ hash: hashOf(text), rejected: null }])
    config.rename('')
    headgate.child.kill('SIGHUP')
    await expect.poll(answers).toHaveLength(2)
    expect(answers()[1]).toMatchObject({ hash: hashOf(text), rejected: { path: '', line: 1 } })
    const { status, body } = await headgate.post('/v1/consume', {
      attributes: { user: 'alice', path: '/api' },
    })
    expect([status, body.limit]).toEqual([200, 5])
    expect((await headgate.stop()).code).toBe(0)
  })
})

describe('headgate serve whose tokens are taken away', () => {
  it('keeps them while its admin listener is beyond loopback', async () => {
    const tokens = `tokens: [{ name: ops, hash: "sha256:${'0'.repeat(64)}", scopes: [admin] }]\n`
    using config = new ConfigFolder(tokens + configWith(1))
    const args = ['--config', config.file, '--admin-host', '0.0.0.0', '--admin-port', '0']
    await using headgate = await HeadgateProcess.serve(args)
    config.rename(configWith(2))
    await expect
      .poll(async () => (await headgate.get('/readyz')).body.configuration.rejected, { timeout: 20_000 })
      .toMatchObject({ message: expect.stringContaining('without tokens everybody who reaches 0.0.0.0') })
    expect((await headgate.get('/v1/policies')).status).toBe(401)
  })
})
