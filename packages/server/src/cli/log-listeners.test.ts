import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { Events } from '../service/events.ts'
import { logListeners } from './log-listeners.ts'

let events: Events
let lines: Record<string, unknown>[]

beforeEach(() => {
  events = new Events()
  lines = []
  const log = pino({ base: null }, { write: (line) => lines.push(JSON.parse(line)) })
  logListeners(log, { on: (name, listener) => events.on(name, listener) })
})

describe('the log of listeners', () => {
  it('has a line for a flood of refused connections, a kind and a listener', () => {
    for (let i = 0; i < 1000; i++) {
      events.emit('connection-refused', { transport: 'http', reason: 'peer' })
      events.emit('connection-refused', { transport: 'http', reason: 'total' })
      events.emit('connection-refused', { transport: 'admin', reason: 'peer' })
    }
    expect(lines.map(({ transport, reason, level }) => [transport, reason, level])).toEqual([
      ['http', 'peer', 40],
      ['http', 'total', 40],
      ['admin', 'peer', 40],
    ])
    expect(lines[0]?.['msg']).toContain('--max-connections-per-peer')
  })

  it('has a line for a flood of ended connections, a kind', () => {
    for (let i = 0; i < 1000; i++) {
      for (const reason of ['calm', 'octets']) {
        events.emit('connection-ended', { transport: 'grpc', reason, message: `as it is ${reason}` })
      }
    }
    expect(lines).toMatchObject([
      { level: 40, transport: 'grpc', reason: 'calm', msg: 'connection ended: as it is calm' },
      { level: 40, transport: 'grpc', reason: 'octets' },
    ])
  })

  it('has the certificate in force, until when, and a warning where that is soon', () => {
    const notAfterMs = Date.now() + 86_400_000 * 30
    events.emit('certificate', { fingerprint: 'AB:CD', notAfterMs, isNew: true })
    events.emit('certificate', { fingerprint: 'EF:01', notAfterMs: Date.now() - 1, isNew: true })
    const notAfter = new Date(notAfterMs).toISOString()
    expect(lines).toMatchObject([
      { level: 30, msg: 'a certificate is in force', fingerprint: 'AB:CD', notAfter },
      { level: 30, msg: 'a certificate is in force', fingerprint: 'EF:01' },
      { level: 40, msg: expect.stringContaining('a certificate expired at'), fingerprint: 'EF:01' },
    ])
  })

  it('has why a new certificate is not in force, and the one that stays', () => {
    const notAfterMs = 1_900_000_000_000
    events.emit('certificate-rejected', {
      fingerprint: 'AB:CD',
      notAfterMs,
      message: 'tls.keyFile: x is bad',
    })
    expect(lines).toMatchObject([
      {
        level: 50,
        msg: 'the certificate is rejected, and the old one stays: tls.keyFile: x is bad',
        fingerprint: 'AB:CD',
        notAfter: '2030-03-17T17:46:40.000Z',
      },
    ])
  })
})
