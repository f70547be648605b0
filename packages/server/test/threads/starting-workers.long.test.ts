/** `headgate serve --workers`: processes that start, more than one at once, or told to stop meanwhile. */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PortLocks } from '../../src/cli/port-locks.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

const CONFIG = `version: 1
policies: [{ name: api, key: user, rules: [1000/day] }]
`

describe('workers that start', () => {
  it('are those of one process where two are started at once on the same port', async () => {
    const port = await freePort()
    const inUse = `port ${port} on 127.0.0.1 is in use; stop what listens there, or give another with --port\n`
    for (let round = 0; round < 3; round++) {
      await using first = new HeadgateProcess(['serve', '--workers', '2', '--port', String(port)])
      await using second = new HeadgateProcess(['serve', '--workers', '2', '--port', String(port)])
      const both = [first, second]
      const known = () => both.every((one) => one.child.exitCode !== null || listens(one))
      await expect.poll(known, { timeout: 50_000 }).toBe(true)
      const ended = both.filter((one) => !listens(one))
      const ends = await Promise.all(ended.map((one) => one.ended()))
      expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual([[1, inUse]])
    }
  })

  it('keep a port that the system chose from others who ask for it, by whatever name', async () => {
    await using headgate = await HeadgateProcess.serve(['--workers', '2'])
    const locks = new PortLocks()
    const port = Number(new URL(headgate.url).port)
    await expect(locks.take({ host: 'localhost', port }, { flag: '--port' })).rejects.toThrow('is in use')
    await headgate.stop()
    await locks.take({ host: '127.0.0.1', port }, { flag: '--port' })
    locks.release()
  })

  it('are told to stop before all of them have begun', async () => {
    using config = new ConfigFolder(CONFIG)
    const path = join(config.folder, 'http.sock')
    const args = ['--workers', '2', '--port', path, '--grpc-port', '0', '--config', config.file]
    // The second one never begins.
    await using headgate = new HeadgateProcess(['serve', '--shutdown-delay', '0', ...args], {
      NODE_OPTIONS: `--import ${new URL('fixtures/never-begins.ts', import.meta.url).href}`,
    })
    await expect.poll(() => existsSync(path), { timeout: 60_000 }).toBe(true)
    expect(await statusOf(path, '/readyz')).toBe(200)
    const { code, stderr } = await headgate.stop()
    expect([code, stderr]).toEqual([0, ''])
    expect(headgate.log.map(({ msg }) => msg).slice(-2)).toEqual(['stopping', 'stopped'])
  })
})

function listens({ log }: HeadgateProcess): boolean {
  return log.some(({ transport, workers }) => transport === 'http' && workers === 2)
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function statusOf(socketPath: string, path: string): Promise<number | undefined> {
  const asked = request({ socketPath, path, agent: false }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}
