/** A transport is added without touching another file: a line protocol, over the service that HTTP has as well. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { memoryStore } from 'headgate'
import { describe, expect, it, vi } from 'vitest'
import { listenAll, stopAll } from '../../src/cli/run-transports.ts'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'
import type { Transport } from '../../src/service/transport.ts'
import { createHttpTransport } from '../../src/transports/http/http-transport.ts'

const anyPort = {
  address: { host: '127.0.0.1', port: 0 },
  flag: '--port',
  maxConnections: 100,
  maxConnectionsPerPeer: 100,
  tls: null,
}

/** `alice 2` spends two units of alice: `ok 3`, `wait 1500`, or `error invalid-cost`. */
function createLineTransport(service: Service): Transport {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    createInterface(socket).on('line', (line) => void reply(service, socket, line))
  })
  return {
    name: 'line',
    listen: async () => {
      await once(server.listen(0, '127.0.0.1'), 'listening')
      return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    drain: () => void server.close(),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

async function reply(service: Service, socket: Socket, line: string): Promise<void> {
  socket.write(`${await answer(service, line)}\n`)
}

async function answer(service: Service, line: string): Promise<string> {
  const [user = '', cost] = line.split(' ')
  try {
    const requests = [{ who: { user }, cost: Number(cost) }]
    const { allowed, retryAfterMs, decisions } = await service.decide(requests, { transport: 'line' })
    return allowed ? `ok ${decisions[0]?.remaining}` : `wait ${retryAfterMs ?? 'never'}`
  } catch (reason) {
    return `error ${service.fail(reason, { transport: 'line' }).code}`
  }
}

function sampleService(): Service {
  return createService({
    configuration: {
      policies: [{ name: 'api', key: 'user', rules: [{ limit: '5/h', burst: 5 }] }],
      allow: {},
      deny: {},
      notInForce: [],
      hash: '',
    },
    store: { store: memoryStore(), label: 'memory', resilience: {}, ping: async () => {} },
  })
}

describe('a transport beside HTTP', () => {
  it('spends from the same budgets, is heard by the same listeners, and is stopped with it', async () => {
    const service = sampleService()
    const heard: string[] = []
    service.on('decision', ({ transport, decision }) => heard.push(`${transport} ${decision.reason}`))
    service.on('failure', ({ transport, failure }) => heard.push(`${transport} ${failure.code}`))
    const http = createHttpTransport(service, anyPort)
    const transports = [http, createLineTransport(service)]
    const [web, lines] = await listenAll(transports)
    const body = JSON.stringify({ attributes: { user: 'alice' }, cost: 2 })
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(`${web?.url}/v1/consume`, { method: 'POST', headers, body })).status).toBe(200)
    const { hostname, port } = new URL(lines?.url ?? '')
    const socket = connect(Number(port), hostname)
    const answers = createInterface(socket)[Symbol.asyncIterator]()
    const ask = async (line: string): Promise<string> => {
      socket.write(`${line}\n`)
      return String((await answers.next()).value)
    }
    expect(await ask('alice 3')).toBe('ok 0')
    expect(await ask('alice 6')).toBe('wait never')
    expect(await ask('alice x')).toBe('error invalid-cost')
    expect(heard).toEqual([
      'http within-limit',
      'line within-limit',
      'line cost-exceeds-capacity',
      'line invalid-cost',
    ])
    const closed = once(socket, 'close')
    await stopAll(transports, { drainMs: 1000, onCut: () => expect.unreachable() })
    await closed
    await service.close()
  })

  it('that cannot listen leaves no other one open', async () => {
    const service = sampleService()
    const first = createHttpTransport(service, anyPort)
    const url = await first.listen()
    const second = createHttpTransport(service, {
      ...anyPort,
      address: { host: '127.0.0.1', port: Number(new URL(url).port) },
    })
    const line = createLineTransport(service)
    const close = vi.spyOn(line, 'close')
    await expect(listenAll([line, second])).rejects.toThrow(/port \d+ on 127.0.0.1 is in use; .* --port$/)
    expect(close).toHaveBeenCalledOnce()
    await first.close()
    await service.close()
  })

  it('is cut off where it takes too long to finish', async () => {
    const events: string[] = []
    const slow: Transport = {
      name: 'slow',
      listen: async () => 'tcp://nowhere:1',
      drain: () => new Promise(() => {}),
      close: async () => void events.push('closed'),
    }
    await stopAll([slow], { drainMs: 1, onCut: () => events.push('cut') })
    expect(events).toEqual(['cut', 'closed'])
  })
})
