import type { MemoryStore } from 'headgate'
import { memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { logEvents } from '../../src/telemetry/log/log-events.ts'
import { fresh, OPEN_FILE, openReplica, type Replica, request } from './replica.ts'

const UPLOADS = { match: { path: '/uploads/**' }, key: 'user', rules: ['1/min'] }

let store: MemoryStore
let one: Replica
let two: Replica

beforeEach(() => {
  store = memoryStore({ clock: manualClock() })
  one = openReplica(store)
  two = openReplica(store)
})

describe('a policy put at run time', () => {
  it('is in force here at once, and elsewhere once that has read it', async () => {
    const { version, policy } = await one.changes.put('uploads', UPLOADS, fresh)
    expect(policy).toEqual({ name: 'uploads', ...UPLOADS })
    expect(await one.passes('a', '/uploads/x')).toBe(true)
    expect(await one.passes('a', '/uploads/x')).toBe(false)
    expect(await two.passes('a', '/uploads/x')).toBe(true)
    await two.changes.refresh()
    expect(await two.passes('a', '/uploads/x')).toBe(false)
    expect(two.listing()).toEqual(one.listing())
    expect(two.listing()).toMatchObject({
      policies: [{ name: 'api' }, { name: 'uploads' }],
      runtime: { version, shadow: false, policies: ['uploads'] },
    })
  })

  it('gives the configuration another hash, the same everywhere, and the old one when it is gone', async () => {
    const { hash } = one.listing()
    await one.changes.put('uploads', UPLOADS, fresh)
    await two.changes.refresh()
    expect(one.listing().hash).not.toBe(hash)
    expect(two.listing().hash).toBe(one.listing().hash)
    const { version } = await two.changes.delete('uploads', request)
    expect(two.listing()).toMatchObject({ hash, runtime: { version, policies: [] } })
  })

  it('leaves budgets of all others as they are', async () => {
    for (let i = 0; i < 10; i++) await one.passes('a')
    await one.changes.put('uploads', UPLOADS, fresh)
    expect(await one.passes('a')).toBe(false)
    await one.changes.patch('uploads', { rules: ['5/min'] }, request)
    expect(await one.passes('a')).toBe(false)
    await one.changes.delete('uploads', request)
    expect(await one.passes('a')).toBe(false)
  })

  it('changes by a merge patch', async () => {
    await one.changes.put('uploads', { ...UPLOADS, mode: 'shadow' }, fresh)
    const { policy } = await one.changes.patch('uploads', { mode: null, rules: ['2/min'] }, request)
    expect(policy).toEqual({ name: 'uploads', ...UPLOADS, rules: ['2/min'] })
  })

  it.each<[string, unknown, string, RegExp]>([
    [
      'a field that there is not',
      { ...UPLOADS, rule: [] },
      'rule',
      /unknown key "rule" \(did you mean "rules"/,
    ],
    ['a rate that is none', { ...UPLOADS, rules: ['1/blue'] }, 'rules[0].limit', /"blue" is/],
    ['a limit of a wrong type', { ...UPLOADS, rules: [{ limit: true }] }, 'rules[0].limit', /not a rate/],
    ['no rules', { key: 'user' }, 'rules', /is missing/],
    ['another name', { ...UPLOADS, name: 'other' }, 'name', /another name than "uploads"/],
    ['a store that there is not', { ...UPLOADS, store: 'audit' }, 'store', /no store is named "audit"/],
    [
      'another choice in its group',
      { ...UPLOADS, choose: { group: 'g', by: 'path' } },
      'choose',
      /"g" chooses by/,
    ],
    ['no map', ['rules'], '', /a list is not a map/],
  ])('is refused with %s', async (_, policy, path, message) => {
    await one.load(OPEN_FILE.replace('key: user', 'choose: { group: g, priority: 1 }, key: user'))
    const put = one.changes.put('uploads', policy, fresh)
    await expect(put).rejects.toMatchObject({
      code: 'invalid-config',
      path,
      message: expect.stringMatching(message),
    })
    expect(one.listing()).toMatchObject({ rejected: null, runtime: { version: '0', policies: [] } })
    expect(await store.readDocument('policies', null)).toBe('absent')
  })

  it('is refused where there would be too many, or too much of them', async () => {
    const body = 'x'.repeat(16_000)
    const big = { ...UPLOADS, response: { body } }
    let put = 0
    const fill = async (): Promise<void> => {
      for (; put < 100; put++) await one.changes.put(`p${put}`, big, fresh)
    }
    await expect(fill()).rejects.toMatchObject({ code: 'invalid-config', message: /768 KiB/ })
    expect(put).toBeGreaterThan(40)
    // Still small enough to be read at once, with its history.
    const read = await store.readDocument('policies', null)
    expect(typeof read === 'object' && read.text.length).toBeLessThan(1024 * 1024)
    await two.changes.refresh()
    expect(two.listing()).toEqual(one.listing())
  })
})

describe('what is expected of a change', () => {
  it('lets one of two win that begin at the same version, and tells the other the version in force', async () => {
    const { version: first } = await one.changes.put('uploads', UPLOADS, fresh)
    const edits = [one, two].map((replica, i) =>
      replica.changes.patch('uploads', { rules: [`${i + 2}/min`] }, { ...request, expected: [first] }),
    )
    const [won, lost] = await Promise.allSettled(edits)
    expect([won?.status, lost?.status].sort()).toEqual(['fulfilled', 'rejected'])
    const { reason } = [won, lost].find((end) => end?.status === 'rejected') as PromiseRejectedResult
    const { value } = [won, lost].find((end) => end?.status === 'fulfilled') as PromiseFulfilledResult<{
      version: string
    }>
    expect(reason).toMatchObject({ code: 'conflict', message: expect.stringContaining(value.version) })
    for (const replica of [one, two]) {
      await replica.changes.refresh()
      expect(replica.changes.version).toBe(value.version)
    }
  })

  it('makes all changes that expect whatever is there, one after the other', async () => {
    const puts = Array.from({ length: 5 }, (_, i) =>
      [one, two].map((of, r) => of.changes.put(`p${r}${i}`, UPLOADS, fresh)),
    )
    await Promise.all(puts.flat())
    await Promise.all([one, two].map(({ changes }) => changes.refresh()))
    expect(one.listing().runtime?.policies).toHaveLength(10)
    expect(one.changes.version).toBe(two.changes.version)
    expect(one.changes.version).toMatch(/^10-[0-9a-f]{8}$/)
  })

  it('is that there is none, or any', async () => {
    await one.changes.put('uploads', UPLOADS, fresh)
    const conflict = { code: 'conflict' }
    await expect(two.changes.put('uploads', UPLOADS, fresh)).rejects.toMatchObject(conflict)
    await expect(two.changes.put('others', UPLOADS, request)).rejects.toMatchObject(conflict)
    await expect(two.changes.patch('others', {}, request)).rejects.toMatchObject({ code: 'unknown-policy' })
    const unknown = {
      code: 'unknown-policy',
      message: 'no policy "upload" lives at run time (did you mean "uploads"?)',
    }
    const known = { ...request, expected: [one.changes.version] }
    await expect(two.changes.patch('upload', {}, known)).rejects.toMatchObject(unknown)
    await expect(two.changes.delete('upload', known)).rejects.toMatchObject(unknown)
  })
})

describe('a file that governs', () => {
  it('lets no policy be changed, and says so', async () => {
    const governed = openReplica(memoryStore(), OPEN_FILE.replace('true', 'false'))
    const message = expect.stringContaining('the file headgate.yaml governs all policies')
    for (const change of [
      governed.changes.put('uploads', UPLOADS, fresh),
      governed.changes.patch('api', {}, request),
      governed.changes.delete('api', request),
    ])
      await expect(change).rejects.toMatchObject({ code: 'conflict', message })
  })

  it('keeps its own policies where others may live at run time', async () => {
    const message = expect.stringContaining('the file headgate.yaml governs the policy "api"')
    for (const change of [
      one.changes.put('api', UPLOADS, fresh),
      one.changes.patch('api', {}, request),
      one.changes.delete('api', request),
    ])
      await expect(change).rejects.toMatchObject({ code: 'conflict', message })
  })

  it('takes over a name that lives at run time, which can then be deleted', async () => {
    await one.changes.put('uploads', UPLOADS, fresh)
    await one.load(OPEN_FILE.replace('name: api', 'name: uploads'))
    expect(one.listing()).toMatchObject({
      policies: [{ name: 'uploads', match: { path: '/api/**' } }],
      runtime: { policies: [] },
      notInForce: [
        { path: 'runtime.policies', message: expect.stringContaining('the run-time policy uploads is not') },
      ],
    })
    await one.changes.delete('uploads', request)
    expect(one.listing()).toMatchObject({ notInForce: [], policies: [{ name: 'uploads' }] })
  })

  it('ends and begins what lives at run time when it says otherwise', async () => {
    await one.changes.put('uploads', UPLOADS, fresh)
    await one.load(OPEN_FILE.replace('true', 'false'))
    expect(one.listing()).toMatchObject({
      policies: [{ name: 'api' }],
      notInForce: [{ path: 'runtime.policies' }],
    })
    await one.load(OPEN_FILE)
    expect(one.listing()).toMatchObject({ policies: [{ name: 'api' }, { name: 'uploads' }], notInForce: [] })
  })
})

describe('the switch to shadow', () => {
  it('lets everybody pass, and counts; budgets are kept when it goes on and off, also where a file governs', async () => {
    const [a, b] = [0, 0].map(() => openReplica(store, OPEN_FILE.replace('true', 'false')))
    if (a === undefined || b === undefined) return
    for (let i = 0; i < 10; i++) expect(await a.passes('a')).toBe(true)
    for (let i = 0; i < 7; i++) await a.passes('b')
    expect(await a.passes('a')).toBe(false)
    await a.changes.setShadow(true, request)
    await b.changes.refresh()
    for (const replica of [a, b]) {
      expect(await replica.passes('a')).toBe(true)
      expect(replica.listing()).toMatchObject({ policies: [{ mode: 'shadow' }], runtime: { shadow: true } })
      expect((await replica.service.readiness()).configuration).toMatchObject({ shadow: true })
    }
    for (let i = 0; i < 2; i++) await a.passes('b')
    await b.changes.setShadow(false, request)
    await a.changes.refresh()
    for (const replica of [a, b]) expect(await replica.passes('a')).toBe(false)
    expect([await a.passes('b'), await a.passes('b')]).toEqual([true, false])
    expect((await a.service.readiness()).configuration).not.toHaveProperty('shadow')
  })

  it('is no policy that may be new', async () => {
    await expect(one.changes.setShadow(true, fresh)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('the switch is always there'),
    })
  })

  it('is logged where it begins and where it ends, at every replica', async () => {
    const lines: { level: number; msg: string }[] = []
    logEvents(pino({ base: null }, { write: (line) => lines.push(JSON.parse(line)) }), two.service)
    for (const on of [true, false]) {
      await one.changes.setShadow(on, request)
      await two.changes.refresh()
    }
    await one.changes.put('uploads', UPLOADS, fresh)
    await two.changes.refresh()
    const about = lines.filter(({ msg }) => msg.includes('shadow')).map(({ level, msg }) => [level, msg])
    expect(about).toEqual([
      [40, expect.stringContaining('all policies are in shadow')],
      [30, 'shadow has ended: policies deny again'],
    ])
  })

  it('leaves the list of those who are denied, and policies that are off', async () => {
    await one.load(`${OPEN_FILE}\ndeny: { user: [mallory] }`.replace('key: user', 'mode: off, key: user'))
    await one.changes.setShadow(true, request)
    expect(await one.passes('mallory')).toBe(false)
    expect(one.listing().policies).toMatchObject([{ mode: 'off' }])
  })
})

describe('a store', () => {
  it('that forgot the last change, or all of them, is told them again', async () => {
    await one.changes.put('uploads', UPLOADS, fresh)
    const before = store.snapshot()
    await one.changes.patch('uploads', { rules: ['2/min'] }, request)
    for (const behind of [memoryStore({ snapshot: before }), memoryStore()]) {
      const moved = openReplica(behind)
      const kept = openReplica(behind)
      await kept.overlay.accept(one.overlay.document)
      await kept.changes.refresh()
      await moved.changes.refresh()
      expect(moved.listing()).toEqual(one.listing())
    }
  })

  it('that has another change in its place is right', async () => {
    await one.changes.put('uploads', UPLOADS, fresh)
    const other = memoryStore({ snapshot: store.snapshot() })
    const elsewhere = openReplica(other)
    await one.changes.patch('uploads', { rules: ['2/min'] }, request)
    await elsewhere.changes.patch('uploads', { rules: ['3/min'] }, request)
    const kept = openReplica(other)
    await kept.overlay.accept(one.overlay.document)
    await kept.changes.refresh()
    expect(kept.listing()).toEqual(elsewhere.listing())
  })

  it('whose document a newer version wrote leaves all as it is, and says so; nothing can be changed meanwhile', async () => {
    const { version } = await one.changes.put('uploads', UPLOADS, fresh)
    await store.putDocument('policies', {
      expected: version,
      revision: '2-new',
      text: '{"format":2,"magic":1}',
    })
    await one.changes.refresh()
    expect(one.listing()).toMatchObject({
      runtime: { version, policies: ['uploads'] },
      rejected: {
        path: 'runtime.policies',
        message: expect.stringContaining('cannot be read by this version'),
      },
    })
    expect((await one.service.readiness()).configuration.rejected).not.toBeNull()
    await expect(one.changes.setShadow(true, request)).rejects.toMatchObject({ code: 'conflict' })
    await store.putDocument('policies', {
      expected: '2-new',
      revision: '3-old',
      text: JSON.stringify({ format: 1, version: '3-old', shadow: false, policies: [] }),
    })
    await one.changes.refresh()
    expect(one.listing()).toMatchObject({ runtime: { version: '3-old', policies: [] }, rejected: null })
  })

  it('that a replica with another file wrote never ends a policy in force', async () => {
    await one.changes.put('uploads', UPLOADS, fresh)
    const { version } = one.changes
    const text = {
      format: 1,
      version: '9-x',
      shadow: false,
      policies: [
        { name: 'uploads', ...UPLOADS, store: 'audit' },
        { name: 'more', ...UPLOADS },
      ],
    }
    await store.putDocument('policies', {
      expected: version,
      revision: '9-x',
      text: JSON.stringify(text),
    })
    await one.changes.refresh()
    expect(one.listing()).toMatchObject({
      runtime: { version, policies: ['uploads'] },
      rejected: { path: 'runtime.policies.uploads.store' },
    })
    // One that begins has nothing to lose: it takes what fits.
    const begun = openReplica(store)
    await begun.changes.refresh()
    expect(begun.listing()).toMatchObject({
      runtime: { version: '9-x', policies: ['more'] },
      rejected: { path: 'runtime.policies.uploads.store' },
    })
  })
})
