import { expect, it } from 'vitest'
import { GapCounts, lostSentences } from './gap-counts.ts'

it('tells what was left out on purpose from what was lost, and takes no reason of a log as it is', () => {
  const gaps = new GapCounts()
  for (const [why, count] of [
    ['no-attribute', 4],
    ['slow-reader', 1],
    ['no-attribute', 6],
    ['\u001b[2J<b>', 2],
    ['toString', 1],
    [undefined, 1],
  ] as const) {
    gaps.add(why, count)
  }
  expect(gaps.lost).toEqual({ 'no-attribute': 10, 'slow-reader': 1, unknown: 4 })
  expect(lostSentences(gaps.lost)).toEqual([
    'not there: 10, which lack the attribute that is drawn',
    'not there: 1, which came faster than they were read',
    'not there: 4, which are missing for a reason that this version does not know',
  ])
})
