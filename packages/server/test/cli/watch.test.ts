import { afterEach, describe, expect, it } from 'vitest'
import { adminOf } from '../admin/admin-server.ts'
import { type Given, type Ran, runCommand } from './run-command.ts'
import { json, type Script, type ScriptedService, scripted, stream } from './scripted-service.ts'

/** 2023-11-14T22:13:20Z. */
const NOW = 1_700_000_000_000

let service: ScriptedService | undefined

afterEach(async () => {
  await service?.[Symbol.asyncDispose]()
  service = undefined
})

/** Watches until standard output has `until`. */
async function watch(
  line: readonly string[],
  script: Script,
  until: string,
  given: Given = {},
): Promise<Ran> {
  service = await scripted(script)
  const ending = new AbortController()
  return runCommand(['watch', ...line, '--admin-url', service.url], {
    now: () => NOW,
    signal: ending.signal,
    onOutput: (stdout) => {
      if (stdout.includes(until)) ending.abort()
    },
    ...given,
  })
}

const denial = (key: string, more: object = {}): [string, object] => [
  'denial',
  {
    id: 'd1',
    at: NOW,
    policy: 'login',
    rule: '15m',
    reason: 'blocked',
    retryAfterMs: 600_000,
    keys: [{ policy: 'login', key }],
    ...more,
  },
]

const EVENTS: [string, object][] = [
  [
    'snapshot',
    {
      at: NOW,
      rates: [{ overSeconds: 1, decisionsPerSecond: 120, deniedPerSecond: 3 }],
      storeAvailable: true,
      store: { breaker: 'closed' },
      omitted: { denial: 2 },
    },
  ],
  ['snapshot', { at: NOW + 1000, rates: [], storeAvailable: false, store: { breaker: 'open' } }],
  denial('alice\x1b[2J'),
  [
    'change',
    { at: NOW, action: 'block', keys: [{ policy: 'login', key: 'bob' }], policies: ['login'], actor: 'ada' },
  ],
  ['configuration', { at: NOW, hash: 'abc', isNew: true }],
  ['of-a-later-version', { at: NOW }],
  denial('last', { id: 'd2', policy: 'api', keys: [], retryAfterMs: null, reason: 'denied-by-policy' }),
]

describe('headgate watch', () => {
  it('prints what happens, a line each, and now and then how things stand', async () => {
    const ran = await watch([], (_, response) => stream(response, EVENTS), 'd2')
    expect(ran).toEqual({
      code: 0,
      stdout: `22:13:20 snapshot      120/s, denied 3/s, store answers, breaker closed, 2 denials more than are shown
22:13:20 denial        login 15m alice\\u001b[2J: blocked for 10m, id d1
22:13:20 change        block login bob by ada
22:13:20 configuration abc is in force
22:13:20 denial        api 15m -: denied-by-policy for good, id d2
`,
      stderr: '',
    })
  })

  it('prints denials alone, of one policy, and events as JSON', async () => {
    const denied = await watch(
      ['--denied', '--policy', 'api'],
      ({ url = '' }, response) =>
        url.startsWith('/v1/denials') ? json(response, { denials: [] }) : stream(response, EVENTS),
      'd2',
    )
    expect(denied.stdout.split('\n').slice(0, -1)).toEqual([expect.stringContaining('id d2')])
    await service?.[Symbol.asyncDispose]()
    const asJson = await watch(['--json'], (_, response) => stream(response, EVENTS), '"d2"')
    const lines = asJson.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toEqual(EVENTS.map(([event, data]) => ({ event, ...data })))
  })

  it('connects anew where the stream ends, waiting longer each time until something comes', async () => {
    const slept: number[] = []
    let connections = 0
    const script: Script = (request, response) => {
      connections++
      if (connections === 2) response.writeHead(503, { 'content-type': 'text/plain' }).end('no')
      else if (connections === 3) request.socket.destroy()
      else {
        stream(response, [denial('alice', { id: `c${connections}` })])
        if (connections === 1) response.end()
      }
    }
    const ran = await watch(['--denied'], script, 'c4', { onSleep: (ms) => slept.push(ms) })
    expect(ran.code).toBe(0)
    expect(ran.stdout).toMatch(/id c1\n.*id c4\n$/s)
    expect(slept).toEqual([500, 1000, 2000])
    expect(ran.stderr.split('\n')).toEqual([
      expect.stringContaining('ended the stream; connecting anew'),
      expect.stringContaining('answers 503'),
      expect.stringContaining('cannot be asked (ECONNRESET)'),
      '',
    ])
  })

  it('gives a connection up on which nothing comes', async () => {
    let connections = 0
    const script: Script = (_, response) => {
      connections++
      stream(response, connections === 1 ? [] : [denial('alice', { id: 'second' })])
    }
    const ran = await watch(['--timeout', '500ms'], script, 'second')
    expect(ran.code).toBe(0)
    expect(ran.stderr).toContain('gave no answer within 500 ms')
  })

  it.each([
    [
      401,
      { status: 401, code: 'unauthenticated', detail: 'this takes a token' },
      2,
      'answers 401 unauthenticated: this takes a token; here: set HEADGATE_TOKEN, or give --token-file\n',
    ],
    [404, {}, 4, 'answers 404, and not as Headgate does; give --admin-url the URL of the service\n'],
  ])('ends at once where the first answer is %d', async (status, body, code, message) => {
    const script: Script = (_, response) => {
      response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body))
    }
    const ran = await watch([], script, 'never')
    expect([ran.code, ran.stdout]).toEqual([code, ''])
    expect(ran.stderr).toContain(message)
  })
})

describe('headgate watch --format nft', () => {
  const POLICIES = [
    { name: 'login', key: 'ip' },
    { name: 'wide', key: 'ip', ipv6Prefix: 48 },
    { name: 'users', key: 'user' },
  ]
  const by = (policy: string, key: string): [string, object] =>
    denial(key, { policy, keys: [{ policy, key }] })
  const usage = { blockedForMs: 600_000, rules: [{ isShadow: false }] }
  const last = by('login', '203.0.113.99')
  const script =
    (events: [string, object][], denials: object[] = [], since: number | null = null): Script =>
    ({ url = '' }, response) => {
      if (url === '/v1/policies') json(response, { policies: POLICIES })
      else if (url === '/v1/usage') json(response, { policies: [usage] })
      else if (url.startsWith('/v1/denials')) json(response, { denials, since })
      else stream(response, [...events, last])
    }
  const lines = ({ stdout }: Ran): string[] => stdout.trimEnd().split('\n').slice(0, -1)

  it('prints each banned address once, those of before first, and takes back what somebody let in', async () => {
    const [, before] = by('login', '192.0.2.9')
    const [, over] = denial('192.0.2.8', { at: NOW - 600_000 })
    const ran = await watch(
      ['--denied', '--format', 'nft'],
      script(
        [
          by('login', '192.0.2.1'),
          by('login', '192.0.2.1'),
          by('login', '2001:db8:0:100:0:0:0:0'),
          by('wide', '2001:db8:1:0:0:0:0:0'),
          denial('192.0.2.7', { reason: 'limited' }),
          ['change', { action: 'unblock', keys: [{ policy: 'login', key: '192.0.2.1' }] }],
          ['change', { action: 'reset', keys: [{ policy: 'login', key: '192.0.2.6' }] }],
          by('users', '192.0.2.5'),
        ],
        [before, over],
      ),
      '203.0.113.99',
    )
    expect(lines(ran)).toEqual([
      'add element inet headgate banned { 192.0.2.9 timeout 600s }',
      'add element inet headgate banned { 192.0.2.1 timeout 600s }',
      'add element inet headgate banned6 { 2001:db8:0:100:0:0:0:0/56 timeout 600s }',
      'add element inet headgate banned6 { 2001:db8:1:0:0:0:0:0/48 timeout 600s }',
      'delete element inet headgate banned { 192.0.2.1 }',
    ])
    expect([ran.code, ran.stderr]).toEqual([
      0,
      'policy users bans something else than addresses alone, which a firewall cannot; give it key: ip to have its bans printed\n',
    ])
  })

  it('asks for those that were not told one by one, and takes sets and a policy that are named', async () => {
    const [, missed] = by('wide', '192.0.2.4')
    const ran = await watch(
      ['--format', 'nft', '--table', 'fw', '--set', 'bad', '--policy', 'wide'],
      script([['snapshot', { omitted: { denial: 1 } }], by('wide', '203.0.113.99')], [missed]),
      '203.0.113.99',
    )
    expect(ran.stdout.split('\n')[0]).toBe('add element inet fw bad { 192.0.2.4 timeout 600s }')
  })

  it('says since when denials are known where some may have been missed', async () => {
    const [, missed] = by('wide', '192.0.2.4')
    const seen: [string, object] = ['snapshot', { at: NOW }]
    const ran = await watch(['--format', 'nft'], script([seen, seen], [missed], NOW - 1000), '203.0.113.99')
    expect(ran.stderr).toMatch(
      / keeps its last denials only, now since 22:13:19: bans of before may be missing/,
    )
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('says why there is nothing to print where keys are hashed', async () => {
    const ran = await watch(['--format', 'nft'], script([by('login', '~hAbC')]), 'never')
    expect(ran).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'There is nothing to print: keys are hashed there (hashKeys), so that nobody can tell addresses from them; ban where they are not hashed\n',
    })
  })

  it.each([
    [['--format', 'nft', '--set', 'a; flush ruleset'], 'is no name of nft'],
    [['--format', 'nft', '--json'], '--format nft prints commands of nft, and no JSON; leave out --json'],
    [['--set', 'banned'], '--table and --set go with --format nft'],
    [['--format', 'csv'], '"csv" is no format; give --format lines or nft'],
  ])('takes no %j', async (line, message) => {
    const ran = await runCommand(['watch', ...line])
    expect([ran.code, ran.stdout]).toEqual([2, ''])
    expect(ran.stderr).toContain(message)
  })
})

describe('a service that is watched', () => {
  it.each([[['--denied']], [['--format', 'nft']]])(
    'knows which policies there are: watch %j',
    async (more) => {
      await using admin = await adminOf('policies: [{ name: login, key: ip, rules: [5/15m] }]')
      const ran = await runCommand(['watch', ...more, '--policy', 'logni', '--admin-url', admin.url])
      expect([ran.code, ran.stdout]).not.toEqual([0, ''])
      expect(ran.stderr).toContain('did you mean "login"?')
    },
  )

  it('tells of bans as they happen, before and while somebody watches', async () => {
    await using admin = await adminOf(
      'policies: [{ name: login, key: ip, rules: [5/15m] }, { name: users, key: user, missing: skip, rules: [5/s] }]',
    )
    const options = { transport: 'test' }
    const isBanned = async (ip: string): Promise<void> => {
      await admin.service.block({ ip }, '10m', { ...options, policy: 'login' })
      expect(await admin.at.consume({ ip })).not.toBeNull()
    }
    await isBanned('192.0.2.1')
    const ending = new AbortController()
    let printed = ''
    const watching = runCommand(['watch', '--format', 'nft', '--admin-url', admin.url], {
      now: () => NOW,
      signal: ending.signal,
      onOutput: (stdout) => {
        printed = stdout
      },
    })
    await expect.poll(() => printed).toContain('192.0.2.1')
    await isBanned('2001:db8:0:1ff::7')
    await expect.poll(() => printed).toContain('banned6')
    await admin.service.unblock({ ip: '192.0.2.1' }, options)
    await expect.poll(() => printed).toContain('delete')
    ending.abort()
    // Watched anew, whoever was let in stays in.
    const again = new AbortController()
    const { stdout: later } = await runCommand(['watch', '--format', 'nft', '--admin-url', admin.url], {
      now: () => NOW,
      signal: again.signal,
      onOutput: () => again.abort(),
    })
    expect(later).toMatch(/^add element inet headgate banned6 [^\n]*\n$/)
    const { code, stdout, stderr } = await watching
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.replaceAll(/timeout \d+s/g, 'timeout …')).toBe(
      `add element inet headgate banned { 192.0.2.1 timeout … }
add element inet headgate banned6 { 2001:db8:0:100:0:0:0:0/56 timeout … }
delete element inet headgate banned { 192.0.2.1 }
`,
    )
  })
})
