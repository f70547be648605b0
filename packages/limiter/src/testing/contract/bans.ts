import assert from 'node:assert/strict'
import type { Budget } from '../../core/budget.ts'
import {
  budgetFor,
  type ContractCase,
  type ContractSubject,
  decide,
  HOUR,
  MINUTE,
  type Rules,
  S,
  START,
} from './case.ts'
import { play, type Row } from './case-table.ts'

/** A case on a policy that bans: for a minute, then 10, then an hour. */
function banning(name: string, rules: Rules, rows: readonly Row[]): ContractCase {
  return { name, run: (subject) => play(subject, banningBudget(subject, rules), rows) }
}

const BANS = [MINUTE, 10 * MINUTE, HOUR]

function banningBudget(subject: ContractSubject, rules: Rules): Budget {
  return { ...budgetFor(subject, rules), bans: BANS }
}

/** `ban`: the first denial since a spend denies all that follow, for longer each time. */
export const banCases: readonly ContractCase[] = [
  banning('the first denial since a spend bans, those within the ban do not', '2/10s', [
    { at: 0, consume: 2, wait: 0 },
    { at: S, consume: 1, wait: MINUTE, blocked: false, remaining: 0 },
    { at: S, consume: 1, wait: MINUTE, blocked: true, remaining: 0 },
    { at: 10 * S, peek: 1, wait: 51 * S, blocked: true, remaining: 2 },
    { at: MINUTE + S - 1, consume: 2, wait: 1, blocked: true },
    { at: MINUTE + S, consume: 2, wait: 0, remaining: 0, reset: 10 * S },
    { at: MINUTE + S, consume: 1, wait: 10 * MINUTE, blocked: false },
    { at: 11 * MINUTE + S, consume: 2, wait: 0 },
    { at: 11 * MINUTE + S, consume: 1, wait: HOUR, blocked: false },
    { at: 71 * MINUTE + S - 1, consume: 1, wait: 1, blocked: true },
    { at: 71 * MINUTE + S, consume: 2, wait: 0 },
  ]),
  banning('the last ban is that of every later offence in a row', '1/s', [
    { at: 0, consume: 1 },
    { at: 0, consume: 1, wait: MINUTE },
    { at: MINUTE, consume: 1, wait: 0 },
    { at: MINUTE, consume: 1, wait: 10 * MINUTE },
    { at: 11 * MINUTE, consume: 1, wait: 0 },
    { at: 11 * MINUTE, consume: 1, wait: HOUR },
    { at: 71 * MINUTE, consume: 1, wait: 0 },
    { at: 71 * MINUTE, consume: 1, wait: HOUR, blocked: false },
    { at: 72 * MINUTE, block: 0, consume: 1, wait: 0 },
    { at: 72 * MINUTE, consume: 1, wait: HOUR, blocked: false },
  ]),
  banning('the level falls to zero after the longest ban without an offence', '1/s', [
    { at: 0, consume: 1 },
    { at: 0, consume: 1, wait: MINUTE },
    { at: 61 * MINUTE - 1, consume: 1, wait: 0 },
    { at: 61 * MINUTE - 1, consume: 1, wait: 10 * MINUTE },
    { at: 131 * MINUTE - 1, consume: 1, wait: 0 },
    { at: 131 * MINUTE - 1, consume: 1, wait: MINUTE },
  ]),
  banning('a denial is no offence until the key is spent from again', '1/day', [
    { at: 0, consume: 1 },
    { at: 0, consume: 1, wait: 24 * HOUR, blocked: false },
    { at: S, consume: 1, wait: 24 * HOUR - S, blocked: true },
    { at: MINUTE, consume: 1, wait: 24 * HOUR - MINUTE, blocked: false },
    { at: 2 * HOUR, consume: 1, wait: 22 * HOUR, blocked: false },
    { at: 2 * HOUR, consume: 1, wait: 22 * HOUR, blocked: false },
    { at: 24 * HOUR, consume: 1, wait: 0 },
    { at: 24 * HOUR, consume: 1, wait: 24 * HOUR, blocked: false },
    { at: 24 * HOUR, consume: 1, wait: 24 * HOUR, blocked: true },
  ]),
  banning('the wait of an offence is that of the rules where it is longer', '1/5min', [
    { at: 0, consume: 1 },
    { at: 0, consume: 1, wait: 5 * MINUTE, blocked: false },
    { at: MINUTE - 1, consume: 1, wait: 4 * MINUTE + 1, blocked: true },
    { at: MINUTE, consume: 1, wait: 4 * MINUTE, blocked: false },
    { at: 5 * MINUTE, consume: 1, wait: 0 },
  ]),
  banning('peeks, costs of 0, costs above the capacity and what is blameless are no offences', '2/10s', [
    { at: 0, consume: 2 },
    { at: 0, peek: 1, wait: 10 * S, blocked: false },
    { at: 0, charge: 1, wait: 0 },
    { at: 0, consume: 0, wait: 10 * S, blocked: false },
    { at: 0, consume: 3, wait: -1, blocked: false },
    { at: 0, consume: 1, blameless: true, wait: 10 * S, blocked: false },
    { at: 10 * S, consume: 2, wait: 0 },
    { at: 10 * S, consume: 1, wait: MINUTE, blocked: false },
    { at: 10 * S, consume: 1, blameless: true, wait: MINUTE, blocked: true },
  ]),
  banning('a spend that was undone is none', '2/10s', [
    { at: 0, consume: 2 },
    { at: 0, consume: 1, wait: MINUTE },
    { at: MINUTE, consume: 1, wait: 0, as: 'undone' },
    { at: MINUTE, charge: 1, wait: 0, as: 'also undone' },
    { at: MINUTE + S, refund: 'undone', gives: 1 },
    { at: MINUTE + S, refund: 'also undone', gives: 1 },
    { at: MINUTE + S, charge: 2, as: 'last' },
    { at: MINUTE + 2 * S, refund: 'last', gives: 2 },
    { at: MINUTE + 2 * S, refund: 'last', gives: 0 },
    { at: MINUTE + 2 * S, peek: 2, wait: 0 },
    { at: MINUTE + 2 * S, charge: 2, wait: 0 },
    { at: MINUTE + 3 * S, consume: 1, wait: 10 * MINUTE, blocked: false },
  ]),
  banning('a denial after nothing but undone spends is no offence', '1/min', [
    { at: 0, consume: 1 },
    { at: 0, consume: 1, wait: MINUTE },
    { at: 0, block: 0 },
    { at: 59 * S, charge: 1, as: 'undone' },
    { at: 59 * S, refund: 'undone', gives: 1 },
    { at: 59 * S, consume: 1, wait: S, blocked: false },
    { at: 59 * S, consume: 1, wait: S, blocked: false },
  ]),
  banning('an unblock ends a ban and keeps the level, a reset forgets it', '1/s', [
    { at: 0, consume: 1 },
    { at: 0, consume: 1, wait: MINUTE },
    { at: S, block: 0, consume: 1, wait: 0 },
    { at: S, consume: 1, wait: 10 * MINUTE },
    { at: 2 * S, forget: true, consume: 1, wait: 0 },
    { at: 2 * S, consume: 1, wait: MINUTE, blocked: false },
  ]),
  banning('a block beside a ban: the later end counts', '1/s', [
    { at: 0, consume: 1 },
    { at: 0, consume: 1, wait: MINUTE },
    { at: 0, block: 2 * MINUTE },
    { at: S, consume: 1, wait: 2 * MINUTE - S, blocked: true },
    { at: 2 * MINUTE, consume: 1, wait: 0 },
    { at: 2 * MINUTE, consume: 1, wait: 10 * MINUTE },
    { at: 2 * MINUTE, block: S },
    { at: 2 * MINUTE, consume: 1, wait: 10 * MINUTE, blocked: true },
  ]),
  banning('a ban from the future begins anew', '1/s', [
    { at: HOUR, consume: 1 },
    { at: HOUR, consume: 1, wait: MINUTE },
    { at: 0, consume: 1, wait: MINUTE, blocked: true },
    { at: MINUTE - 1, consume: 1, wait: 1, blocked: true },
    { at: MINUTE, consume: 1, wait: 0 },
    { at: MINUTE, consume: 1, wait: 10 * MINUTE },
  ]),
  {
    name: 'of several policies those offend whose own rules deny, and no change of rules or bans ends what stands',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const [tight, wide] = [banningBudget(subject, '1/s'), banningBudget(subject, ['5/s', '7/min'])]
      const both = [tight, wide].map((budget) => ({ budget, key: 'a', cost: 1 }))
      await decide(store, 'consume', both)
      const denied = await decide(store, 'consume', both)
      assert.deepEqual(
        [denied.waits, denied.blocked],
        [
          [MINUTE, 0, 0],
          [false, false, false],
        ],
      )
      const alone = await decide(store, 'consume', both.slice(1))
      assert.deepEqual(alone.waits, [0, 0], 'the other policy bans nobody')
      const changed = { ...budgetFor(subject, { algorithm: 'token-bucket', limit: '9/s' }, tight.policy) }
      const later = await decide(store, 'consume', [{ budget: changed, key: 'a', cost: 1 }])
      assert.deepEqual([later.waits, later.blocked], [[MINUTE], [true]])
      clock.advanceUs(MINUTE)
      const harsher = { ...changed, bans: [S, HOUR] }
      await decide(store, 'charge', [{ budget: harsher, key: 'a', cost: 9 }])
      const second = await decide(store, 'consume', [{ budget: harsher, key: 'a', cost: 9 }])
      assert.deepEqual([second.waits, second.blocked], [[HOUR], [false]], 'the second offence in a row')
    },
  },
]
