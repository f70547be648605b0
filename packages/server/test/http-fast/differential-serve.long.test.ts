/** `headgate serve` with `--http-fast-path on` and `off`: what callers see most, they see alike. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

const TOKEN = newToken()
const FILE = `tokens: [{ name: gateway, hash: "${tokenHash(TOKEN)}", scopes: [consume, read] }]
policies: [{ name: api, key: user, rules: [2/h] }]
`
const OWN = { authorization: `Bearer ${TOKEN}` }
const ALICE = '{"attributes":{"user":"alice"}}'

interface Call {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One after the other. A status of a denial says so. */
const CALLS: readonly (readonly [name: string, status: number | 'denied', call: Call])[] = [
  ['a peek spends nothing', 200, { path: '/v1/peek', headers: OWN }],
  ['the first', 200, { headers: OWN }],
  ['the second, which asks for the configuration', 200, { headers: { ...OWN, 'headgate-hash': '?1' } }],
  ['a denial', 'denied', { headers: OWN }],
  ['a denial with 200', 200, { path: '/v1/consume?status=200', headers: OWN }],
  ['a peek of a denial', 'denied', { path: '/v1/peek', headers: OWN }],
  ['no token', 401, {}],
  ['a wrong token', 401, { headers: { authorization: 'Bearer hgt_wrong' } }],
  ['a cost that is none', 400, { headers: OWN, body: '{"cost":-1}' }],
  ['no JSON', 400, { headers: OWN, body: '{' }],
  ['another policy than there is', 404, { headers: OWN, body: '{"key":"a","policy":"none"}' }],
  ['another type', 415, { headers: { ...OWN, 'content-type': 'text/plain' } }],
  ['another target', 404, { path: '/v1/nothing', headers: OWN }],
]

/** What two processes do not say alike, as each has its own clock and numbers. */
const DIFFERS = /"(?:id|receipt)":"[^"]*"|"\w+AfterMs":[1-9]\d*/g

async function ask(
  { url }: HeadgateProcess,
  { path = '/v1/consume', headers = {}, body = ALICE }: Call,
): Promise<object> {
  const type = { 'content-type': 'application/json' }
  const response = await fetch(url + path, { method: 'POST', headers: { ...type, ...headers }, body })
  const {
    date,
    'content-length': length,
    ratelimit,
    'retry-after': retryAfter,
    ...fields
  } = Object.fromEntries(response.headers)
  expect([date, length]).toEqual([expect.any(String), expect.any(String)])
  return {
    status: response.status,
    fields: { ...fields, ratelimit: ratelimit?.replaceAll(/;t=\d+/g, '') },
    hasRetryAfter: Number(retryAfter) > 0,
    text: (await response.text()).replaceAll(DIFFERS, ''),
  }
}

let folder: ConfigFolder
let fast: HeadgateProcess
let plain: HeadgateProcess

beforeAll(async () => {
  folder = new ConfigFolder(FILE)
  const serve = (onOff: string): Promise<HeadgateProcess> =>
    HeadgateProcess.serve(['-c', folder.file, '--http-fast-path', onOff, '--admin-port', '0'])
  ;[fast, plain] = await Promise.all([serve('on'), serve('off')])
})

afterAll(async () => {
  await fast?.[Symbol.asyncDispose]()
  await plain?.[Symbol.asyncDispose]()
  folder?.[Symbol.dispose]()
})

describe('headgate serve answers alike with and without the fast path:', () => {
  it.each(CALLS)('%s', async (_, status, call) => {
    const [seen, expected] = [await ask(fast, call), await ask(plain, call)]
    expect(seen).toEqual(expected)
    expect(seen).toMatchObject(status === 'denied' ? { status: 429, hasRetryAfter: true } : { status })
  })

  it('and what is to be fast was answered on the fast path', async () => {
    const metrics = await (await fetch(`${fast.adminUrl}/metrics`, { headers: OWN })).text()
    const [, answered] = /^headgate_http_fast_requests_total (\d+)$/m.exec(metrics) ?? []
    expect(Number(answered)).toBeGreaterThanOrEqual(6)
  })
})
