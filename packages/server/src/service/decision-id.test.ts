import { expect, it } from 'vitest'
import { processPart } from './decision-id.ts'

it('an id of a decision is never taken for an option of a command', () => {
  for (let byte = 0; byte < 256; byte++) {
    expect(processPart(Buffer.from([byte, 0, 0, 0, 0, 0]))).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{7}$/)
  }
})
