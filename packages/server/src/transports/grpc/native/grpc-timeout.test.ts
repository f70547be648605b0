import { describe, expect, it } from 'vitest'
import { timeoutMsOf } from './grpc-timeout.ts'

describe('the time that a caller waits', () => {
  it.each([
    ['20m', 20],
    ['1S', 1000],
    ['2M', 120_000],
    ['3H', 10_800_000],
    ['500u', 0.5],
    ['99999999n', 99.999999],
    ['0n', 0],
    ['00000001S', 1000],
    ['99999999H', 359_999_996_400_000],
  ])('%s is %d ms', (value, expected) => {
    expect(timeoutMsOf(value)).toBeCloseTo(expected, 9)
  })

  it.each([
    '',
    'm',
    '20',
    '20 m',
    ' 20m',
    '20m ',
    '-1m',
    '+1m',
    '1.5S',
    '123456789m',
    '20x',
    '20ms',
    'S1',
    '٣S',
    '1toString',
  ])('%j is none', (value) => {
    expect(timeoutMsOf(value)).toBeNull()
  })
})
