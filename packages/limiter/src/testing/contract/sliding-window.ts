import { type ContractCase, DAY, S, table } from './case.ts'

const MAX = Number.MAX_SAFE_INTEGER

export const slidingWindowCases: readonly ContractCase[] = [
  table('a sliding window lets the oldest segment go bit by bit', { limit: '10/10s' }, [
    [0, 'consume', 10, 0, 0, 11 * S],
    [10 * S - 1, 'consume', 1, 100_001, 0, S + 1],
    [10 * S, 'consume', 1, 100_000, 0, S],
    [10.1 * S - 1, 'consume', 1, 1, 0, 900_001],
    [10.1 * S, 'consume', 1, 0, 0, 10.9 * S],
    [10.5 * S, 'consume', 5, 100_000, 4, 10.5 * S],
    [11 * S, 'consume', 9, 0, 0, 11 * S],
  ]),
  table('a sliding window finds the segment in which there is room', { limit: '9/3s', segments: 3 }, [
    [0, 'consume', 2, 0, 7, 4 * S],
    [S, 'consume', 3, 0, 4, 4 * S],
    [2 * S, 'consume', 4, 0, 0, 4 * S],
    // Two units leave between 3 and 4 s, three between 4 and 5 s, four between 5 and 6 s.
    [2 * S, 'consume', 1, 1.5 * S, 0, 4 * S],
    [2 * S, 'consume', 2, 2 * S, 0, 4 * S],
    [2 * S, 'consume', 4, 2_666_667, 0, 4 * S],
    [2 * S, 'consume', 9, 4 * S, 0, 4 * S],
    [2 * S, 'consume', 10, -1, 0, 4 * S],
    [4_666_666, 'consume', 4, 1, 3, 1_333_334],
    [4_666_667, 'consume', 4, 0, 0, 3_333_333],
  ]),
  table('a sliding window forgets everything after a long silence', { limit: '6/6s', segments: 60 }, [
    [0, 'consume', 6, 0, 0, 6_100_000],
    [1000 * S, 'consume', 6, 0, 0, 6_100_000],
  ]),
  table('a charge beyond a sliding window leaves with its segments', { limit: '10/10s' }, [
    [0, 'charge', 20, 0, 0, 11 * S],
    [5 * S, 'consume', 0, 5.5 * S, 0, 6 * S],
    [10.5 * S, 'consume', 0, 0, 0, 0.5 * S],
    [10.5 * S, 'consume', 1, 50_000, 0, 0.5 * S],
    [11 * S, 'consume', 10, 0, 0, 11 * S],
  ]),
  table('the debt of a sliding window saturates', { limit: '10/10s' }, [
    [0, 'charge', MAX, 0, 0, 11 * S],
    [S, 'charge', MAX, 0, 0, 10 * S],
    [2 * S, 'consume', 1, 9 * S, 0, 9 * S],
    [11 * S, 'consume', 10, 0, 0, 11 * S],
  ]),
  // A segment is 8,640 s; times 20,000,000,000 units it fits 2^51 in whole seconds only.
  table('a sliding window counts in whole seconds when finer does not fit', { limit: '20000000000/day' }, [
    [S / 2, 'consume', 20_000_000_000, 0, 0, 95_039_500_000],
    [DAY - 1, 'consume', 1, S + 1, 0, 8640 * S + 1],
    [DAY + S - 1, 'consume', 1, 1, 0, 8639 * S + 1],
    [DAY + S, 'consume', 1, 0, 2_314_813, 95_039 * S],
  ]),
]
