/** TLS in front of the proxy: which certificate is shown to whom, and what becomes of it while connections are open. */
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Certificate } from '../../../limiter/test/harness/certificates.ts'
import { type Certificate as Opened, openCertificate } from '../../src/cli/use-certificate.ts'
import { readTls } from '../../src/config/tls/read-tls.ts'
import type { TlsFiles } from '../../src/config/tls/tls-files.ts'
import { CERTIFICATES, pemOf } from '../protocol/secure-listener.ts'
import { type ProxyUnderTest, startProxy } from './proxy-under-test.ts'

const { ca, server, renewed, client, stranger, expired, wrongHost: elsewhere } = CERTIFICATES
const ELSEWHERE = 'elsewhere.example'
const LOCAL = 'DNS:localhost, IP Address:127.0.0.1'

let folder: string
let files: TlsFiles
let opened: Opened
let proxy: ProxyUnderTest
let stop: () => void

const host = (): { certFile: string; keyFile: string } => ({
  certFile: join(folder, 'host.crt'),
  keyFile: join(folder, 'host.key'),
})

/** Replaces both files by renames. */
function put(
  { cert, key }: Certificate,
  { certFile, keyFile }: Pick<TlsFiles, 'certFile' | 'keyFile'>,
): void {
  for (const [from, to] of [
    [cert, certFile],
    [key, keyFile],
  ] as const) {
    copyFileSync(from, `${to}.new`)
    renameSync(`${to}.new`, to)
  }
}

async function start(clientCa: string | null = null): Promise<void> {
  const clientCaFile = clientCa && join(folder, 'ca.pem')
  if (clientCaFile !== null) writeFileSync(clientCaFile, clientCa as string)
  files = {
    certFile: join(folder, 'tls.crt'),
    keyFile: join(folder, 'tls.key'),
    certificates: [{ hosts: [ELSEWHERE], ...host() }],
    clientCaFile,
    listeners: ['proxy'],
  }
  put(server, files)
  put(elsewhere, host())
  opened = await openCertificate(files)
  proxy = await startProxy('{ policies: [], proxy: {} }', { listener: { tls: opened.tls } })
  stop = opened.follow(proxy.service)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-sni-'))
})

afterEach(async () => {
  stop()
  await proxy[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function connectTo(servername: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({
    port: proxy.port,
    host: '127.0.0.1',
    servername,
    ca,
    checkServerIdentity: () => undefined,
    ...options,
  })
  await once(socket, 'secureConnect')
  return socket.on('error', () => {})
}

/** The alternative names of the certificate that is shown. */
async function shownTo(servername: string): Promise<string | undefined> {
  const socket = await connectTo(servername)
  const { subjectaltname } = socket.getPeerCertificate()
  socket.destroy()
  return subjectaltname
}

/** What comes back for a request, until the connection is closed. */
async function ask(socket: TLSSocket, connection = 'close'): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => (text += chunk))
  socket.write(`GET / HTTP/1.1\r\nhost: ${ELSEWHERE}\r\nconnection: ${connection}\r\n\r\n`)
  if (connection === 'close') await new Promise((resolve) => socket.once('close', resolve))
  else await expect.poll(() => text).toContain('hello')
  return text
}

describe('a proxy with certificates for hosts', () => {
  it('shows each client that of the host which it names, and all others the one of all', async () => {
    await start()
    expect(await shownTo(ELSEWHERE)).toBe(`DNS:${ELSEWHERE}`)
    expect(await shownTo(ELSEWHERE.toUpperCase())).toBe(`DNS:${ELSEWHERE}`)
    expect(await shownTo('localhost')).toBe(LOCAL)
    expect(await shownTo('')).toBe(LOCAL)
    expect(await ask(await connectTo(ELSEWHERE))).toMatch(/^HTTP\/1\.1 200 .*hello/s)
  })

  it('puts files in force that change together or not at all, and serves connections that are open', async () => {
    await start()
    const kept = await connectTo(ELSEWHERE)
    await ask(kept, 'keep-alive')
    const told: string[] = []
    proxy.service.on('certificate-rejected', ({ message }) => told.push(message))
    put(renewed, files)
    put(client, host())
    await expect
      .poll(() => told)
      .toEqual([expect.stringMatching(/^tls\.certificates\[0\]\.certFile: .* is not for elsewhere/)])
    expect(await shownTo(ELSEWHERE)).toBe(`DNS:${ELSEWHERE}`)
    expect(opened.tls.current.cert).toBe(readFileSync(server.cert, 'utf8'))
    put(elsewhere, host())
    await expect.poll(() => opened.tls.current.cert).toBe(readFileSync(renewed.cert, 'utf8'))
    expect(await shownTo(ELSEWHERE)).toBe(`DNS:${ELSEWHERE}`)
    expect(await ask(kept)).toContain('hello')
  })

  it('asks clients of each host for a certificate', async () => {
    await start(ca)
    for (const servername of [ELSEWHERE, 'localhost']) {
      for (const pair of [null, stranger]) {
        // Of TLS 1.3 a client learns after its handshake that it was refused.
        const socket = await connectTo(servername, pair === null ? {} : pemOf(pair))
        expect(await ask(socket)).toBe('')
      }
    }
    expect(proxy.seen).toEqual([])
    expect(await ask(await connectTo(ELSEWHERE, pemOf(client)))).toContain('hello')
    expect(proxy.seen).toHaveLength(1)
  })

  it('names the file and its place where one is wrong', async () => {
    await start()
    put(server, host())
    await expect(readTls(files)).rejects.toThrow(
      /^tls\.certificates\[0\]\.certFile: .*host\.crt is not for elsewhere\.example; leave that out/,
    )
    copyFileSync(elsewhere.cert, host().certFile)
    await expect(readTls(files)).rejects.toThrow(/^tls\.certificates\[0\]\.keyFile: .* is not the key of/)
    put(elsewhere, host())
    const { notAfterMs } = await readTls(files)
    put(expired, files)
    expect((await readTls(files)).notAfterMs).toBeLessThan(notAfterMs)
  })
})
