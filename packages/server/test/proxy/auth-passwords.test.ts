import { describe, expect, it } from 'vitest'
import { PasswordMemory } from '../../src/proxy/auth/password-gate.ts'
import { basic, Door, START_MS, settings } from './auth-door.ts'

describe('I-50 passwords', () => {
  it('are hashed once for requests at once, and then not for 5 min', async () => {
    const door = new Door()
    const right = basic('alice', 'pässwörd')
    const answers = await Promise.all(Array.from({ length: 30 }, () => door.who(right)))
    expect(new Set(answers)).toEqual(new Set(['basic:alice']))
    door.nowMs += 5 * 60_000 - 1
    expect(door.ask(right)).toMatchObject({ identity: { scopes: ['admin'], attributes: { user: 'alice' } } })
    door.nowMs += 1
    expect(door.ask(right)).toBeInstanceOf(Promise)
    const moved = new Door({ settings: { ...settings, basic: { realm: 'Shop', users: {} } } })
    expect(await moved.who(right)).toBe('401 wrong-password')
  })

  it('need not be hashed again under another configuration, unless the hash is another one', async () => {
    const memory = new PasswordMemory(() => START_MS)
    const right = basic('alice', 'pässwörd')
    expect(await new Door({ memory }).who(right)).toBe('basic:alice')
    const { alice, zoë } = settings.basic?.users ?? {}
    if (alice === undefined || zoë === undefined) throw new Error('they are there')
    const under = (hash: string, scopes: readonly string[]) =>
      new Door({
        memory,
        settings: { ...settings, basic: { realm: 'Shop', users: { alice: { hash, scopes } } } },
      })
    expect(under(alice.hash, ['read']).ask(right)).toMatchObject({ identity: { scopes: ['read'] } })
    expect(await under(zoë.hash, ['admin']).who(right)).toBe('401 wrong-password')
    const without = new Door({ memory, settings: { ...settings, basic: { realm: 'Shop', users: { zoë } } } })
    expect(await without.who(right)).toBe('401 wrong-password')
  })

  it('take a name beyond ASCII, and one that has another meaning', async () => {
    const door = new Door()
    expect(await door.who(basic('zoë', 'other'))).toBe('basic:zoë')
    for (const user of ['__proto__', 'constructor', 'Alice']) {
      expect(await door.who(basic(user, 'pässwörd'))).toBe('401 wrong-password')
    }
  })

  it('can be tried ten times for a user, from wherever, before anything is hashed', async () => {
    const door = new Door()
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '198.51.100.1' })).toBe('basic:alice')
    for (let i = 0; i < 10; i++) {
      expect(await door.who(basic('alice', `guess ${i}`), { ip: `192.0.2.${i}` })).toBe('401 wrong-password')
    }
    const refused = door.ask(basic('alice', 'pässwörd'), { ip: '203.0.113.9' })
    expect(refused).toEqual({
      refused: { status: 429, why: 'too-many-attempts', challenges: [], retryAfterSeconds: 6 },
    })
    // Who has been here before is let in all the same, and others have attempts of their own.
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '198.51.100.1' })).toBe('basic:alice')
    expect(await door.who(basic('zoë', 'other'), { ip: '203.0.113.9' })).toBe('basic:zoë')
    door.nowMs += 6000
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '203.0.113.9' })).toBe('basic:alice')
  })

  it('can be tried ten times from an address, or a network of IPv6, for whomever', async () => {
    const door = new Door()
    for (let i = 0; i < 10; i++) {
      expect(await door.who(basic(`nobody${i}`, 'x'), { ip: `2001:db8::${i}` })).toBe('401 wrong-password')
    }
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '2001:db8::ffff' })).toBe('429 too-many-attempts')
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '2001:db9::1' })).toBe('basic:alice')
  })

  it('are not waited for where too many are: nothing is counted then', async () => {
    const door = new Door()
    const asked = Array.from({ length: 70 }, (_, i) =>
      door.who(basic(`user${i}`, 'x'), { ip: `192.0.2.${i}` }),
    )
    expect(await asked[69]).toBe('503 busy')
    const answers = await Promise.all(asked)
    expect(answers.filter((one) => one === '401 wrong-password')).toHaveLength(66)
    expect(await door.who(basic('alice', 'pässwörd'), { ip: '192.0.2.69' })).toBe('basic:alice')
  }, 15_000)

  it('on a Unix socket come from one place', async () => {
    expect(await new Door().who(basic('alice', 'pässwörd'), { ip: 'unix' })).toBe('basic:alice')
  })

  it('are refused where they cannot be read', async () => {
    expect(await new Door().who(['authorization', 'Basic !'])).toBe('401 malformed')
  })
})
