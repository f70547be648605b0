import { type MemoryStore, memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { fresh, openReplica, type Replica, request } from './replica.ts'

const UPLOADS = { match: { path: '/uploads/**' }, key: 'user', rules: ['1/min'] }

let one: Replica
let two: Replica

beforeEach(() => {
  const store: MemoryStore = memoryStore({ clock: manualClock() })
  one = openReplica(store)
  two = openReplica(store)
})

describe('the history', () => {
  it('has who changed what, how it was and is, newest first, and never a value that tells people apart', async () => {
    const secret = { match: { apiKey: 'k-123' }, key: 'apiKey', rules: ['1/min'] }
    await one.changes.put('partner', secret, { ...fresh, actor: 'ops' })
    await two.changes.patch('partner', { rules: ['2/min'] }, request)
    await two.changes.setShadow(true, request)
    await two.changes.delete('partner', request)
    await one.changes.refresh()
    const shown = { name: 'partner', match: { apiKey: { values: 1 } }, key: 'apiKey', rules: ['1/min'] }
    const later = { ...shown, rules: ['2/min'] }
    const history = one.changes.history()
    expect(history).toMatchObject([
      { action: 'delete', name: 'partner', actor: null, before: later, after: null },
      { action: 'shadow', name: null, before: false, after: true },
      { action: 'patch', before: shown, after: later },
      { action: 'put', actor: 'ops', transport: 'test', at: 1000, before: null, after: shown },
    ])
    expect(history[0]?.version).toBe(one.changes.version)
    expect(JSON.stringify([history, one.changed, two.changed])).not.toContain('k-123')
    expect(one.changed).toMatchObject([
      { action: 'put', actor: 'ops', version: history[3]?.version, after: shown },
    ])
    expect(two.changed.map(({ action }) => action)).toEqual(['patch', 'shadow', 'delete'])
  })

  it('has nothing of what changes nothing, which is answered with the version in force', async () => {
    await one.changes.put('uploads', UPLOADS, fresh)
    const { version } = await one.changes.setShadow(true, request)
    const policy = { name: 'uploads', ...UPLOADS }
    expect(await two.changes.patch('uploads', {}, request)).toEqual({ version, policy })
    const { rules, key, match } = UPLOADS
    expect(await one.changes.put('uploads', { rules, key, match }, request)).toEqual({ version, policy })
    expect(await two.changes.setShadow(true, request)).toEqual({ version, policy: null })
    expect(one.changes.history().map(({ action }) => action)).toEqual(['shadow', 'put'])
    expect([...one.changed, ...two.changed]).toHaveLength(2)
    const stale = { ...request, expected: ['0'] }
    await expect(one.changes.patch('uploads', {}, stale)).rejects.toMatchObject({ code: 'conflict' })
  })

  it.each([
    ['many changes', 130, ''],
    ['large changes', 20, 'x'.repeat(16_000)],
  ])('keeps what others did from one who makes %s', async (_, times, body) => {
    const ofOthers = [null, 'ops']
    for (const actor of ofOthers) {
      await one.changes.put(`of-${actor}`, UPLOADS, actor === null ? fresh : { ...fresh, actor })
    }
    await one.changes.put('uploads', UPLOADS, fresh)
    for (let i = 0; i < times; i++) {
      const patch = { rules: [`${i + 2}/min`], response: { body } }
      await one.changes.patch('uploads', patch, { ...request, actor: 'busy' })
    }
    const history = one.changes.history()
    expect(history[0]).toMatchObject({ version: one.changes.version, after: { rules: [`${times + 1}/min`] } })
    expect(history.length).toBeLessThan(times)
    expect(history.slice(-3).map(({ name }) => name)).toEqual(['uploads', 'of-ops', 'of-null'])
  })

  it('keeps the last 100', async () => {
    for (let i = 0; i < 103; i++) await one.changes.setShadow(i % 2 === 0, request)
    expect(one.changes.history()).toHaveLength(100)
    expect(one.changes.history()[0]?.version).toBe(one.changes.version)
  })
})
