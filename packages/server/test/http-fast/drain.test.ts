import { describe, it } from 'vitest'
import { DRAIN_CASES } from './drain-cases.ts'

describe('while the fast path drains', () => {
  it.each(DRAIN_CASES)('$name', ({ run }) => run())
})
