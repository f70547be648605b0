import { expect, it } from 'vitest'
import { Occasion } from './occasion.ts'

it('is due a hundred times, and then once in a thousand', () => {
  const occasion = new Occasion()
  const due = Array.from({ length: 5000 }, () => occasion.isDue())
  expect(due.flatMap((isDue, call) => (isDue && call >= 100 ? [call] : []))).toEqual([1000, 2000, 3000, 4000])
  expect(due.slice(0, 100)).toEqual(Array(100).fill(true))
})
