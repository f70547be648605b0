/** Clients and gateways that others wrote, on the fast path of the service itself: what its metrics say of them. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createRemoteLimiter } from 'headgate/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { handedOverClients, type RealClient, realClients } from './real-clients.ts'
import { plainNginx, type RealGateway, realGateways, startGateway } from './real-gateways.ts'
import { BODY } from './recorded-clients.ts'

const POLICIES = 'policies: [{ name: api, key: user, rules: [1000/min] }]'
const FAST = /^headgate_http_fast_requests_total (\d+)$/m
const HANDED_OVER = /^headgate_http_handed_over_total\{reason="(\w+)"\} (\d+)$/gm

let folder: string
let headgate: HeadgateProcess

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-http-clients-'))
  const file = join(folder, 'headgate.yaml')
  writeFileSync(file, POLICIES)
  headgate = await HeadgateProcess.serve(['--config', file, '--admin-port', '0'])
})

afterAll(async () => {
  await headgate?.[Symbol.asyncDispose]()
  if (folder !== undefined) rmSync(folder, { recursive: true })
})

/** What the service counts. */
interface Counts {
  readonly fast: number
  /** Reasons of connections that were handed over, as often as each was. */
  readonly handedOver: readonly string[]
}

async function counts(): Promise<Counts> {
  const text = await (await fetch(`${headgate.adminUrl}/metrics`)).text()
  const [, fast] = FAST.exec(text) ?? []
  expect(fast).toBeDefined()
  const rows = text.matchAll(HANDED_OVER)
  const handedOver = [...rows].flatMap(([, reason = '', times]) => Array<string>(Number(times)).fill(reason))
  return { fast: Number(fast), handedOver }
}

/** What is counted while somebody asks. */
async function counted(ask: () => Promise<void>): Promise<Counts> {
  const before = await counts()
  await ask()
  const after = await counts()
  const rest = [...before.handedOver]
  const isNew = (reason: string): boolean => {
    const at = rest.indexOf(reason)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  }
  return { fast: after.fast - before.fast, handedOver: after.handedOver.filter(isNew) }
}

async function run({ program, args, env, folder: cwd }: RealClient): Promise<void> {
  const done = await promisify(execFile)(String(program), args(`${headgate.url}/v1/consume`), {
    env: { ...process.env, ...env },
    cwd: cwd ?? folder,
  })
  expect(`${done.stdout}${done.stderr}`.match(/^\d{3}$/gm)).toEqual(['200', '200', '200'])
}

async function through(gateway: RealGateway): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const url = await startGateway(gateway, Number(new URL(headgate.url).port), stack)
  for (let i = 0; i < 3; i++) {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/v1/consume`, { method: 'POST', headers, body: BODY })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ allowed: true })
  }
}

/** A title that says so where the program is not there. */
const titled = <T extends RealClient | RealGateway>(rows: readonly T[]): (T & { readonly title: string })[] =>
  rows.map((row) => ({
    ...row,
    title: row.program === null ? `${row.name} (SKIPPED: not installed)` : row.name,
  }))

describe('the fast path answers all requests of', () => {
  for (const client of titled(realClients)) {
    it.skipIf(client.program === null)(client.title, async () => {
      expect(await counted(() => run(client))).toEqual({ fast: 3, handedOver: [] })
    })
  }

  it('headgate/client on Node', async () => {
    const limiter = createRemoteLimiter({ url: headgate.url, token: 'for-the-gateway', onError: 'closed' })
    const ask = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) expect((await limiter.consume({ user: 'alice' })).allowed).toBe(true)
    }
    expect(await counted(ask)).toEqual({ fast: 3, handedOver: [] })
    await limiter.close()
  })

  for (const gateway of titled(realGateways)) {
    it.skipIf(gateway.program === null)(gateway.title, async () => {
      expect(await counted(() => through(gateway))).toEqual({ fast: 3, handedOver: [] })
    })
  }
})

describe('connections are handed over, and all requests answered, of', () => {
  for (const client of titled(handedOverClients)) {
    it.skipIf(client.program === null)(client.title, async () => {
      const { fast, handedOver } = await counted(() => run(client))
      expect(fast).toBe(0)
      expect(new Set(handedOver)).toEqual(new Set([client.reason]))
    })
  }

  for (const gateway of titled([plainNginx])) {
    it.skipIf(gateway.program === null)(gateway.title, async () => {
      expect(await counted(() => through(gateway))).toEqual({
        fast: 0,
        handedOver: ['target', 'target', 'target'],
      })
    })
  }
})
