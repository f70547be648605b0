import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { proxyUpstreamShape, type UpstreamShape } from '../schema/proxy-upstream-shape.ts'
import { readUpstream } from './read-upstream.ts'

const APP = 'http://127.0.0.1:3000'
const path = ['proxy', 'upstream']

const read = (shape: UpstreamShape, folder = '/') =>
  readUpstream(proxyUpstreamShape.parse(shape), path, join(folder, 'headgate.yaml'))

describe('upstream', () => {
  it('is a target, with defaults', () => {
    expect(read(APP)).toEqual({
      targets: [APP],
      timeouts: { connectMs: 3000, firstByteMs: 30_000, idleMs: 60_000, totalMs: 0 },
      retries: 1,
      health: { path: null, intervalMs: 10_000, timeoutMs: 2000, failures: 3, ejectionMs: 10_000 },
      connectionsMax: 4096,
      host: 'keep',
      ca: null,
    })
    expect(read([APP, 'unix:/run/app.sock'])).toEqual({
      ...(read(APP) as object),
      targets: [APP, 'unix:/run/app.sock'],
    })
  })

  it('is what the file says', () => {
    expect(
      read({
        targets: ['HTTPS://App.example/'],
        timeouts: { connect: '500ms', firstByte: false, idle: false, total: '2m' },
        retries: 0,
        health: { path: '/healthz?a=b', interval: '5s', timeout: 100, failures: 1, ejection: '1m' },
        maxConnections: 8,
        host: 'target',
      }),
    ).toEqual({
      targets: ['https://app.example'],
      timeouts: { connectMs: 500, firstByteMs: 0, idleMs: 0, totalMs: 120_000 },
      retries: 0,
      health: { path: '/healthz?a=b', intervalMs: 5000, timeoutMs: 100, failures: 1, ejectionMs: 60_000 },
      connectionsMax: 8,
      host: 'target',
      ca: null,
    })
  })

  it.each([
    ['127.0.0.1:3000', '"127.0.0.1:3000" is no target'],
    ['http://', '"http://" is no target'],
    ['http:///x', '"http:///x" is no target'],
    ['ftp://app.example', '"ftp://app.example" is no target'],
    ['http://app.example:99999', '"http://app.example:99999" is no target'],
    ['http://me:secret@app.example', '"http://***@app.example" has credentials'],
    [`${APP}/api`, `"${APP}/api" has more than a host and a port`],
    [`${APP}?a=b`, `"${APP}" has more than a host and a port`],
    ['unix:app.sock', '"unix:app.sock" is no socket'],
  ])('cannot be %s', (target, message) => {
    expect(read(target)).toEqual([{ path, message: expect.stringContaining(message) }])
    const at = [...path, 'targets', 1]
    expect(read({ targets: [APP, target] })).toEqual([
      { path: at, message: expect.stringContaining(message) },
    ])
  })

  it('has each target once', () => {
    expect(read([APP, `${APP}/`])).toEqual([{ path: [...path, 1], message: `"${APP}" is there twice` }])
  })

  it('has authorities of a file for targets of https', () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-upstream-'))
    const pem = rootCertificates.slice(0, 2).join('\n')
    writeFileSync(join(folder, 'ca.pem'), pem)
    writeFileSync(
      join(folder, 'wrong.pem'),
      '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n',
    )
    const https = { targets: ['https://app.example'] }
    expect(read({ ...https, caFile: 'ca.pem' }, folder)).toMatchObject({ ca: pem })
    for (const caFile of ['none.pem', 'wrong.pem', '.']) {
      const message = expect.stringContaining('cannot be read as certificates')
      expect(read({ ...https, caFile }, folder)).toEqual([{ path: [...path, 'caFile'], message }])
    }
    expect(read({ targets: [APP], caFile: 'ca.pem' }, folder)).toEqual([
      { path: [...path, 'caFile'], message: 'is for targets of https, of which there is none' },
    ])
    rmSync(folder, { recursive: true })
  })

  it.each([
    [3000],
    [[]],
    [{}],
    [{ targets: [] }],
    [{ targets: [APP], timeouts: { connect: 'soon' } }],
    [{ targets: [APP], timeouts: { connect: true } }],
    [{ targets: [APP], retries: 6 }],
    [{ targets: [APP], health: { path: 'healthz' } }],
    [{ targets: [APP], health: { path: '/a b' } }],
    [{ targets: [APP], maxConnections: 0 }],
    [{ targets: [APP], host: 'other' }],
    [{ targets: [APP], weights: [1] }],
  ])('has not the shape of %j', (shape) => {
    expect(proxyUpstreamShape.safeParse(shape).success).toBe(false)
  })
})
