import { createSecretKey } from 'node:crypto'
import { memoryStore } from 'headgate'
import { describe, expect, it, vi } from 'vitest'
import { createService } from './create-service.ts'
import { secretCheck } from './secret-check.ts'

const keys = ['a', 'b'].map((letter) => createSecretKey(Buffer.from(letter.repeat(32))))
const [a, b] = keys

/** How many warnings the checks of these secrets end with, one after the other on one store. */
async function warnings(secrets: typeof keys): Promise<number> {
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
  const store = memoryStore()
  for (const secret of secrets) await secretCheck({ store, scope: 'x' }, secret)?.run()
  const { length } = warned.mock.calls
  for (const [message, details] of warned.mock.calls) {
    expect(message).toContain('another secret')
    expect(details).toMatchObject({ code: 'HEADGATE_HASH_KEYS' })
  }
  warned.mockRestore()
  return length
}

describe('the secret of hashed keys', () => {
  it('is compared with that of the instance that started before', async () => {
    expect(await warnings([a, a, a] as typeof keys)).toBe(0)
    expect(await warnings([a, b] as typeof keys)).toBe(1)
    expect(await warnings([a, b, b] as typeof keys)).toBe(1)
    expect(await warnings([a, b, a, b] as typeof keys)).toBe(3)
  })

  it('is compared once, and again only where the store did not answer', async () => {
    const store = memoryStore()
    const asked = vi.spyOn(store, 'claim').mockRejectedValueOnce(new Error('away'))
    const check = secretCheck({ store, scope: 'x' }, a)
    for (let n = 0; n < 3; n++) await check?.run()
    expect(asked).toHaveBeenCalledTimes(2)
  })

  it('is compared when a service starts', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    const store = memoryStore()
    const opened = { store, label: '', resilience: {}, ping: async () => {}, scope: 'x' }
    const base = { policies: [], allow: {}, deny: {}, notInForce: [], hash: 'abc' }
    for (const secret of keys)
      createService({ store: opened, configuration: { ...base, hashKeys: { secret } } })
    await vi.waitFor(() => expect(warned).toHaveBeenCalledOnce())
    warned.mockRestore()
    await store.close()
  })

  it('is nobody else’s where keys are not hashed, or budgets are of this process alone', () => {
    const store = memoryStore()
    expect(secretCheck({ store, scope: 'x' }, undefined)).toBeNull()
    expect(secretCheck({ store }, a)).toBeNull()
  })
})
