import assert from 'node:assert/strict'
import { budgetOf } from '../../core/budget.ts'
import { encodeKey, fallbackKey, GLOBAL_KEY } from '../../core/key.ts'
import { budgetFor, type ContractCase, decide, START } from './case.ts'

const LONG = 'x'.repeat(100_000)

/** Keys that a careless store would confuse with each other, or interpret as something else. */
const texts: readonly string[] = [
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'undefined',
    'null',
    '0',
    '-1',
    '1e3',
  ],
  ...[
    '{a}',
    '{a}b',
    '{b}a',
    '{}',
    '{',
    '}',
    '}{',
    '{a',
    'a}',
    '{a}{b}',
    ':',
    '::',
    '*',
    '?',
    '[a]',
    '\\',
    '"',
    "'",
  ],
  ...[
    'a',
    'A',
    'a ',
    ' a',
    'a\n',
    'a\r\n',
    'a\0',
    '\0',
    'a\0b',
    ' ',
    '\t',
    '%00',
    '$1',
    '~',
    '~~',
    '~g',
    '~~g',
  ],
  ...[
    'é',
    'e\u0301',
    'ß',
    'ss',
    'İ',
    'i',
    'ﬁ',
    'fi',
    '１',
    '🔒',
    '\u200b',
    'a\u200b',
    '\ufeff',
    '\ufffd',
    '\u2028',
  ],
  ...['\ud800', '\udfff', '\ud83d', '\udd12', '\ud83da', '\ud800\ud800', '\ufffd\ufffd', '\udfff\ud800'],
  ...['x'.repeat(1000), `${'x'.repeat(999)}y`, LONG, `${LONG}y`, `y${LONG}`, 'é'.repeat(50_000)],
]

/** Identities of several parts that a careless join would make equal. */
const identities: readonly (readonly string[])[] = [
  ['a', 'b'],
  ['ab', ''],
  ['', 'ab'],
  ['a', '', 'b'],
  ['a:b', 'c'],
  ['a', 'b:c'],
  ['a', 'b', 'c'],
  ['1:a1:b'],
  ['~1:a1:b'],
  ['b', 'a'],
]

const everyKey: readonly string[] = [
  ...texts.map((text) => encodeKey([text])),
  ...identities.map(encodeKey),
  GLOBAL_KEY,
  fallbackKey('::1'),
]

export const keyCases: readonly ContractCase[] = [
  {
    name: 'every key has a budget of its own, whatever it is made of',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const budget = budgetFor(subject, '1/min')
      assert.equal(new Set(everyKey).size, everyKey.length, 'no two identities share an encoded key')
      for (const key of everyKey) {
        const { waits, remaining } = await decide(store, 'consume', [{ budget, key, cost: 1 }])
        assert.deepEqual([nameOf(key), waits, remaining], [nameOf(key), [0], [0]])
      }
      for (const key of everyKey) {
        const { waits } = await decide(store, 'consume', [{ budget, key, cost: 1 }])
        assert.ok((waits[0] as number) > 0, `${nameOf(key)} is spent`)
      }
      const [first = '', ...others] = everyKey
      await store.reset(others.map((key) => ({ budget, key })))
      assert.deepEqual((await decide(store, 'peek', [{ budget, key: first, cost: 0 }])).waits, [0])
      const verdicts = await decide(
        store,
        'consume',
        others.map((key) => ({ budget, key, cost: 1 })),
      )
      assert.deepEqual(new Set(verdicts.waits), new Set([0]), 'all of them were reset')
      const { waits } = await decide(store, 'consume', [{ budget, key: first, cost: 1 }])
      assert.ok((waits[0] as number) > 0, 'the first was not')
    },
  },
  {
    name: 'a policy and a key are told apart, whatever their names',
    async run(subject) {
      const { store, clock } = subject
      clock.set(START)
      const [rules, prefix] = [budgetFor(subject, '1/min').rules, subject.unique()]
      const pairs = [
        ['', 'a/b'],
        ['a', '/b'],
        ['a/', 'b'],
        ['a/b', 'a/b'],
        ['/a', 'b'],
        ['a.b', 'c'],
        ['a', 'b.c'],
        ['a', '.b.c'],
        ['constructor', 'a'],
        ['toString', 'a'],
      ]
      for (const [policy = '', key = ''] of pairs) {
        const budget = budgetOf(prefix + policy, rules)
        const verdicts = await decide(store, 'consume', [{ budget, key, cost: 1 }])
        assert.deepEqual([policy, key, verdicts.waits], [policy, key, [0]])
      }
    },
  },
]

function nameOf(key: string): string {
  return JSON.stringify(key.length > 40 ? `${key.slice(0, 20)}… (${key.length})` : key)
}
