/** TLS of a listener over real sockets, with certificates of openssl. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { connect } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { type Certificate, certificates } from '../../../limiter/test/harness/certificates.ts'
import { readTls } from '../../src/config/tls/read-tls.ts'
import { TlsInForce } from '../../src/listener/tls-in-force.ts'
import { type ListeningService, listening, targetOf } from './listening-service.ts'

const { ca, wrongCa, server, renewed, client, stranger } = certificates()

async function materialOf(pair: Certificate, clientCa: string | null = null) {
  const files = {
    certFile: pair.cert,
    keyFile: pair.key,
    certificates: [],
    clientCaFile: null,
    listeners: [],
  }
  return { ...(await readTls(files)), clientCa }
}

async function secured(clientCa: string | null = null): Promise<ListeningService & { tls: TlsInForce }> {
  const tls = new TlsInForce(await materialOf(server, clientCa))
  return { ...(await listening({ tls })), tls }
}

const pem = ({ cert, key }: Certificate) => ({ cert: readFileSync(cert), key: readFileSync(key) })

/** What a request is answered with on a connection of its own: a status, or why there is none. */
async function get(url: string, options: ConnectionOptions = {}): Promise<number | string> {
  const sent = request(`${url}/livez`, { ca, agent: false, ...options }).end()
  try {
    const [response] = await once(sent, 'response')
    response.resume()
    return response.statusCode
  } catch (reason) {
    return (reason as NodeJS.ErrnoException).code ?? String(reason)
  }
}

async function handshake(url: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ ...targetOf(url), ca, ...options } as ConnectionOptions)
  await once(socket, 'secureConnect')
  return socket
}

describe('a listener with TLS', () => {
  it('is https, for TLS 1.2 and later only, and its answers are those of HTTP', async () => {
    await using at = await secured()
    expect(at.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    expect(await get(at.url, { maxVersion: 'TLSv1.2' })).toBe(200)
    expect(await get(at.url, { minVersion: 'TLSv1.3' })).toBe(200)
    expect(at.refused).toEqual([])
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    expect(await get(at.url, old)).toBe('EPROTO')
    expect(at.refused).toEqual(['handshake'])
  })

  it('closes what is no TLS without an answer, and counts nobody who only looks whether it is there', async () => {
    await using at = await secured()
    const plain = connect(targetOf(at.url))
    let answer = ''
    plain.on('data', (chunk) => (answer += chunk)).on('error', () => {})
    plain.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n')
    await once(plain, 'close')
    expect(answer).toBe('')
    await expect.poll(() => at.refused).toEqual(['handshake'])
    const probe = connect(targetOf(at.url))
    await once(probe, 'connect')
    probe.destroy()
    expect(await get(at.url)).toBe(200)
    await expect.poll(() => at.transport.connections?.()).toBe(0)
    expect(at.refused).toEqual(['handshake'])
  })

  it('limits connections before their handshake', async () => {
    const tls = new TlsInForce(await materialOf(server))
    await using at = await listening({ tls, maxConnectionsPerPeer: 1 })
    await at.connect()
    expect(await get(at.url)).toBe('ECONNRESET')
    expect(at.refused).toEqual(['peer'])
  })
})

describe('a listener with an authority for clients', () => {
  it.each([
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
    ['TLS 1.3', { minVersion: 'TLSv1.3' }],
  ] as const)('takes those with a certificate of it, and nobody else, by %s', async (_, version) => {
    await using at = await secured(ca)
    let requests = 0
    at.service.on('failure', () => requests++)
    expect(await get(at.url, { ...version, ...pem(client) })).toBe(200)
    expect(await get(at.url, version)).toMatch(/ALERT|ECONNRESET|EPIPE|PROTO/)
    expect(await get(at.url, { ...version, ...pem(stranger) })).toMatch(/ALERT|ECONNRESET|EPIPE|PROTO/)
    await expect.poll(() => at.refused).toEqual(['handshake', 'handshake'])
    expect(requests).toBe(0)
  })

  it('takes those of another authority when that is in force, and no longer those of before', async () => {
    await using at = await secured(ca)
    const kept = await handshake(at.url, { ...pem(client), maxVersion: 'TLSv1.2' })
    const session = kept.getSession()
    at.tls.replace(await materialOf(server, wrongCa))
    expect(await get(at.url, pem(stranger))).toBe(200)
    expect(await get(at.url, pem(client))).toMatch(/ALERT|ECONNRESET|EPIPE|PROTO/)
    // What was verified by the old authority is not believed again by its session.
    const resumed = { ...pem(client), maxVersion: 'TLSv1.2', ...(session && { session }) } as const
    expect(await get(at.url, resumed)).toMatch(/ALERT|ECONNRESET|EPIPE|PROTO/)
    kept.destroy()
  })
})

describe('a certificate that is replaced', () => {
  it('is that of new connections, and fails no request of any', async () => {
    await using at = await secured()
    const before = (await handshake(at.url)).getPeerX509Certificate()?.fingerprint256
    const agent = new Agent({ keepAlive: true, ca, maxSockets: 4 })
    const answers: unknown[] = []
    const kept = await handshake(at.url)
    let stop = false
    const ask = async (): Promise<void> => {
      while (!stop) answers.push(await get(at.url, { agent } as ConnectionOptions), await get(at.url))
    }
    const asking = [ask(), ask()]
    for (const pair of [renewed, server, renewed]) {
      at.tls.replace(await materialOf(pair))
      const seen = answers.length
      await expect.poll(() => answers.length).toBeGreaterThan(seen + 10)
    }
    stop = true
    await Promise.all(asking)
    agent.destroy()
    expect(new Set(answers)).toEqual(new Set([200]))
    const after = await handshake(at.url)
    const shown = after.getPeerX509Certificate()?.fingerprint256
    expect(shown).toBe(at.tls.current.fingerprint)
    expect(shown).not.toBe(before)
    // One of before goes on.
    kept.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n')
    expect(String((await once(kept, 'data'))[0])).toMatch(/^HTTP\/1.1 200/)
    for (const socket of [kept, after]) socket.destroy()
  })
})
