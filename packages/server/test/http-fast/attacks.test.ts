import { describe, it } from 'vitest'
import { ATTACKS } from './attacks.ts'

describe('the fast path under attack: bounded are', () => {
  it.each(ATTACKS)('$name', ({ run }) => run())
})
