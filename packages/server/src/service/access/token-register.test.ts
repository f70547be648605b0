import { describe, expect, it } from 'vitest'
import { TokenRegister } from './token-register.ts'
import { newToken, TOKEN_PREFIX, tokenHash } from './token-text.ts'

const token = newToken()
const access = new TokenRegister([{ name: 'a', hash: tokenHash(token), scopes: ['consume'] }])

describe('tokens of a configuration', () => {
  it('are drawn with 256 bits and known by their hash', () => {
    expect(token).toMatch(/^hgt_[A-Za-z0-9_-]{43}$/)
    expect(new Set(Array.from({ length: 100 }, newToken)).size).toBe(100)
    expect(access.find(token).grant.name).toBe('a')
    expect(new TokenRegister().isOpen).toBe(true)
    expect(access.isOpen).toBe(false)
  })

  it.each([
    ['another one', newToken()],
    ['a part of one', token.slice(0, -1)],
    ['more than one', `${token}x`],
    ['the beginning of one', TOKEN_PREFIX],
  ])('do not know %s, and do not repeat it', (_, text) => {
    expect(() => access.find(text)).toThrow(/^the token is none of this service$/)
  })

  it.each([
    ['its hash', tokenHash(token)],
    ['one of another service', 'eyJhbGciOiJIUzI1NiJ9.e30.x'],
    ['nothing', ''],
    ['what is far too long', TOKEN_PREFIX + 'a'.repeat(100_000)],
  ])('say of %s that it is no such text, and do not repeat it', (_, text) => {
    expect(() => access.find(text)).toThrow(
      /^the token that was sent is not of the form of those of this service, which begin with hgt_; where Authorization/,
    )
  })

  it('say how to send one where it is missing', () => {
    expect(() => access.find(undefined)).toThrow(/this takes a token; send it as Authorization: Bearer/)
  })
})
