import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Certificate, certificates } from '../../../limiter/test/harness/certificates.ts'
import { readTls } from '../../src/config/tls/read-tls.ts'
import { TlsInForce } from '../../src/listener/tls-in-force.ts'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { type ListeningService, listening } from '../protocol/listening-service.ts'
import { type Ran, runCommand } from './run-command.ts'

const FILE = `
policies:
  - { name: api, match: { path: /v2/** }, key: user, rules: [10/min, 500/day] }
  - { name: admin, match: { path: /admin/** }, key: user, rules: [5/15m] }
  - { name: slow, match: { path: /v2/** }, key: user, mode: shadow, rules: [1/min] }
`

let folder: string
const services: AsyncDisposable[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-cli-'))
})

afterAll(async () => {
  for (const one of services) await one[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function started(...options: Parameters<typeof listening>): Promise<ListeningService> {
  const service = await listening(...options)
  services.push(service)
  return service
}

function asker(url: string): (...line: string[]) => Promise<Ran> {
  return (...line) => runCommand(line, { env: { HEADGATE_URL: url } })
}

const alice = ['user=alice', 'path=/v2/x']

describe('headgate consume and peek', () => {
  it('say what is answered and how each rule stands, and end with 1 where that is a denial', async () => {
    const { url } = await started({}, FILE)
    const ask = asker(url)
    expect(await ask('consume', ...alice, '--cost', '9')).toEqual({
      code: 0,
      stdout: `allowed (within-limit) by api, rule 1m

POLICY  RULE  RATE     LIMIT  LEFT  WAIT  ALL BACK IN
api     1m    10/min      10     1  -     1m
api     1d    500/day    500   491  -     1d

IN SHADOW  RULE  RATE   LIMIT  LEFT  WAIT   ALL BACK IN
slow       1m    1/min      1     1  never  -
`,
      stderr: '',
    })
    const denied = await ask('peek', ...alice, '--cost=2', '--policy', 'api')
    expect({ ...denied, stdout: denied.stdout.replace(/id \S+/, 'id …') }).toEqual({
      code: 1,
      stdout: `denied (limited) by api, rule 1m: try again in 1m

POLICY  RULE  RATE     LIMIT  LEFT  WAIT  ALL BACK IN
api     1m    10/min      10     1  1m    1m
api     1d    500/day    500   491  -     1d

id …
`,
      stderr: '',
    })
  })

  it('print the answer of the service with --json', async () => {
    const { url } = await started({}, FILE)
    const { code, stdout } = await asker(url)('consume', ...alice, '--json')
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { allowed: true, reason: 'within-limit', policy: 'api', remaining: 9, receipt: expect.any(String) },
    ])
  })

  it('take one plain key, and lines of attributes from input', async () => {
    const { url } = await started({}, 'policies: [{ name: keys, rules: [10/min] }]')
    const env = { HEADGATE_URL: url }
    expect((await runCommand(['consume', 'k1', '--json'], { env })).stdout).toContain('"remaining": 9')
    const input = 'key=k1\n'
    expect((await runCommand(['consume', '-', '--json'], { env, input })).stdout).toContain('"remaining": 8')
  })
})

describe('headgate explain', () => {
  it('says which policies match, why others do not, and what would be answered', async () => {
    const { url } = await started({}, FILE)
    expect(await asker(url)('explain', ...alice)).toEqual({
      code: 0,
      stdout: `POLICY  OUTCOME    WHY
api     applies    key user=alice, cost 1
admin   unmatched  path is /v2/x, wanted /admin/**
slow    in-shadow  key user=alice, cost 1

allowed (within-limit) by api, rule 1m

POLICY  RULE  RATE     LIMIT  LEFT  WAIT  ALL BACK IN
api     1m    10/min      10     9  -     1m
api     1d    500/day    500   499  -     1d

IN SHADOW  RULE  RATE   LIMIT  LEFT  WAIT  ALL BACK IN
slow       1m    1/min      1     0  -     1m
`,
      stderr: '',
    })
  })
})

describe('headgate block, unblock and reset', () => {
  it('name the policies that were reached, and what is done is done', async () => {
    const { url } = await started({}, FILE)
    const ask = asker(url)
    const reached = (what: string): Ran => ({
      code: 0,
      stdout: `${what} under api, admin, slow\n`,
      stderr: '',
    })
    expect(await ask('block', 'user=alice', '--for', '10m')).toEqual(reached('blocked'))
    expect((await ask('peek', ...alice)).stdout).toMatch(/^denied \(blocked\) by api, .*: try again in 10m\n/)
    expect(await ask('unblock', 'user=alice')).toEqual(reached('unblocked'))
    expect((await ask('consume', ...alice, '--cost', '10')).code).toBe(0)
    expect((await ask('peek', ...alice)).code).toBe(1)
    expect(await ask('reset', 'user=alice')).toEqual(reached('forgotten what was spent'))
    expect((await ask('peek', ...alice)).code).toBe(0)
    const json = await ask('reset', 'user=alice', '--policy', 'api', '--json')
    expect([json.code, JSON.parse(json.stdout)]).toEqual([0, { policies: ['api'] }])
  })

  it('end with 2 where no policy has such a key', async () => {
    const { url } = await started({}, FILE)
    const { code, stdout, stderr } = await asker(url)('reset', 'role=guest')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('no policy has a key that these attributes determine')
  })
})

describe('a service that wants a token', () => {
  it('gets that of the variable or of the file, and no output has it', async () => {
    const [able, reader] = [newToken(), newToken()]
    const entry = (name: string, token: string, scope: string): string =>
      `{ name: ${name}, hash: "${tokenHash(token)}", scopes: [${scope}] }`
    const tokens = `[${entry('able', able, 'consume')}, ${entry('reader', reader, 'read')}]`
    const { url } = await started({}, `${FILE}tokens: ${tokens}`)
    const file = join(folder, 'token')
    writeFileSync(file, `${able}\n`)
    const line = ['consume', ...alice, '--url', url]
    const runs = [
      await runCommand(line, { env: { HEADGATE_TOKEN: able } }),
      await runCommand([...line, '--token-file', file], { env: { HEADGATE_TOKEN: reader } }),
      await runCommand(line, { env: { HEADGATE_TOKEN: reader } }),
      await runCommand(line),
    ]
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 2, 2])
    expect(runs[2]?.stderr).toBe(
      `${url} answers 403 forbidden: the token "reader" is not for this; it takes one with the scope consume\n`,
    )
    expect(runs[3]?.stderr).toMatch(
      / answers 401 unauthenticated: .*set HEADGATE_TOKEN, or give --token-file\n$/,
    )
    for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain('hgt_'.concat(able.slice(4)))
    for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain(reader)
  })
})

describe('the way to a service', () => {
  it('may be a Unix socket, or TLS by an authority of its own and a certificate to show', async () => {
    const path = join(folder, 'http.sock')
    const overSocket = await started({ address: { path } }, FILE)
    expect((await asker(overSocket.url)('peek', ...alice)).code).toBe(0)

    const { ca, server, client, stranger } = certificates()
    const caFile = join(folder, 'ca.pem')
    writeFileSync(caFile, ca)
    const files = {
      certFile: server.cert,
      keyFile: server.key,
      certificates: [],
      clientCaFile: caFile,
      listeners: [],
    }
    const tls = new TlsInForce(await readTls(files))
    const { url } = await started({ tls }, FILE)
    const showing = ({ cert, key }: Certificate): string[] => ['--client-cert', cert, '--client-key', key]
    const peek = (...more: string[]): Promise<Ran> => asker(url)('peek', ...alice, ...more)
    expect((await peek('--ca', caFile, ...showing(client))).code).toBe(0)
    expect(await peek(...showing(client))).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/ is not trusted \(\w+\); give --ca /),
    })
    expect((await peek('--ca', caFile)).code).toBe(4)
    expect((await peek('--ca', caFile, ...showing(stranger))).code).toBe(4)
  })

  it('is told with what to do where it leads nowhere', async () => {
    const closed = await started({}, FILE)
    await closed.transport.close()
    const other = createServer((_, response) => response.writeHead(302, { location: '/' }).end('<html>'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    try {
      const told: Readonly<Record<string, readonly string[]>> = {
        [`Nothing listens on ${closed.url}; start headgate serve, or give --url where it listens`]: [
          closed.url,
        ],
        [`${otherUrl} answers 302, and not as Headgate does; give --url the URL of the service`]: [otherUrl],
        [`${silentUrl} gave no answer within 20 ms; look at its log, or give a longer --timeout`]: [
          silentUrl,
          '--timeout',
          '20ms',
        ],
      }
      for (const [message, [url = '', ...more]] of Object.entries(told)) {
        const ran = await asker(url)('peek', ...alice, ...more)
        expect(ran).toEqual({ code: 4, stdout: '', stderr: `${message}\n` })
      }
    } finally {
      for (const server of [other, silent]) {
        server.closeAllConnections()
        server.close()
      }
    }
  })
})

describe('what is typed wrongly', () => {
  it.each([
    [
      ['consume'],
      'nobody is named; write user=alice or one plain key, or - to read attributes from standard input',
    ],
    [['peek', '-'], 'standard input is empty; give attributes, a line each, as user=alice'],
    [['consume', 'user='], 'user is empty; give it a text, or leave it out'],
    [['consume', 'user=a', 'user=b'], 'argument 2 gives user again; give each attribute once'],
    [['consume', 'user=a', 's3cret'], 'argument 2 is no attribute; write user=alice, or one plain key alone'],
    [['consume', 'user=a', '--cost', '1.5'], '"1.5" is no cost; give --cost a whole number of 0 or more'],
    [['block', 'user=a', '--for', 'ever'], '"ever" is no time; give --for one such as 10m'],
    [
      ['peek', 'a', '--url', 'http://u:s3cret@a'],
      '--url has a user or a password, which would stand in listings of processes; write http://127.0.0.1:8080, https://… or unix:/path',
    ],
    [
      ['peek', 'a', '--client-cert', '/none'],
      'a certificate goes with its key; give both --client-cert and --client-key, or neither',
    ],
    [['peek', 'a', '--ca', '/none'], '/none cannot be read (ENOENT); give --ca a file that can'],
  ])('ends with 2, says what to write, and repeats no secret: %j', async (line, message) => {
    const ran = await runCommand(line)
    expect(ran).toEqual({ code: 2, stdout: '', stderr: `${message}\n` })
  })

  it('is said of a token that is none without showing it', async () => {
    const env = { HEADGATE_TOKEN: 's3cret\nx-admin: yes' }
    expect(await runCommand(['peek', 'a'], { env })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'HEADGATE_TOKEN has no token; one is a line such as hgt_… and nothing else\n',
    })
  })

  it('is told by the service with the field that it is about', async () => {
    const { url } = await started({}, FILE)
    const ran = await asker(url)('consume', 'user=alice', '--policy', 'none')
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(/ answers 404 unknown-policy: .*none/)
  })
})

describe('a token on its way', () => {
  it('has a warning where everybody could read it', async () => {
    const env = { HEADGATE_TOKEN: newToken() }
    const ran = await runCommand(['peek', 'a', '--url', 'http://headgate.invalid:1'], { env })
    expect(ran.stderr).toContain(
      'warning: the token travels to http://headgate.invalid:1 readable by everybody on the way; use https\n',
    )
    expect(ran.stderr).not.toContain(env.HEADGATE_TOKEN)
  })
})
