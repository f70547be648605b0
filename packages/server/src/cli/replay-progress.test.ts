import { describe, expect, it } from 'vitest'
import type { Pass } from '../replay/run-replay.ts'
import { progressText } from './replay-progress.ts'

function pass(sizes: readonly (number | null)[], read: number, purpose: Pass['purpose'] = 'replay'): Pass {
  const sources = sizes.map((size) => ({ size, bytesRead: () => read }))
  return { counts: { lines: 3000 }, sources, purpose } as unknown as Pass
}

describe('the progress of a replay', () => {
  it('is a bar with the rate and the time left, by the bytes of all logs as they lie there', () => {
    expect(progressText(pass([100, 300], 50), 2000)).toBe(
      '[######..................] 25 %  3000 lines, 1500/s, 6s left',
    )
  })

  it('has no end where it is not known how much there is', () => {
    expect(progressText(pass([100, null], 50, 'sweep'), 2000)).toBe('trying other limits: 3000 lines, 1500/s')
  })
})
