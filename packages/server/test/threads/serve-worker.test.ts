/** One worker of `headgate serve`, by itself. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { expect, it } from 'vitest'
import { resolveOptions } from '../../src/cli/option-table.ts'
import { SERVE_OPTIONS } from '../../src/cli/serve-options.ts'
import { parseConfig } from '../../src/config/config.ts'
import { LINE_BUDGET_BYTES } from '../../src/telemetry/log/line-budget.ts'
import { limitsMemory } from '../../src/threads/limits-memory.ts'
import { WorkerThread } from '../../src/threads/worker-thread.ts'
import { CERTIFICATES, tlsOf } from '../protocol/secure-listener.ts'

const ENTRY = new URL('../../src/cli/serve-worker.ts', import.meta.url)

/** Of a worker that waits for this store. */
function settingsOf(url: string): object {
  const flags = { port: '0', grpcPort: 'off', respPort: 'off', logLevel: 'silent' }
  const options = resolveOptions(SERVE_OPTIONS, flags, {})
  const lineBudget = new SharedArrayBuffer(LINE_BUDGET_BYTES)
  return {
    options,
    stores: { stores: { main: { url, prefix: 'headgate' } }, resilience: {} },
    shared: { memories: {}, scope: '' },
    tlsListeners: ['http'],
    waitingLines: new Int32Array(new SharedArrayBuffer(8)),
    limits: limitsMemory({ workers: 1, wires: ['http'], maxConnections: options.maxConnections }),
    lineBudgets: { decisions: lineBudget, rejections: lineBudget, denials: lineBudget },
    counts: false,
    otel: null,
  }
}

async function shownBy(url: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

it('shows the certificate that came while it waited for its store', async () => {
  const [first, second] = await Promise.all([tlsOf(CERTIFICATES.server), tlsOf(CERTIFICATES.renewed)])
  const text = 'policies: [{ name: api, key: user, rules: [5/min] }]'
  const { hash, policies, allow, deny, notInForce } = parseConfig(text, 'headgate.yaml')
  const silent = createServer((socket) => sockets.push(socket))
  const sockets: Socket[] = []
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const store = `redis://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const thread = new WorkerThread({ worker: 1, entry: ENTRY, settings: settingsOf(store) })
  thread.link.answer('begin', () => {
    setImmediate(() => thread.link.tell('certificate', second.current))
    return {
      configuration: { hash, policies, allow, deny, notInForce },
      rejected: null,
      isDraining: false,
      certificate: first.current,
      ports: {},
    }
  })
  try {
    await thread.serves
    const { fingerprint256 } = new X509Certificate(second.current.cert)
    await expect.poll(() => shownBy(thread.wires[0]?.url ?? '')).toBe(fingerprint256)
  } finally {
    await thread.terminate()
    for (const socket of sockets) socket.destroy()
    silent.close()
  }
})
