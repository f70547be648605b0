import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { expect, it } from 'vitest'
import { CERTIFICATES, tlsOf } from '../protocol/secure-listener.ts'
import { Cleanups } from './cleanups.ts'
import { startProxy } from './proxy-under-test.ts'

it('I-05 clients of TLS on a Unix socket are of this machine, by either version of HTTP', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-unix-'))
  using cleanup = new Cleanups()
  cleanup.defer(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'socket')
  const tls = await tlsOf(CERTIFICATES.server)
  const yaml = 'policies: []\nproxy: { http2: true }\ntls: { certFile: a, keyFile: a }'
  const { ca } = CERTIFICATES
  await using proxy = await startProxy(yaml, { listener: { address: { path }, tls } })
  const options = { socketPath: path, headers: { host: 'localhost' }, ca, servername: 'localhost' }
  const [first] = await once(request({ ...options, agent: false }).end(), 'response')
  await once(first.resume(), 'end')
  const createConnection = () => connectTls({ path, ca, servername: 'localhost', ALPNProtocols: ['h2'] })
  const session = connect('https://localhost', { createConnection })
  cleanup.defer(() => session.destroy())
  const [second] = await once(session.request({ ':path': '/' }).resume(), 'response')
  expect([first.statusCode, second[':status']]).toEqual([200, 200])
  await expect.poll(() => proxy.ended.map(({ ip }) => ip)).toEqual(['unix', 'unix'])
})
