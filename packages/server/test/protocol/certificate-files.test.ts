/** The files of a certificate: what is wrong with them, and how changes are noticed. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Certificate, certificates } from '../../../limiter/test/harness/certificates.ts'
import { check } from '../../src/cli/check.ts'
import { type Certificate as Opened, openCertificate } from '../../src/cli/use-certificate.ts'
import { expiryWarning } from '../../src/config/tls/expiry.ts'
import { readTls } from '../../src/config/tls/read-tls.ts'
import type { TlsFiles } from '../../src/config/tls/tls-files.ts'
import { TlsReloader } from '../../src/config/tls/tls-reloader.ts'
import type { ServiceEvents } from '../../src/service/events.ts'

const { ca, server, renewed, expired } = certificates()

let folder: string
let files: TlsFiles

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-tls-'))
  files = {
    certFile: join(folder, 'tls.crt'),
    keyFile: join(folder, 'tls.key'),
    certificates: [],
    clientCaFile: null,
    listeners: ['http'],
  }
  put(server)
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Replaces both files by renames. */
function put({ cert, key }: Certificate): void {
  for (const [from, to] of [
    [cert, files.certFile],
    [key, files.keyFile],
  ] as const) {
    copyFileSync(from, `${to}.new`)
    renameSync(`${to}.new`, to)
  }
}

describe('the files of a certificate', () => {
  it.each<[string, string, () => void, RegExp]>([
    ['missing', 'tls.certFile', () => rmSync(files.certFile), /tls\.crt does not exist; check the path$/],
    ['missing', 'tls.keyFile', () => rmSync(files.keyFile), /tls\.key does not exist; check the path$/],
    ['empty', 'tls.certFile', () => writeFileSync(files.certFile, ''), /has no certificate in PEM$/],
    [
      'cut off',
      'tls.certFile',
      () => writeFileSync(files.certFile, readFileSync(files.certFile, 'utf8').replace(/\n.{40}/, '\n')),
      /has a certificate that cannot be read/,
    ],
    ['no key', 'tls.keyFile', () => copyFileSync(server.cert, files.keyFile), /has no private key in PEM/],
    [
      'of two pairs',
      'tls.keyFile',
      () => copyFileSync(renewed.key, files.keyFile),
      /tls\.key is not the key of the certificate in .*tls\.crt; give both of one pair$/,
    ],
    [
      'an authority that is none',
      'tls.clientCaFile',
      () => (files = { ...files, clientCaFile: server.key }),
      /has no certificate in PEM$/,
    ],
    ['a folder', 'tls.certFile', () => (files = { ...files, certFile: folder }), /is a folder/],
  ])('are refused where they are %s, at %s', async (_, path, spoil, message) => {
    spoil()
    await expect(readTls(files)).rejects.toMatchObject({
      code: 'invalid-config',
      path,
      detail: expect.stringMatching(message),
    })
  })

  it('may have expired, which is said, as is that they will within 14 days', async () => {
    const { notAfterMs } = await readTls({ ...files, certFile: expired.cert, keyFile: expired.key })
    expect(notAfterMs).toBeLessThan(Date.now())
    const day = 86_400_000
    expect(expiryWarning({ notAfterMs }, notAfterMs)).toContain('expired at 20')
    expect(expiryWarning({ notAfterMs }, notAfterMs - 1)).toContain('expires in less than a day')
    expect(expiryWarning({ notAfterMs }, notAfterMs - 14 * day)).toContain('expires in 14 days, at 20')
    expect(expiryWarning({ notAfterMs }, notAfterMs - 14 * day - 1)).toBeNull()
  })
})

describe('a certificate that is followed', () => {
  type Told = [name: string, event: ServiceEvents['certificate' | 'certificate-rejected']]
  let told: Told[]
  let opened: Opened
  let stop: () => void

  beforeEach(async () => {
    told = []
    opened = await openCertificate(files)
    stop = opened.follow({ tell: (name, event) => told.push([name, event as Told[1]]) })
  })

  afterEach(() => stop())

  const inForce = (): string => opened.tls.current.cert

  it('is told of at the start, and noticed when its files are replaced', async () => {
    const { fingerprint, notAfterMs } = opened.tls.current
    expect(told).toEqual([['certificate', { fingerprint, notAfterMs, isNew: true }]])
    put(renewed)
    await expect.poll(inForce).toBe(readFileSync(renewed.cert, 'utf8'))
    expect(told).toHaveLength(2)
    expect(told[1]?.[1]).toMatchObject({ isNew: true, fingerprint: opened.tls.current.fingerprint })
    expect(opened.tls.current.fingerprint).not.toBe(fingerprint)
  })

  it('stays where the new files are wrong, which is told once with the reason, as is that they are right again', async () => {
    const before = opened.tls.current
    copyFileSync(renewed.cert, files.certFile)
    const told2 = (): unknown => told[1]?.[0]
    await expect.poll(told2).toBe('certificate-rejected')
    const { fingerprint, notAfterMs } = before
    expect(told[1]?.[1]).toMatchObject({
      fingerprint,
      notAfterMs,
      message: expect.stringMatching(/^tls\.keyFile: .* is not the key of the certificate/),
    })
    process.emit('SIGHUP')
    process.emit('SIGHUP')
    expect(opened.tls.current).toBe(before)
    put(server)
    await expect.poll(() => told.at(-1)).toEqual(['certificate', { fingerprint, notAfterMs, isNew: false }])
    expect(told).toHaveLength(3)
  })

  it('is read at SIGHUP', async () => {
    put(renewed)
    process.emit('SIGHUP')
    await expect.poll(inForce).toBe(readFileSync(renewed.cert, 'utf8'))
  })
})

describe('the reloader of a certificate', () => {
  it('keeps one that is good in place of one that has expired, and takes that in place of another expired one', async () => {
    const messages: string[] = []
    let current = await readTls(files)
    const reloader = (now: number) =>
      new TlsReloader({
        files,
        now: () => now,
        target: {
          get current() {
            return current
          },
          apply: (material) => (current = material),
          reject: (message) => messages.push(message),
        },
      })
    put(expired)
    await reloader(Date.now()).reload()
    expect(messages).toEqual([expect.stringMatching(/^tls: a certificate expired at 20/)])
    expect(current.cert).toBe(readFileSync(server.cert, 'utf8'))
    await reloader(current.notAfterMs).reload()
    expect(messages).toHaveLength(1)
    expect(current.cert).toBe(readFileSync(expired.cert, 'utf8'))
  })
})

describe('links of a ConfigMap', () => {
  it('are followed to the files that they lead to', async () => {
    const version = (name: string, { cert, key }: Certificate): void => {
      mkdirSync(join(folder, name))
      copyFileSync(cert, join(folder, name, 'tls.crt'))
      copyFileSync(key, join(folder, name, 'tls.key'))
    }
    const mount = join(folder, 'mount')
    mkdirSync(mount)
    version('one', server)
    version('two', renewed)
    symlinkSync('../one', join(mount, '..data'))
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(`..data/${name}`, join(mount, name))
    const opened = await openCertificate({
      ...files,
      certFile: join(mount, 'tls.crt'),
      keyFile: join(mount, 'tls.key'),
    })
    const stop = opened.follow({ tell: () => {} })
    symlinkSync('../two', join(mount, '..new'))
    renameSync(join(mount, '..new'), join(mount, '..data'))
    await expect.poll(() => opened.tls.current.cert).toBe(readFileSync(renewed.cert, 'utf8'))
    stop()
  })
})

describe('headgate check', () => {
  const said: string[] = []
  const print = { ...console }

  beforeEach(() => {
    said.length = 0
    console.log = console.error = (line: string) => void said.push(line)
  })
  afterEach(() => Object.assign(console, print))

  const checked = async (tls: string): Promise<number> => {
    const file = join(folder, 'headgate.yaml')
    writeFileSync(file, `tls: ${tls}\npolicies: []\n`)
    const serve = { store: undefined, onStoreError: undefined } as Parameters<typeof check>[0]['serve']
    return check({ files: [file], serve, env: {}, json: false })
  }

  it('reads the files of TLS beside the configuration, and warns of their end', async () => {
    writeFileSync(join(folder, 'ca.pem'), ca)
    expect(await checked('{ certFile: tls.crt, keyFile: tls.key, clientCaFile: ca.pem }')).toBe(0)
    expect(said.join()).toMatch(/warning: tls: a certificate expires in (1 day|2 days), at 20/)
    put(renewed)
    expect(await checked('{ certFile: tls.crt, keyFile: tls.key, listeners: [http] }')).toBe(0)
    expect(said.at(-1)).not.toContain('warning')
  })

  it.each([
    [
      '{ certFile: none.crt, keyFile: tls.key }',
      /^tls\.certFile: .*none\.crt does not exist; check the path$/,
    ],
    ['{ certFile: tls.crt }', /headgate\.yaml:1:\d+ tls\.keyFile: is missing|tls: /],
    ['{ certFile: tls.crt, keyFile: tls.key, listeners: [htp] }', /tls\.listeners\[0\]/],
  ])('names the mistake in %s', async (tls, message) => {
    expect(await checked(tls)).toBe(2)
    expect(said).toEqual([expect.stringMatching(message)])
  })
})
