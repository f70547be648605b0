import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Connections } from './connections.ts'

const TIMES = { ageMs: 1000, graceMs: 30 }
const FOREVER_MS = 2 ** 31 - 1

/** Connections, with what their injectors were told. */
function connections() {
  const told: string[] = []
  const createConnectionInjector = () => ({
    injectConnection: () => void told.push('inject'),
    drain: (graceMs: number) => void told.push(`drain ${graceMs}`),
    destroy: () => void told.push('destroy'),
  })
  return { told, open: new Connections({ createConnectionInjector }, TIMES) }
}

function socketOf(remotePort: number): Socket {
  return Object.assign(new EventEmitter(), { remoteAddress: '192.0.2.1', remotePort }) as Socket
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a connection', () => {
  it('ends at its age, give or take a tenth', () => {
    const { told, open } = connections()
    open.take(socketOf(1))
    vi.advanceTimersByTime(899)
    expect(told).toEqual(['inject'])
    vi.advanceTimersByTime(201)
    expect(told).toEqual(['inject', 'drain 30'])
  })

  it('has no age where it is kept, and the next one of its peer has', () => {
    const { told, open } = connections()
    const kept = socketOf(1)
    open.take(kept)
    open.keep('192.0.2.1:1')
    vi.advanceTimersByTime(10_000)
    expect(told).toEqual(['inject'])
    kept.emit('close')
    open.take(socketOf(1))
    vi.advanceTimersByTime(1100)
    expect(told).toEqual(['inject', 'destroy', 'inject', 'drain 30'])
  })

  it('has no age on a Unix socket', () => {
    const { told, open } = connections()
    const socket = socketOf(0)
    open.take(Object.assign(socket, { remoteAddress: undefined }))
    vi.advanceTimersByTime(10_000)
    expect(told).toEqual(['inject'])
  })

  it('is told to end with the process, also where it comes later, and not once it is gone', () => {
    const { told, open } = connections()
    const gone = socketOf(1)
    open.take(gone)
    gone.emit('close')
    open.take(socketOf(2))
    open.drain()
    open.take(socketOf(3))
    const last = `drain ${FOREVER_MS}`
    expect(told).toEqual(['inject', 'destroy', 'inject', last, 'inject', last])
    open.destroy()
    expect(told.slice(-2)).toEqual(['drain 0', 'drain 0'])
  })
})
