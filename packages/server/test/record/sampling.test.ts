/** Whose requests are drawn, and what becomes of a reader that is too slow. */
import { describe, expect, it } from 'vitest'
import { Pseudonyms } from '../../src/service/record/pseudonyms.ts'
import { WAITING_MAX } from '../../src/service/record/thread-recorder.ts'
import { adminOf } from '../admin/admin-server.ts'
import { observed } from '../observe/observed-service.ts'
import { lostIn, readRecord } from './record-reader.ts'
import { recordThread, SEED } from './thread-recording.ts'

const FILE = 'version: 1\npolicies: [{ name: users, key: user, rules: [1000000/day] }]\n'
const CALL = { transport: 'http' } as const

describe('a sample', () => {
  it('has all requests of a share of the values, the same in every thread and replica of one seed', async () => {
    await using at = observed(FILE)
    await using replica = observed(FILE)
    const sample = { attribute: 'user', share: 0.2 }
    using one = recordThread(at.service, { sample })
    using same = recordThread(replica.service, { sample })
    using other = recordThread(at.service, { sample, seed: 'another seed of tests' })
    const users = Array.from({ length: 300 }, (_, i) => `user-${i}`)
    for (const user of [...users, ...users]) {
      await at.service.decide([{ who: { user } }], CALL)
      await replica.service.decide([{ who: { user } }], CALL)
    }
    const drawn = (recording: typeof one) => recording.requests().map(({ attributes }) => attributes['user'])
    const first = drawn(one)
    expect(first.slice(first.length / 2)).toEqual(first.slice(0, first.length / 2))
    expect(drawn(same)).toEqual(first)
    expect(new Set(drawn(other))).not.toEqual(new Set(first))
    expect(one.gaps().size).toBe(0)
  })

  it('draws a share of values that differs from that asked for as chance has it', () => {
    const values = 4000
    for (const share of [0.01, 0.1, 0.5]) {
      for (const seed of [SEED, 'another seed of tests']) {
        const pseudonyms = new Pseudonyms(seed)
        const drawn = Array.from({ length: values }, (_, i) => pseudonyms.isDrawn(`v${i}`, share)).filter(
          Boolean,
        )
        // Five standard deviations; the seeds do not change.
        const apart = 5 * Math.sqrt(values * share * (1 - share))
        expect(Math.abs(drawn.length - values * share)).toBeLessThanOrEqual(apart)
      }
    }
  })

  it('has whoever is drawn at a smaller share also at a larger one', () => {
    const pseudonyms = new Pseudonyms(SEED)
    const drawn = (share: number) =>
      Array.from({ length: 1000 }, (_, i) => `v${i}`).filter((value) => pseudonyms.isDrawn(value, share))
    expect(drawn(0.3)).toEqual(expect.arrayContaining(drawn(0.1)))
  })

  it('takes all addresses of a network for one value, as a key does', async () => {
    await using at = observed('version: 1\npolicies: [{ name: ips, key: ip, rules: [1000000/day] }]\n')
    using recording = recordThread(at.service, { sample: { attribute: 'ip', share: 0.5 } })
    for (let net = 0; net < 40; net++) {
      for (const host of [1, 2, 3]) {
        await at.service.decide([{ who: { ip: `2001:db8:${net}:0::${host}` } }], CALL)
      }
    }
    const nets = Map.groupBy(recording.requests(), ({ attributes: { ip = '' } }) => ip.split(':')[2])
    expect(nets.size).toBeGreaterThan(5)
    expect([...nets.values()].every(({ length }) => length === 3)).toBe(true)
  })
})

describe('a reader that is too slow', () => {
  const BIG = 'x'.repeat(1000)

  it('loses what does not fit, and is told how much', async () => {
    await using at = observed(FILE)
    using recording = recordThread(at.service)
    const asked = 3000
    for (let i = 0; i < asked; i++) await at.service.decide([{ who: { user: `${BIG}${i}` } }], CALL)
    const text = recording.text()
    expect(text.length).toBeGreaterThan(WAITING_MAX)
    expect(text.length).toBeLessThan(WAITING_MAX + 10_000)
    const kept = recording.requests().length
    expect(recording.gaps()).toEqual(new Map([['slow-reader', asked - kept]]))
    await at.service.decide([{ who: { user: 'later' } }], CALL)
    expect(recording.requests().at(-1)?.attributes).toEqual({ user: 'later' })
  })

  it('holds up nobody, and gets the rest once it reads on', async () => {
    await using admin = await adminOf(FILE)
    await using log = await readRecord(admin.url)
    log.pause()
    const asked = 8000
    for (let i = 0; i < asked; i++) {
      await admin.service.decide([{ who: { user: `${BIG}${i}` } }], CALL)
      // Now and then the socket is written to.
      if (i % 500 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    log.resume()
    await expect.poll(() => log.requests.length + (lostIn(log)['slow-reader'] ?? 0)).toBe(asked)
    expect(lostIn(log)['slow-reader']).toBeGreaterThan(0)
  })
})
