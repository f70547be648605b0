import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { basicCredentialOf } from './basic-credential.ts'

const encoded = (text: string | Buffer): string => Buffer.from(text as string).toString('base64')

describe('basicCredentialOf', () => {
  it('reads what clients send of any user and password, with or without padding', () => {
    const text = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .filter((one) => !/\p{Cc}/u.test(one) && one.isWellFormed())
    const user = text.filter((one) => one !== '' && !one.includes(':'))
    fc.assert(
      fc.property(user, text, fc.boolean(), (name, password, isPadded) => {
        const sent = encoded(`${name}:${password}`)
        const value = `Basic ${isPadded ? sent : sent.replace(/=+$/, '')}`
        expect(basicCredentialOf(value)).toEqual({ user: name, password })
      }),
    )
  })

  it.each([
    ['any case of the scheme', `bAsIc ${encoded('a:b')}`, 'b'],
    ['two spaces', `Basic  ${encoded('a:b')}`, 'b'],
    ['a password with colons', `Basic ${encoded('a:b:c')}`, 'b:c'],
    ['an empty password', `Basic ${encoded('a:')}`, ''],
    ['UTF-8', `Basic ${encoded('a:pässwörd €')}`, 'pässwörd €'],
  ])('takes %s', (_, value, password) => {
    expect(basicCredentialOf(value)).toEqual({ user: 'a', password })
  })

  it.each([
    ['nothing', 'Basic'],
    ['blanks', 'Basic   '],
    ['no colon', `Basic ${encoded('alice')}`],
    ['no user', `Basic ${encoded(':password')}`],
    ['bytes that are no UTF-8', `Basic ${encoded(Buffer.from([0x61, 0x3a, 0xff]))}`],
    ['a line feed', `Basic ${encoded('alice\n:b')}`],
    ['a NUL', `Basic ${encoded('alice:b\0')}`],
    ['another alphabet', 'Basic YTpiYj8_'],
    ['something behind it', `Basic ${encoded('a:b')}, Bearer x`],
    ['padding in the middle', 'Basic YTo=YQ=='],
    ['a length that base64 has not', 'Basic YTpiY'],
    ['too much', `Basic ${encoded(`a:${'x'.repeat(2000)}`)}`],
    ['another scheme', `Bearer ${encoded('a:b')}`],
  ])('refuses %s', (_, value) => {
    expect(basicCredentialOf(value)).toBeNull()
  })
})
