import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listen } from '../../src/listener/listen.ts'
import { listenAddress } from '../../src/listener/listen-address.ts'
import { peerOf } from '../../src/listener/peer-of.ts'
import { ask, listening } from './listening-service.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-socket-'))
  path = join(folder, 'x.sock')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const toldBy = { flag: '--x-port' }

describe('listening on a Unix socket', () => {
  it('admits owner and group whatever the mask of the process, and leaves that as it was', async () => {
    const before = process.umask(0)
    const server = createServer()
    try {
      expect(await listen(server, { path }, toldBy)).toEqual({ path })
      expect(statSync(path).mode & 0o777).toBe(0o660)
      expect(process.umask()).toBe(0)
    } finally {
      process.umask(before)
      server.close()
    }
    await once(server, 'close')
    expect(existsSync(path)).toBe(false)
  })

  it.each([
    [
      'a file',
      () => writeFileSync(path, 'mine'),
      'x.sock is there and is no socket; remove it, or give another path',
    ],
    ['a folder', () => mkdirSync(path), 'x.sock is there and is no socket; remove it, or give another path'],
    ['no folder', () => rmSync(folder, { recursive: true }), 'there is no folder '],
    [
      'a file in place of the folder',
      () => {
        rmSync(folder, { recursive: true })
        writeFileSync(folder, '')
      },
      'there is no folder ',
    ],
  ])('refuses where there is %s, and removes nothing', async (_, prepare, message) => {
    prepare()
    const wasThere = existsSync(path)
    const attempt = listen(createServer(), { path }, toldBy)
    await expect(attempt).rejects.toThrow(message)
    await expect(attempt).rejects.toThrow('another path with --x-port')
    expect(existsSync(path)).toBe(wasThere)
  })

  it('leaves a socket alone that somebody listens on', async () => {
    const other = createServer((socket) => socket.end()).listen(path)
    await once(other, 'listening')
    const fix = `somebody listens on ${path}; stop that, or give another path with --x-port`
    await expect(listen(createServer(), { path }, toldBy)).rejects.toThrow(fix)
    expect(statSync(path).isSocket()).toBe(true)
    other.close()
    await once(other, 'close')
  })
})

describe('a peer on a Unix socket', () => {
  const forwarded = [
    'x-forwarded-uri: /',
    'x-forwarded-method: GET',
    'x-forwarded-for: 198.51.100.1, 10.0.0.3',
    'x-user-id: alice',
  ].map((line) => `${line}\r\n`)
  const file = (trusted: string): string =>
    `trustedProxies: [${trusted}]
attributes: { user: header.x-user-id, from: peer.ip }
policies: [{ name: p, key: [user, ip, from], missing: refuse, rules: [2/min] }]`

  it('is a trusted proxy where that is said, and has no address', async () => {
    await using server = await listening({ address: { path } }, file('unix, 10.0.0.0/8'))
    const answer = await ask(await server.connect(), '/v1/authorize', forwarded.join(''))
    expect(answer).toMatch(/^HTTP\/1.1 400 .*policy p needs the attribute \\"from/s)
    server.service.apply({
      ...server.service.configuration(),
      hash: 'next',
      policies: [{ name: 'p', key: ['user', 'ip'], missing: 'refuse', rules: ['2/min'] }],
    })
    expect(await ask(await server.connect(), '/v1/authorize', forwarded.join(''))).toMatch(/^HTTP\/1.1 200 /)
    const who = { user: 'alice', ip: '198.51.100.1' }
    const { decisions } = await server.service.decide([{ who, verb: 'peek', cost: 0 }], { transport: 'test' })
    expect(decisions[0]?.remaining).toBe(1)
  })

  it('is believed nothing where it is not', async () => {
    await using server = await listening({ address: { path } }, file('0.0.0.0/0'))
    const answer = await ask(await server.connect(), '/v1/authorize', forwarded.join(''))
    expect(answer).toMatch(/^HTTP\/1.1 403 .*only a gateway may ask/s)
  })

  it('is nobody on a port', async () => {
    await using server = await listening({}, file('unix'))
    const answer = await ask(await server.connect(), '/v1/authorize', forwarded.join(''))
    expect(answer).toMatch(/^HTTP\/1.1 403 .*only a gateway may ask/s)
  })
})

describe('a connection of TCP that has ended', () => {
  it('has no address either, and is not taken for one on a Unix socket', () => {
    expect(peerOf(new Socket())).toBeUndefined()
  })
})

describe('listenAddress', () => {
  it('is a port of the host, a path from the root, or nowhere', () => {
    expect(listenAddress('::1', 80)).toEqual({ host: '::1', port: 80 })
    expect(listenAddress('::1', { path: './x.sock' })).toEqual({ path: join(process.cwd(), 'x.sock') })
    expect(listenAddress('::1', 'off')).toBeNull()
  })
})
