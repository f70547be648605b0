/** `headgate proxy --wrap`: the app is its child, is reached through it, and says how it ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

const SOON = { timeout: 20_000, interval: 20 }
const folder = mkdtempSync(join(tmpdir(), 'headgate-proxy-wrap-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The command of an app that listens at SIGUSR1, and ends with 5 at SIGTERM. */
const COMMAND = commandOf(
  'app',
  `import { createServer } from 'node:http'
const held = []
const server = createServer((request, response) => {
  if (request.url === '/end') process.exit(3)
  if (request.url === '/held') {
    held.push(response)
    console.log('{"msg":"held"}')
  } else response.end(JSON.stringify(Object.keys(process.env).filter((name) => name.startsWith('HEADGATE_'))))
})
process.on('SIGUSR1', () => server.listen(process.env.PORT))
process.on('SIGUSR2', () => held.forEach((response) => response.end('at last')))
process.on('SIGTERM', () => process.exit(5))
// A test that fails kills the proxy, and nobody is left to end this one.
const parent = process.ppid
setInterval(() => process.ppid === parent || process.exit(), 50)
console.log('{"msg":"app"}')`,
)

function commandOf(name: string, text: string): string {
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, text)
  return `${process.execPath} ${file}`
}

/** Starts it, and waits until the app hears signals. */
async function wrapping(command = COMMAND, args: readonly string[] = []): Promise<HeadgateProcess> {
  const headgate = await HeadgateProcess.proxy(['--wrap', command, '--admin-port', '0', ...args])
  await said(headgate, 'app')
  return headgate
}

async function said(headgate: HeadgateProcess, message: string): Promise<void> {
  await expect.poll(() => headgate.log.some(({ msg }) => msg === message), SOON).toBe(true)
}

async function readiness({ adminUrl }: HeadgateProcess): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${adminUrl}/readyz`)
  return { status: answer.status, text: await answer.text() }
}

async function listening(headgate: HeadgateProcess): Promise<void> {
  headgate.child.kill('SIGUSR1')
  await expect.poll(async () => (await readiness(headgate)).status, SOON).toBe(200)
}

describe('a wrapped app', () => {
  it('has the proxy wait until it listens, gets its signals, and learns nothing of its settings', async () => {
    await using headgate = await wrapping()
    expect(await readiness(headgate)).toMatchObject({
      status: 503,
      text: expect.stringContaining('the app does not listen yet'),
    })
    await listening(headgate)
    const response = await fetch(headgate.url)
    expect([response.status, await response.json()]).toEqual([200, []])
    expect(response.headers.get('ratelimit')).toContain('address')
  })

  it('ends the proxy with its own exit code', async () => {
    await using headgate = await wrapping()
    await listening(headgate)
    expect((await fetch(`${headgate.url}/end`)).status).toBe(502)
    expect((await headgate.ended()).code).toBe(3)
  })

  it('gets SIGTERM once requests have ended', async () => {
    await using headgate = await wrapping()
    await listening(headgate)
    const held = fetch(`${headgate.url}/held`)
    await said(headgate, 'held')
    headgate.child.kill('SIGTERM')
    await said(headgate, 'stopping')
    headgate.child.kill('SIGUSR2')
    const response = await held
    expect([response.status, await response.text()]).toEqual([200, 'at last'])
    expect((await headgate.ended()).code).toBe(5)
  })

  it('that is not there ends the proxy with 127', async () => {
    const { code } = await HeadgateProcess.run(['proxy', '--port', '0', '--wrap', join(folder, 'nothing')])
    expect(code).toBe(127)
  })

  it('is not started where the configuration is wrong', async () => {
    const file = join(folder, 'wrong.yaml')
    writeFileSync(file, 'policies: []\nproxy: { maxBody: many }')
    const { code, stdout } = await HeadgateProcess.run([
      'proxy',
      '--port',
      '0',
      '--config',
      file,
      '--wrap',
      COMMAND,
    ])
    expect([code, stdout]).toEqual([2, ''])
  })
})
