/** Requests through the edge proxy are recorded once, whatever the gates. */
import { hash } from 'node:crypto'
import { expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { Player } from '../../src/replay/player.ts'
import { RecordedLogs } from '../../src/replay/recorded/recorded-logs.ts'
import { playedOf } from '../../src/replay/recorded/recorded-parser.ts'
import { newApiKey } from '../../src/service/identity/api-key-text.ts'
import { RECORD_FORMAT } from '../../src/service/record/record-format.ts'
import { startProxy } from '../proxy/proxy-under-test.ts'
import { recordThread } from './thread-recording.ts'

const key = newApiKey('one')
const TWO_GATES = `policies:
  - { name: ip, key: ip, rules: [3/min] }
  - { name: who, key: principal, rules: [1/min] }
proxy:
  require: apiKey
  apiKeys: { keys: [{ id: one, hash: "sha256:${hash('sha256', key)}" }] }
  routes: [{ path: /open, require: none }]
`

it('has a request of two gates as the second saw it, and one that came to no second as the first did', async () => {
  await using proxy = await startProxy(TWO_GATES)
  using recording = recordThread(proxy.service)
  const { requests } = recording
  const headers = { 'x-api-key': key }
  expect((await fetch(`${proxy.url}/a?x=1`, { headers })).status).toBe(200)
  expect((await fetch(`${proxy.url}/a`, { headers })).status).toBe(429)
  expect((await fetch(`${proxy.url}/a`)).status).toBe(401)
  expect((await fetch(`${proxy.url}/open`)).status).toBe(200)
  expect((await fetch(`${proxy.url}/open`)).status).toBe(429)
  await expect.poll(() => requests().length).toBe(5)
  const paths = requests().map(({ attributes, allowed }) => [attributes['path'], allowed])
  expect(paths).toEqual([
    ['/a', true],
    ['/a', false],
    ['/a', true],
    ['/open', true],
    ['/open', false],
  ])
  const principals = requests().map(({ attributes }) => attributes['principal'] !== undefined)
  expect(principals).toEqual([true, true, false, false, false])
  for (const { attributes } of requests()) expect(Object.keys(attributes)).not.toContain('proxy.gate')
  expect(JSON.stringify(requests())).not.toContain('apikey:one')
})

it('has the status of the response where that decides what is counted, and what it cost beyond the estimate', async () => {
  const yaml = `policies:
  - { name: guesses, key: ip, count: { status: [401] }, rules: [2/min] }
  - { name: units, key: ip, cost: response.header.x-cost, rules: [100/min] }
proxy: {}
`
  await using proxy = await startProxy(yaml, {
    answer: ({ url }, response) => {
      response.statusCode = url === '/wrong' ? 401 : 200
      response.setHeader('x-cost', 3)
      response.end()
    },
  })
  using recording = recordThread(proxy.service)
  const { requests } = recording
  for (const path of ['/right', '/wrong']) await fetch(proxy.url + path)
  await expect.poll(() => requests().length).toBe(4)
  const found = requests().map(({ verb, attributes: { path, status }, policy, cost }) => ({
    verb,
    path,
    status,
    policy,
    cost,
  }))
  const charge = { verb: 'charge', status: undefined, policy: 'units', cost: 2 }
  expect(found).toEqual([
    { verb: 'consume', path: '/right', status: '200', policy: undefined, cost: undefined },
    { ...charge, path: '/right' },
    { verb: 'consume', path: '/wrong', status: '401', policy: undefined, cost: undefined },
    { ...charge, path: '/wrong' },
  ])
})

it('is decided the same when it is played again, what the response decides too', async () => {
  const yaml = `policies:
  - { name: guesses, key: ip, match: { path: /login }, count: { status: [401] }, rules: [2/hour] }
  - { name: who, key: principal, rules: [4/hour], ban: [1h] }
  - { name: all, key: path, rules: [5/hour] }
proxy:
  require: apiKey
  apiKeys: { keys: [{ id: one, hash: "sha256:${hash('sha256', key)}" }] }
`
  await using proxy = await startProxy(yaml, {
    answer: ({ headers }, response) => {
      response.statusCode = headers['x-wrong'] === undefined ? 200 : 401
      response.end()
    },
  })
  using recording = recordThread(proxy.service)
  const { requests } = recording
  const wrong = { 'x-api-key': key, 'x-wrong': '1' }
  const right = { 'x-api-key': key }
  const passed: boolean[] = []
  for (const [path, headers] of [
    ['/login', right],
    ['/login', wrong],
    ['/login', wrong],
    ['/login', right],
    ['/b', right],
    ['/b', right],
  ] as const) {
    passed.push((await fetch(proxy.url + path, { headers })).status !== 429)
  }
  expect(passed).toEqual([true, true, true, false, true, false])
  await expect.poll(() => requests().length).toBe(passed.length)
  const own = yaml.replace('proxy:', `proxy:\n  upstream: http://127.0.0.1:9`)
  const configuration = parseConfig(own, 'headgate.yaml')
  const { hashed, questions } = recording.header()
  const header = {
    format: RECORD_FORMAT,
    at: 0,
    hash: '',
    sample: null,
    hashed,
    check: '',
    questions,
  } as const
  const logs = new RecordedLogs({ headers: [header], only: undefined })
  const player = new Player({ configuration: logs.fit(configuration) })
  const attributes = logs.attributesUnder(header)
  const again: unknown[] = []
  for (const request of requests()) {
    const played = playedOf(request, attributes)
    again.push(played && (await player.play(played))?.allowed)
  }
  await player.close()
  expect(again).toEqual(passed)
})
