import { type ContractCase, S, table } from './case.ts'

const log = (limit: number) => ({ algorithm: 'sliding-log', limit: `${limit}/10s` }) as const

export const slidingLogCases: readonly ContractCase[] = [
  table('a sliding log lets every spend go after exactly its window', log(3), [
    [0, 'consume', 1, 0, 2, 10 * S],
    [4 * S, 'consume', 2, 0, 0, 10 * S],
    [5 * S, 'consume', 1, 5 * S, 0, 9 * S],
    [5 * S, 'consume', 2, 9 * S, 0, 9 * S],
    [5 * S, 'consume', 4, -1, 0, 9 * S],
    [10 * S - 1, 'consume', 1, 1, 0, 4 * S + 1],
    [10 * S, 'consume', 1, 0, 0, 10 * S],
    [14 * S, 'consume', 2, 0, 0, 10 * S],
  ]),
  table('a sliding log joins spends of one instant', log(3), [
    [0, 'consume', 1, 0, 2, 10 * S],
    [0, 'consume', 2, 0, 0, 10 * S],
    [1, 'consume', 1, 10 * S - 1, 0, 10 * S - 1],
    [10 * S, 'consume', 3, 0, 0, 10 * S],
  ]),
  table('a charge beyond a sliding log leaves with its entry', log(3), [
    [0, 'consume', 2, 0, 1, 10 * S],
    [S, 'charge', 4, 0, 0, 10 * S],
    [2 * S, 'consume', 0, 9 * S, 0, 9 * S],
    [10 * S, 'consume', 0, S, 0, S],
    [11 * S, 'consume', 3, 0, 0, 10 * S],
  ]),
]
