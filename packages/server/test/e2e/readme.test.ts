/** The README: its first command starts the service, and its lines to paste are answered. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { blocksOf, readDocuments, root } from '../../../limiter/test/docs/documents.ts'

/** Far above what it takes, on a busy machine too. */
const SOON = { timeout: 60_000, interval: 20 }
const DOCUMENTED_URL = 'http://127.0.0.1:8080'
const DOCUMENTED_ADMIN = 'http://127.0.0.1:9090'

const commands = blocksOf(
  readDocuments().filter(({ path }) => path === 'README.md'),
  'sh',
).flatMap(({ text }) => text.replaceAll('\\\n', '').split('\n'))
const pasted = commands.filter((line) => line.startsWith('curl '))
/** Of the other wires, with the ports that they are documented with. */
const WIRES = { grpc: '127.0.0.1:8081', resp: '-p 6380' } as const
const ofWires = commands.filter((line) => Object.values(WIRES).some((place) => line.includes(place)))

describe('the README', () => {
  it('starts the service with its first command, and has lines to paste that are answered', async () => {
    expect(commands[0]).toBe('npm ci && npm start')
    for (const route of ['/v1/consume', '/v1/explain']) {
      expect(pasted.filter((line) => line.includes(route))).not.toEqual([])
    }
    // A group of its own: npm, the shell and the service end together.
    const env = {
      ...process.env,
      HEADGATE_PORT: '0',
      HEADGATE_GRPC_PORT: '0',
      HEADGATE_RESP_PORT: '0',
      HEADGATE_ADMIN_PORT: '0',
      HEADGATE_SHUTDOWN_DELAY: '0s',
    }
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    const npm = spawn('npm', ['start'], { cwd: root, env, detached: true, stdio: [...stdio] })
    let output = ''
    for (const stream of [npm.stdout, npm.stderr]) stream?.on('data', (chunk) => (output += chunk))
    const closed = once(npm, 'close')
    try {
      const urlOf = (): string | undefined => /"url":"([^"]+)"/.exec(output)?.[1]
      await expect.poll(urlOf, SOON).toBeDefined()
      const portOf = (wire: string): string | undefined =>
        new RegExp(`"transport":"${wire}","url":"[^"]*:(\\d+)"`).exec(output)?.[1]
      const listeners = [...Object.keys(WIRES), 'admin']
      await expect.poll(() => listeners.map(portOf), SOON).not.toContain(undefined)
      for (const line of pasted) {
        const command = line
          .replaceAll(DOCUMENTED_URL, String(urlOf()))
          .replaceAll(DOCUMENTED_ADMIN, `http://127.0.0.1:${portOf('admin')}`)
        // The status of the last answer, whatever the line prints besides.
        const { stdout } = await promisify(execFile)('sh', ['-ec', `${command} -w '\\n%{http_code}\\n'`])
        expect(`${line}: ${stdout.trimEnd().split('\n').at(-1)}`).toMatch(/: (200|429)$/)
        expect(stdout).not.toContain('problem+json')
      }
      for (const line of ofWires) {
        const command = line
          .replaceAll(WIRES.grpc, `127.0.0.1:${portOf('grpc')}`)
          .replaceAll(WIRES.resp, `-p ${portOf('resp')}`)
        const { stdout } = await promisify(execFile)('sh', ['-ec', command], { cwd: root })
        expect(stdout.trim(), line).not.toBe('')
        expect(stdout).not.toMatch(/^(ERR|NO\w+) /m)
      }
    } finally {
      if (npm.pid !== undefined) process.kill(-npm.pid, 'SIGTERM')
      await closed
    }
  })
})
