import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { flagOf } from '../../src/cli/option-table.ts'
import { SERVE_OPTIONS } from '../../src/cli/serve-options.ts'
import { ConfigFolder } from './config-folder.ts'
import { HeadgateProcess } from './headgate-process.ts'

const fixture = join(import.meta.dirname, '../fixtures/api-sample.yaml')
const alice = { attributes: { user: 'alice' } }

/** Sends the first part of a request; the function returned sends the second and reads the reply to its end. */
async function halfSent(
  headgate: HeadgateProcess,
  [first, second]: readonly [string, string],
): Promise<() => Promise<string>> {
  const { hostname, port } = new URL(headgate.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(first)
  await new Promise((resolve) => setTimeout(resolve, 100))
  return async () => {
    let reply = ''
    socket.on('data', (chunk) => (reply += chunk))
    socket.write(second)
    await once(socket, 'close')
    return reply
  }
}

describe('headgate serve', () => {
  it('runs the sample, prints what to try, and what it prints works', async () => {
    await using headgate = await HeadgateProcess.serve()
    await expect.poll(() => headgate.stderr).toContain('/v1/policies\n')
    const commands = headgate.stderr.split('\n').filter((line) => line.startsWith('  curl '))
    expect(commands).toHaveLength(3)
    const outputs = commands.map((command) =>
      execFileSync('sh', ['-c', command], { encoding: 'utf8', stdio: 'pipe' }),
    )
    expect(outputs[0]).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(outputs[0]).toContain('ratelimit: "demo/burst";r=4;t=2\r\n')
    expect(outputs[1]?.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 429'])
    expect(outputs[1]).toContain('retry-after: 10\r\n')
    expect(JSON.parse(outputs[2] ?? '')).toMatchObject({ policies: [{ name: 'demo' }], notInForce: [] })
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with code 0 on %s, one line for start and stop each',
    async (signal) => {
      await using headgate = await HeadgateProcess.serve(['--config', fixture, '--store', 'memory'])
      const configuration = { hash: expect.stringMatching(/^[0-9a-f]{12}$/), rejected: null }
      expect((await headgate.get('/readyz')).body).toEqual({ ready: true, configuration })
      const { code, stderr } = await headgate.stop(signal)
      expect(code).toBe(0)
      expect(stderr).toBe('')
      const info = headgate.log.filter(({ level }) => level === 30).map(({ msg }) => msg)
      expect(info).toEqual([`listening on ${headgate.url}`, 'stopping', 'stopped'])
    },
  )

  it('applies the documented sample, its allow and deny lists included', async () => {
    await using headgate = await HeadgateProcess.serve(['--config', fixture, '--store', 'memory:'])
    const attributes = { domain: 'api', path: '/v2/orders', method: 'POST', role: 'premium', user: 'alice' }
    const first = await headgate.post('/v1/consume', { attributes, cost: 20 })
    expect(first.body).toMatchObject({
      allowed: true,
      policy: 'premium-writes',
      rule: 'per-second',
      remaining: 0,
    })
    expect(first.headers.get('ratelimit-policy')).toBe(
      '"premium-writes/per-second";q=20;w=2, "premium-writes/daily";q=10000;w=86400',
    )
    // More than the burst is denied however long the first answer took.
    expect((await headgate.post('/v1/consume', { attributes, cost: 21 })).status).toBe(429)
    const fromInside = { attributes: { ...attributes, ip: '10.9.8.7' } }
    expect((await headgate.post('/v1/consume', fromInside)).body).toMatchObject({
      allowed: true,
      reason: 'unmatched',
    })
    const revoked = { attributes: { ...attributes, ip: '10.9.8.7', apiKey: 'revoked-1' } }
    expect((await headgate.post('/v1/consume', revoked)).body).toMatchObject({ reason: 'denied-by-policy' })
  })

  it('finishes requests under way before it ends, is not ready meanwhile, and takes no new ones', async () => {
    await using headgate = await HeadgateProcess.serve()
    const body = JSON.stringify(alice)
    const consume = await halfSent(headgate, [
      `POST /v1/consume HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
      body.slice(5),
    ])
    const ready = await halfSent(headgate, ['GET /readyz HTTP/1.1\r\nhost: x', '\r\n\r\n'])
    const ended = headgate.stop()
    await expect.poll(() => headgate.log.at(-1)?.['msg']).toBe('stopping')
    const knock = (): Promise<string> => headgate.get('/livez').then(String, () => 'refused')
    await expect.poll(knock).toBe('refused')
    expect(await ready()).toMatch(/^HTTP\/1.1 503 .*"detail":"shutting down"/s)
    const reply = await consume()
    expect(reply).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(reply.toLowerCase()).toContain('connection: close')
    expect((await ended).code).toBe(0)
  })

  it('ends at once with code 1 on a second signal', async () => {
    await using headgate = await HeadgateProcess.serve()
    const { hostname, port } = new URL(headgate.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(
      'POST /v1/consume HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    headgate.child.kill('SIGINT')
    // npm doubles a Ctrl-C; that one is the same wish.
    headgate.child.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(headgate.child.exitCode).toBe(null)
    expect((await headgate.stop()).code).toBe(1)
    socket.destroy()
  })

  it('answers what is no HTTP with a problem', async () => {
    await using headgate = await HeadgateProcess.serve()
    const { hostname, port } = new URL(headgate.url)
    const socket = connect(Number(port), hostname)
    let reply = ''
    socket.on('data', (chunk) => (reply += chunk))
    socket.write('PING\r\n\r\n')
    await once(socket, 'close')
    expect(reply).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
    expect(reply).toContain('application/problem+json')
    expect((await headgate.get('/livez')).status).toBe(200)
  })
})

describe('the options of headgate serve', () => {
  it('are flags, variables, and lines of its help', async () => {
    const { code, stdout } = await HeadgateProcess.run(['serve', '--help'])
    expect(code).toBe(0)
    for (const name of Object.keys(SERVE_OPTIONS)) expect(stdout).toContain(` ${flagOf(name)}`)
    const env = { HEADGATE_STORE: 'memory:', HEADGATE_PORT: '1', HEADGATE_PROT: '2', HEADGATE_CONFIG: '' }
    // The flag --port 0 wins; on 1 it may not listen.
    await using headgate = await HeadgateProcess.serve(['-c', fixture, '--on-store-error', 'open'], env)
    expect(headgate.log.find(({ url }) => url !== undefined)).toMatchObject({
      config: fixture,
      store: 'memory:',
    })
    const warnings = headgate.log.map(({ msg }) => msg)
    expect(warnings).toContain(
      'unknown variable "HEADGATE_PROT" (did you mean "HEADGATE_PORT"?); it has no effect',
    )
  })

  it('have ./headgate.yaml where it is there, which is followed', async () => {
    const rules = (limit: string): string => `policies: [{ name: mine, key: user, rules: ['${limit}'] }]`
    using config = new ConfigFolder(rules('1/h'))
    await using headgate = await HeadgateProcess.serve([], {}, { folder: config.folder })
    expect(headgate.log.find(({ url }) => url !== undefined)).toMatchObject({ config: 'headgate.yaml' })
    config.rename(rules('2/h'))
    const rulesNow = async () => (await headgate.get('/v1/policies')).body.policies[0].rules
    await expect.poll(rulesNow).toEqual(['2/h'])
  })
})

describe('headgate serve that cannot start', () => {
  it('names a port in use, and --port', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const { code, stderr } = await HeadgateProcess.run(['serve', '--port', String(port)])
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`^port ${port} on 127.0.0.1 is in use; .* --port\n$`))
    other.close()
  })

  it.each([
    [['serve', '--port', '65536'], {}, '"65536" is not a port; give --port a number'],
    [['serve', '--max-connections', '0'], {}, '"0" is no number from 1 to 9999999; give --max-connections'],
    [
      ['serve', '--port', 'off', '--grpc-port', 'off', '--resp-port', 'off'],
      {},
      'nothing would listen; give --port, --grpc-port or --resp-port a port or a path',
    ],
    [
      ['serve', '--host', ''],
      {},
      'an empty host would be every address of this machine; give --host 127.0.0.1',
    ],
    [['serve'], { PORT: 'http' }, '"http" is not a port'],
    [['serve', '--config', 'nope.yaml'], {}, 'nope.yaml does not exist'],
    [['serve', '--store', 'postgres://u:s3cret@a:1'], {}, 'is not a store of this version'],
    [
      ['serve', '--store', 'redis+sentinel://u:s3cret@a:1'],
      {},
      '"redis+sentinel://***@a:1" is not a Redis URL',
    ],
    [['serve', '--store', 'memry'], {}, '--store: "memry" is not a store of this version'],
    [['serve'], { HEADGATE_STORE: 'memry' }, 'HEADGATE_STORE: "memry" is not a store of this version'],
    [
      ['serve', '--log-level', 'verbose'],
      {},
      '"verbose" is not one of trace, debug, info, warn, error, fatal, silent; change --log-level',
    ],
    [['serve', '--shutdown-delay', '5 fortnights'], {}, 'give --shutdown-delay as 500ms, 5s or 0'],
    [['serve', '--drain-timeout', '2h'], {}, '"2h" is no time of at most 1h; give --drain-timeout'],
    [['serve'], { HEADGATE_DRAIN_TIMEOUT: '2h' }, 'give HEADGATE_DRAIN_TIMEOUT as 500ms, 5s or 0'],
    [['serve', '--prot', '1'], {}, '(Did you mean --port?)'],
    [['srve'], {}, '(Did you mean serve?)'],
  ])('%j %j ends with code 2', async (args, env, message) => {
    const { code, stdout, stderr } = await HeadgateProcess.run(args, env)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/s3cret|\n {4}at /)
  })

  it('names a host that is not ours', async () => {
    const { code, stderr } = await HeadgateProcess.run(['serve', '--host', '192.0.2.1', '--port', '0'])
    expect(code).toBe(1)
    expect(stderr).toContain('cannot listen on 192.0.2.1')
  })
})

describe('the other commands', () => {
  it('check says what a file admits', async () => {
    const { code, stdout } = await HeadgateProcess.run(['check', fixture])
    expect(code).toBe(0)
    expect(stdout).toContain('premium-writes/per-second: at most 20 at one instant, and 10 more each 1 s\n')
  })

  it('check ends with code 2 on a bad file', async () => {
    const { code, stderr } = await HeadgateProcess.run([
      'check',
      join(import.meta.dirname, '../../package.json'),
    ])
    expect(code).toBe(2)
    expect(stderr).toMatch(/package\.json:\d+:\d+ /)
  })

  it('schema prints what is published', async () => {
    const { code, stdout } = await HeadgateProcess.run(['schema'])
    const published = join(import.meta.dirname, '../../schema/headgate.schema.json')
    expect([code, stdout]).toEqual([0, readFileSync(published, 'utf8')])
  })

  it('--help fits one screen, and --version prints it', async () => {
    const { code, stdout } = await HeadgateProcess.run(['--help'])
    expect(code).toBe(0)
    expect(stdout.split('\n').length).toBeLessThanOrEqual(24)
    expect((await HeadgateProcess.run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
