import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteLimiter, type RemoteLimiter } from 'headgate/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

let folder: string
let file: string
let limiter: RemoteLimiter | undefined
let warnings: (Error & { code?: string })[]
const onWarning = (warning: Error): void => void warnings.push(warning)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-client-'))
  file = join(folder, 'headgate.yaml')
  const policies = [
    '{ name: api, key: user, rules: [5/h] }',
    '{ name: jobs, key: tenant, missing: skip, rules: [{ limit: 60/min, burst: 10 }] }',
  ]
  writeFileSync(
    file,
    `policies:\n${policies.map((policy) => `  - ${policy}\n`).join('')}deny: { user: [mallory] }\n`,
  )
  warnings = []
  process.on('warning', onWarning)
})

afterEach(async () => {
  process.off('warning', onWarning)
  await limiter?.close()
  rmSync(folder, { recursive: true })
})

function remote({ url }: HeadgateProcess, options: object = {}): RemoteLimiter {
  limiter = createRemoteLimiter({ url, deadlineMs: 60_000, ...options })
  return limiter
}

const alice = { user: 'alice' }

describe('a remote limiter on the real service', () => {
  it('decides as the service does, by consume, peek, refund and reset', async () => {
    await using headgate = await HeadgateProcess.serve(['--config', file])
    const client = remote(headgate)
    const spent = await client.consume(alice, { cost: 3, policy: 'api' })
    expect(spent).toMatchObject({
      allowed: true,
      policy: 'api',
      rule: '1h',
      limit: 5,
      remaining: 2,
      source: 'store',
    })
    const denied = await client.consume(alice, { cost: 3 })
    expect(denied).toMatchObject({ allowed: false, reason: 'limited', remaining: 2, receipt: null })
    // The slack of timers is in it once: the service adds it, and nobody after it.
    expect(denied.retryAfterMs).toBe((denied.rules[0]?.retryAfterMs ?? 0) + 1)
    expect(await client.peek(alice, { cost: 2 })).toMatchObject({ allowed: true })
    if (spent.receipt === null) throw new Error('a spend has a receipt')
    expect(await client.refund(spent.receipt)).toBe(3)
    expect(await client.refund(spent.receipt)).toBe(0)
    await client.consume(alice, { cost: 5 })
    expect(await client.reset(alice)).toEqual(['api'])
    expect(await client.peek(alice)).toMatchObject({ remaining: 4 })
    expect(await client.consume({ user: 'mallory' })).toMatchObject({
      allowed: false,
      reason: 'denied-by-policy',
    })
    expect((await client.policies.list()).map((policy) => 'name' in policy && policy.name)).toEqual([
      'api',
      'jobs',
    ])
    expect(client.health()).toMatchObject({
      url: `${headgate.url}/`,
      lastFailure: null,
      decisions: { onError: 0 },
    })
  })

  it('reserves, extends, settles and cancels', async () => {
    await using headgate = await HeadgateProcess.serve(['--config', file])
    const client = remote(headgate)
    const left = async (): Promise<unknown> => (await client.peek(alice, { cost: 0 })).remaining
    const reservation = await client.reserve(alice, { cost: 2, ttl: '1m' })
    expect(reservation).toMatchObject({ allowed: true, held: 2, remaining: 3 })
    expect(await reservation.extend(2)).toMatchObject({ allowed: true })
    expect(await reservation.extend(9)).toMatchObject({ allowed: false })
    expect([reservation.held, await left()]).toEqual([4, 1])
    await reservation.settle(1)
    await reservation.settle(3)
    expect([reservation.held, await left()]).toEqual([0, 4])
    const other = await client.reserve(alice, { cost: 3 })
    await other.cancel()
    expect(await left()).toBe(4)
    {
      await using scoped = await client.reserve(alice, { cost: 4 })
      expect(scoped.handle()).toEqual(expect.any(String))
    }
    expect(await left()).toBe(0)
    const denied = await client.reserve(alice)
    expect(denied).toMatchObject({ allowed: false, held: 0 })
    await client.reset(alice)
    const handle = (await client.reserve(alice, { cost: 4 })).handle()
    if (handle === null) throw new Error('what was spent has a handle')
    expect(await client.resume(handle).settle(1)).toEqual({ settled: true, actual: 1 })
    expect(await client.resume(handle).cancel()).toEqual({ settled: false, actual: 1 })
    expect(await left()).toBe(4)
    await expect(client.resume('made-up').cancel()).rejects.toMatchObject({ code: 'invalid-receipt' })
    expect(denied.handle()).toBeNull()
  })

  it('charges into debt, credits, waits for its turn, decides several, explains', async () => {
    await using headgate = await HeadgateProcess.serve(['--config', file])
    const client = remote(headgate)
    expect(await client.charge(alice, 7)).toMatchObject({ allowed: true, remaining: 0 })
    expect(await client.credit(alice, 3)).toMatchObject({ credited: 3, remaining: 1 })
    const tenant = { tenant: 'acme' }
    const ask = { policy: 'jobs' }
    await client.consume(tenant, { cost: 10, ...ask })
    expect(await client.wait(tenant, { timeout: '30s', ...ask })).toMatchObject({ allowed: true })
    expect(await client.wait(tenant, { cost: 10, timeout: '1s', ...ask })).toMatchObject({
      allowed: false,
      reason: 'limited',
    })
    const bob = { user: 'bob' }
    const both = [
      { who: bob, cost: 4 },
      { who: alice, cost: 4 },
    ]
    expect(await client.decide(both)).toMatchObject({
      allowed: false,
      decisions: [{ allowed: true }, { allowed: false }],
    })
    expect(await client.decide(both.slice(0, 1))).toMatchObject({
      allowed: true,
      decisions: [{ remaining: 1 }],
    })
    expect(await client.explain(bob)).toMatchObject({
      decision: { remaining: 0 },
      policies: [{ policy: 'api' }, { policy: 'jobs' }],
    })
    expect(await client.consume('k', { rule: { limit: '3/h', burst: 2 } })).toMatchObject({
      allowed: true,
      limit: 2,
    })
  })

  it('rejects with the errors of the service', async () => {
    await using headgate = await HeadgateProcess.serve(['--config', file])
    const client = remote(headgate)
    await expect(client.consume(alice, { policy: 'nope' })).rejects.toMatchObject({ code: 'unknown-policy' })
    await expect(client.consume({ user: [] } as never)).rejects.toMatchObject({
      code: 'invalid-key',
      path: 'attributes.user',
    })
    await expect(client.refund('made-up')).rejects.toMatchObject({ code: 'invalid-receipt' })
    await expect(client.reset({ nobody: 'x' })).rejects.toMatchObject({ code: 'invalid-key' })
  })

  it('spends each call once, however many are in flight', async () => {
    await using headgate = await HeadgateProcess.serve(['--config', file])
    const client = remote(headgate)
    const decisions = await Promise.all(Array.from({ length: 300 }, () => client.consume(alice)))
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(5)
  })

  it('lets pass while the service is gone, says so once, and asks it again when it is back', async () => {
    await using first = await HeadgateProcess.serve(['--config', file])
    const { port } = new URL(first.url)
    const client = remote(first)
    await client.consume(alice, { cost: 5 })
    await first.stop('SIGKILL')
    for (let i = 0; i < 3; i++)
      expect(await client.consume(alice)).toMatchObject({ allowed: true, source: 'open' })
    await expect(client.reset(alice)).rejects.toMatchObject({ code: 'store-unavailable' })
    const [warning, ...others] = warnings.filter(({ code }) => code === 'HEADGATE_SERVICE_UNAVAILABLE')
    expect(warning?.message).toMatch(
      /^The service at http:\/\/127\.0\.0\.1:\d+\/ cannot be reached \(\w+\); onError is open meanwhile$/,
    )
    expect(others).toEqual([])
    await using _again = await HeadgateProcess.serve(['--config', file, '--port', port])
    expect(await client.consume(alice, { cost: 5 })).toMatchObject({
      allowed: true,
      source: 'store',
      remaining: 0,
    })
  })

  it('keeps who waits waiting while one instance stops and the next begins', async () => {
    await using first = await HeadgateProcess.serve(['--config', file])
    const { port } = new URL(first.url)
    const client = remote(first)
    const tenant = { tenant: 'acme' }
    await client.consume(tenant, { cost: 10, policy: 'jobs' })
    const waiting = client.wait(tenant, { cost: 10, policy: 'jobs', timeout: '10m' })
    // One unit is there within a second, unless ten are waited for before it.
    const isFirst = async (): Promise<boolean> =>
      (await client.wait(tenant, { policy: 'jobs', timeout: '2s' })).allowed
    await expect.poll(isFirst).toBe(false)
    await first.stop()
    await using _next = await HeadgateProcess.serve(['--config', file, '--port', port])
    // Of the new instance, whose memory knows of no spend.
    expect(await waiting).toMatchObject({ allowed: true, source: 'store' })
  })

  it('goes by onError within its deadline where the service hangs', async () => {
    await using headgate = await HeadgateProcess.serve(['--config', file])
    const client = remote(headgate, { onError: 'closed' })
    await client.consume(alice)
    headgate.child.kill('SIGSTOP')
    expect(await client.consume(alice, { deadlineMs: 30 })).toMatchObject({
      allowed: false,
      source: 'closed',
    })
    headgate.child.kill('SIGCONT')
    expect(await client.peek(alice)).toMatchObject({ source: 'store' })
  })

  it('loses no decision while the service stops', async () => {
    await using headgate = await HeadgateProcess.serve(['--config', file, '--shutdown-delay', '3s'])
    const client = remote(headgate)
    const ended = headgate.stop()
    await expect.poll(() => headgate.log.at(-1)?.['msg']).toBe('stopping')
    expect(await client.consume(alice)).toMatchObject({ source: 'store' })
    expect((await ended).code).toBe(0)
  })
})
