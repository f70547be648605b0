import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksOf, readDocuments } from '../../../limiter/test/docs/documents.ts'
import { HeadgateProcess } from './headgate-process.ts'

let folder: string

/** The scripts of the page, in their order. */
const [prepare, ask] = blocksOf(
  readDocuments().filter(({ path }) => path.endsWith('operations/listening.md')),
  'sh',
).map(({ text }) => text)

const sh = (script = ''): string =>
  execFileSync('sh', ['-ec', script], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-tls-'))
  sh(prepare)
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('docs/operations/listening.md', () => {
  it('has what it takes for TLS, and a certificate that is replaced is in force without a restart', async () => {
    await using headgate = await HeadgateProcess.serve([], {}, { folder })
    const { port } = new URL(headgate.url)
    expect(headgate.url).toBe(`https://127.0.0.1:${port}`)
    const curl = /^curl .*$/m.exec(ask ?? '')?.[0].replace(':8443', `:${port}`) ?? 'false'
    expect(sh(curl)).toContain('"live":true')
    // The same again, by the same authority.
    sh(prepare?.replace(/^openssl req -x509.*$/m, ''))
    const inForce = () => headgate.log.filter(({ msg }) => msg === 'a certificate is in force')
    await expect.poll(inForce).toHaveLength(2)
    const [before, after] = inForce()
    expect(after?.['fingerprint']).not.toBe(before?.['fingerprint'])
    expect(sh(curl)).toContain('"live":true')
    expect((await headgate.stop()).code).toBe(0)
  })

  it('has listeners that have TLS, and others that have none', async () => {
    const config = join(folder, 'admin.yaml')
    writeFileSync(config, 'tls: { certFile: tls.crt, keyFile: tls.key, listeners: [admin] }\npolicies: []\n')
    const args = ['-c', config, '--admin-port', '0', '--max-connections-per-peer', '1']
    await using headgate = await HeadgateProcess.serve(args, {}, { folder })
    const urls = headgate.log.flatMap(({ transport, url }) => (url === undefined ? [] : [[transport, url]]))
    expect(Object.fromEntries(urls)).toEqual({
      http: expect.stringMatching(/^http:/),
      admin: expect.stringMatching(/^https:/),
    })
    const socket = connect(Number(new URL(headgate.url).port), '127.0.0.1')
    await once(socket, 'connect')
    const second = connect(Number(new URL(headgate.url).port), '127.0.0.1').on('error', () => {})
    await once(second, 'close')
    await expect
      .poll(() => headgate.log)
      .toContainEqual(expect.objectContaining({ transport: 'http', reason: 'peer', level: 40 }))
    socket.destroy()
  })
})
