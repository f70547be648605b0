import fc from 'fast-check'
import { createLimiter, type Limiter, memoryStore, type Receipt, type Store } from 'headgate'
import type { SecretOffer } from 'headgate/store'
import { describe, expect, it } from 'vitest'
import type { ReceiptKeys } from '../configuration.ts'
import { StoreKeys } from './store-keys.ts'
import { TokenKeys } from './token-keys.ts'
import { Tokens } from './tokens.ts'

const REFUSED = {
  code: 'invalid-receipt',
  path: 'receipt',
  detail: expect.stringMatching(/^this is no receipt/),
}
const secret = (letter: string): string => letter.repeat(32)

/** A store outside the process, as far as receipts are concerned. */
class SharedStore {
  secret: string | null = null
  isAway = false
  asked = 0

  readonly store = Object.assign(memoryStore(), {
    secrets: async (offer: SecretOffer): Promise<string[]> => {
      this.asked++
      if (this.isAway) throw new Error('away')
      this.secret ??= offer.secret
      return [this.secret]
    },
  })
}

interface Given {
  readonly store?: Store
  readonly scope?: string
  receipts?: ReceiptKeys
}

function tokensOf({ store = memoryStore(), scope, ...configuration }: Given = {}): Tokens {
  return new Tokens(new TokenKeys({ store, scope }, () => configuration))
}

async function spend(limiter: Limiter = createLimiter({ limit: ['9/s', '100/min'] })): Promise<Receipt> {
  return (await limiter.consume('alice', { cost: 2 })).receipt as Receipt
}

/** Two policies, one with rates of the call's own: what a receipt can have. */
async function spendTwice(): Promise<Receipt> {
  const limiter = createLimiter({
    policies: [
      { name: 'a', key: 'user', rules: ['9/s', { name: 'b', limit: '5/s', burst: 9 }] },
      { name: 'b', key: ['user', 'ip'], rules: ['100/day'] },
    ],
  })
  const { receipt } = await limiter.consume({ user: 'é\u2028"', ip: '10.0.0.1' })
  return receipt as Receipt
}

describe('a receipt as a text', () => {
  it.each([
    ['of one rule', () => spend(createLimiter({ limit: '5/s' }))],
    ['of several rules', () => spend()],
    ['of several policies', spendTwice],
  ])('is read as it was written: %s', async (_, make) => {
    const tokens = tokensOf()
    const receipt = await make()
    const text = (await tokens.receipt(receipt)) as string
    expect(text).toMatch(/^[\w.-]+$/)
    expect(await tokens.openReceipt(text)).toEqual(receipt)
  })

  it('property: is refused with any bit flipped', async () => {
    const tokens = tokensOf()
    const text = (await tokens.receipt(await spendTwice())) as string
    const bytes = Buffer.from(text)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const flipped = Buffer.from(bytes)
        flipped[at] = (flipped[at] as number) ^ (1 << bit)
        await expect(tokens.openReceipt(flipped.toString('latin1'))).rejects.toMatchObject(REFUSED)
      }),
      { numRuns: 1000 },
    )
  })

  it('property: no text that was made up is taken', async () => {
    const tokens = tokensOf()
    const text = (await tokens.receipt(await spend())) as string
    const parts = text.split('.')
    const made = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc.string().map((payload) => [parts[0], parts[1], payload, parts[3]].join('.')),
      fc.nat(text.length - 1).map((length) => text.slice(0, length)),
      fc.string({ minLength: 1 }).map((more) => text + more),
    )
    await fc.assert(
      fc.asyncProperty(made, async (one) => {
        await expect(tokens.openReceipt(one)).rejects.toMatchObject(REFUSED)
      }),
    )
  })

  it.each([
    ['of another process', tokensOf()],
    ['of another secret', tokensOf({ scope: 'a', receipts: { key: secret('b') } })],
    ['of another prefix', tokensOf({ scope: 'b', receipts: { key: secret('a') } })],
    ['of another store', tokensOf({ scope: 'a', store: new SharedStore().store })],
  ])('is refused where it is %s', async (_, tokens) => {
    const ours = tokensOf({ scope: 'a', receipts: { key: secret('a') } })
    const text = (await tokens.receipt(await spend())) as string
    expect(await tokens.openReceipt(text)).toBeDefined()
    await expect(ours.openReceipt(text)).rejects.toMatchObject(REFUSED)
  })

  it('does not stand for a reservation', async () => {
    const tokens = tokensOf()
    const text = (await tokens.receipt(await spend())) as string
    await expect(tokens.openReservation(text)).rejects.toMatchObject({ path: 'reservation' })
    await expect(tokens.openReservation(text.replace('r1', 'v1'))).rejects.toThrow('no reservation')
  })

  it('is none where it would be too long', async () => {
    const limiter = createLimiter({ limit: '9/s' })
    const { receipt } = await limiter.consume('x'.repeat(50_000))
    expect(await tokensOf().receipt(receipt as Receipt)).toBeNull()
  })

  it('is the same thing with the same secret, in whatever process', async () => {
    const [one, two] = [0, 0].map(() => tokensOf({ scope: 'a', receipts: { key: secret('a') } }))
    const receipt = await spend()
    expect(await two?.openReceipt((await one?.receipt(receipt)) as string)).toEqual(receipt)
  })
})

describe('keys of the configuration', () => {
  it('are taken over with the file: a previous one is still good, a dropped one no more', async () => {
    const given: Given = { scope: 'a', receipts: { key: secret('a') } }
    const tokens = new Tokens(new TokenKeys({ store: memoryStore(), scope: 'a' }, () => given))
    const old = (await tokens.receipt(await spend())) as string
    given.receipts = { key: secret('b'), previousKeys: [secret('a')] }
    const renewed = (await tokens.receipt(await spend())) as string
    expect(await tokens.openReceipt(old)).toBeDefined()
    given.receipts = { key: secret('b') }
    await expect(tokens.openReceipt(old)).rejects.toMatchObject(REFUSED)
    expect(await tokens.openReceipt(renewed)).toBeDefined()
  })

  it('are without effect where budgets live in the process', async () => {
    const [one, two] = [0, 0].map(() => tokensOf({ receipts: { key: secret('a') } }))
    const text = (await one?.receipt(await spend())) as string
    await expect(two?.openReceipt(text)).rejects.toMatchObject(REFUSED)
  })
})

describe('keys of a store', () => {
  it('are the same for all services on it', async () => {
    const { store } = new SharedStore()
    const [one, two] = [0, 0].map(() => tokensOf({ scope: 'a', store }))
    const receipt = await spend()
    expect(await two?.openReceipt((await one?.receipt(receipt)) as string)).toEqual(receipt)
  })

  it('are stood in for by that of the process, while the store was never reached', async () => {
    const shared = new SharedStore()
    shared.isAway = true
    const [one, two] = [0, 0].map(() => tokensOf({ scope: 'a', store: shared.store }))
    const text = (await one?.receipt(await spend())) as string
    expect(await one?.openReceipt(text)).toBeDefined()
    // It may be one of ours: nobody can say.
    await expect(two?.openReceipt(text)).rejects.toMatchObject({ code: 'store-unavailable' })
  })

  it('are what readiness waits for', async () => {
    const shared = new SharedStore()
    shared.isAway = true
    let nowMs = 0
    const keys = new StoreKeys(shared.store, 'a', () => nowMs)
    await expect(keys.prepare()).rejects.toMatchObject({ code: 'store-unavailable' })
    shared.isAway = false
    nowMs += 250
    await keys.prepare()
    expect(await keys.newest()).toBeDefined()
    await keys.prepare()
    expect(shared.asked).toBe(2)
  })

  it('are asked for again: once it is back, after an hour, and for a text with a new key', async () => {
    const shared = new SharedStore()
    shared.isAway = true
    let nowMs = 0
    const keys = new StoreKeys(shared.store, 'a', () => nowMs)
    expect(await keys.newest()).toBeUndefined()
    expect(shared.asked).toBe(1)
    shared.isAway = false
    nowMs += 249
    expect(await keys.newest()).toBeUndefined()
    nowMs += 1
    expect(await keys.newest()).toBeDefined()
    expect(shared.asked).toBe(2)
    nowMs += 3_599_999
    await keys.newest()
    expect(shared.asked).toBe(2)
    nowMs += 1
    await keys.newest()
    expect(shared.asked).toBe(3)
  })

  it('are not asked for more often than in 10 s, whatever ids callers make up', async () => {
    const shared = new SharedStore()
    let nowMs = 0
    const keys = new StoreKeys(shared.store, 'a', () => nowMs)
    await keys.newest()
    for (let n = 0; n < 50; n++) expect(await keys.find(`made-up${n}`)).toBeUndefined()
    expect(shared.asked).toBe(1)
    shared.secret = 'ab'.repeat(32)
    const other = new StoreKeys(shared.store, 'a', () => nowMs)
    const { id } = (await other.newest()) as { id: string }
    nowMs += 10_000
    expect(await keys.find(id)).toMatchObject({ id })
  })
})
