import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PasswordSource } from './password.ts'

const PAUSE_MS = 250

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

function counting(answer: (count: number) => string) {
  let count = 0
  const secret = new PasswordSource(async () => answer(++count))
  return { secret, asked: () => count }
}

describe('PasswordSource', () => {
  it('asks once for all connections', async () => {
    const { secret, asked } = counting((count) => `no ${count}`)
    expect(asked()).toBe(0)
    expect(await Promise.all([secret.get(), secret.get()])).toEqual(['no 1', 'no 1'])
    expect(await secret.get()).toBe('no 1')
    expect(asked()).toBe(1)
  })

  it('asks once more when several connections were refused, after a pause', async () => {
    const { secret } = counting((count) => `no ${count}`)
    await secret.get()
    secret.forget()
    secret.forget()
    expect(await secret.get()).toBe('no 1')
    vi.advanceTimersByTime(PAUSE_MS)
    expect(await secret.get()).toBe('no 2')
    vi.advanceTimersByTime(PAUSE_MS)
    expect(await secret.get()).toBe('no 2')
  })

  it.each([new Error('the vault is sealed'), 'the vault is sealed', undefined])(
    'asks again after a pause when there was none, for %s',
    async (reason) => {
      const { secret, asked } = counting((count) => {
        if (count === 1) throw reason
        return 'word'
      })
      await expect(secret.get()).rejects.toThrow('there is no password')
      await expect(secret.get()).rejects.toMatchObject({ cause: reason })
      expect(asked()).toBe(1)
      vi.advanceTimersByTime(PAUSE_MS)
      expect(await secret.get()).toBe('word')
    },
  )

  it('has the same word for ever where it was given one, or none', async () => {
    for (const given of ['word', undefined]) {
      const secret = new PasswordSource(given)
      secret.forget()
      vi.advanceTimersByTime(PAUSE_MS)
      expect(await secret.get()).toBe(given)
    }
  })
})
