/** Processes on one Redis: a change at run time over the admin listener, a restart, and a Redis that hangs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { OPEN_FILE } from '../runtime/replica.ts'
import { HeadgateProcess } from './headgate-process.ts'

const SOON = { timeout: 60_000, interval: 50 }
const UPLOADS = { match: { path: '/uploads/**' }, key: 'user', rules: ['3/year'] }

let redis: RedisServer
let folder: string

beforeAll(async () => {
  redis = await RedisServer.start()
  folder = mkdtempSync(join(tmpdir(), 'headgate-runtime-'))
  writeFileSync(join(folder, 'headgate.yaml'), OPEN_FILE)
})
afterAll(async () => {
  await redis?.stop()
  rmSync(folder, { recursive: true })
})

const start = (): Promise<HeadgateProcess> =>
  HeadgateProcess.serve([
    '--config',
    join(folder, 'headgate.yaml'),
    '--store',
    redis.url,
    '--admin-port',
    '0',
  ])

interface State {
  readonly hash: string
  readonly runtime: {
    readonly version: string
    readonly shadow: boolean
    readonly policies: readonly string[]
  }
}

async function stateOf(headgate: HeadgateProcess): Promise<State> {
  return (await fetch(`${headgate.adminUrl}/v1/policies`)).json() as Promise<State>
}

async function change(
  headgate: HeadgateProcess,
  [method, path]: readonly [string, string],
  { expected, body }: { readonly expected: string; readonly body?: unknown },
): Promise<Response> {
  const headers = { 'if-match': expected, 'content-type': 'application/json' }
  return fetch(headgate.adminUrl + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

const PUT = ['PUT', '/v1/policies/uploads'] as const
const SHADOW = ['PUT', '/v1/shadow'] as const

const consume = async (headgate: HeadgateProcess): Promise<number> =>
  (await headgate.post('/v1/consume', { attributes: { user: 'a', path: '/uploads/x' } })).status

it('reaches all processes, outlives a restart, and stays while Redis hangs', async () => {
  await using one = await start()
  await using two = await start()
  await using three = await start()
  const all = [one, two, three]
  const reach = (policies: readonly string[], of = all) =>
    expect
      .poll(async () => (await Promise.all(of.map(stateOf))).map(({ runtime }) => runtime.policies), SOON)
      .toEqual(of.map(() => policies))

  expect((await change(one, PUT, { expected: '"0"', body: UPLOADS })).status).toBe(200)
  await reach(['uploads'])
  expect([await consume(one), await consume(two), await consume(three), await consume(one)]).toEqual([
    200, 200, 200, 429,
  ])
  expect(new Set((await Promise.all(all.map(stateOf))).map(({ hash }) => hash)).size).toBe(1)

  const { runtime } = await stateOf(one)
  const expected = `"${runtime.version}"`
  const answers = await Promise.all(
    all.map((each, i) =>
      change(each, ['PATCH', '/v1/policies/uploads'], { expected, body: { rules: [`${4 + i}/year`] } }),
    ),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
  const tags = new Set(answers.map(({ headers }) => headers.get('etag')))
  expect(tags.size).toBe(1)
  expect(tags).not.toContain(expected)

  await two.stop()
  await using again = await start()
  await reach(['uploads'], [again])
  expect((await stateOf(again)).runtime.version).toBe([...tags][0]?.replaceAll('"', ''))

  redis.freeze()
  expect((await change(one, SHADOW, { expected: '*', body: { on: true } })).status).toBe(503)
  await expect
    .poll(() => one.log.some(({ msg }) => String(msg).includes('does not tell what was changed')), SOON)
    .toBe(true)
  await using begun = await start()
  expect((await stateOf(begun)).runtime).toEqual({ version: '0', shadow: false, policies: [] })
  await reach(['uploads'], [one, three, again])
  expect(await consume(three)).toBe(200)
  redis.resume()
  await reach(['uploads'], [one, three, again, begun])
  await expect.poll(() => one.log.some(({ msg }) => String(msg).includes('tells again')), SOON).toBe(true)

  await expect
    .poll(async () => (await change(again, SHADOW, { expected: '*', body: { on: true } })).status, SOON)
    .toBe(200)
  await expect.poll(async () => (await one.get('/readyz')).body.configuration.shadow, SOON).toBe(true)
  for (let i = 0; i < 10; i++) expect(await consume(one)).toBe(200)
  expect(one.log.some(({ msg }) => String(msg).includes('all policies are in shadow'))).toBe(true)
})
