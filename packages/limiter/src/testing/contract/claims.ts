import assert from 'node:assert/strict'
import { type ClaimingStore, isClaiming } from '../../core/claiming-store.ts'
import { type ContractCase, type ContractSubject, S, START } from './case.ts'

/** For stores that have claims; on others these cases have nothing to say. */
export const claimCases: readonly ContractCase[] = [
  onClaims('a claim is taken once, and whoever comes later learns its value', async (store, { unique }) => {
    const claim = { id: unique(), value: 7, endsAtUs: START + 10 * S }
    assert.deepEqual(await store.claim(claim), { by: 'caller', value: 7 })
    assert.deepEqual(await store.claim({ ...claim, value: 9 }), { by: 'another', value: 7 })
    assert.deepEqual(await store.claim(claim), { by: 'another', value: 7 })
  }),
  onClaims('of claims made at the same instant one is taken', async (store, { unique }) => {
    const id = unique()
    const all = [1, 2, 3, 4, 5].map((value) => store.claim({ id, value, endsAtUs: START + S }))
    const answers = await Promise.all(all)
    const [taken, ...more] = answers.filter(({ by }) => by === 'caller')
    assert.deepEqual([taken?.by, more], ['caller', []])
    for (const { value } of answers) assert.equal(value, taken?.value)
  }),
  onClaims('asking who would get a claim takes nothing', async (store, { unique }) => {
    const claim = { id: unique(), value: 7, endsAtUs: START + 10 * S }
    assert.deepEqual(await store.claim({ ...claim, value: null }), { by: 'caller', value: null })
    assert.deepEqual(await store.claim(claim), { by: 'caller', value: 7 })
    assert.deepEqual(await store.claim({ ...claim, value: null }), { by: 'another', value: 7 })
  }),
  onClaims('claims of other ids are apart', async (store, { unique }) => {
    const [one, two] = [unique(), unique()]
    assert.equal((await store.claim({ id: one, value: 0, endsAtUs: START + S })).by, 'caller')
    assert.equal((await store.claim({ id: two, value: 0, endsAtUs: START + S })).by, 'caller')
  }),
  onClaims('from its end on nobody gets a claim', async (store, { clock, unique }) => {
    const [early, late] = [unique(), unique()]
    const endsAtUs = START + S
    await store.claim({ id: early, value: 3, endsAtUs })
    clock.set(endsAtUs - 1)
    assert.equal((await store.claim({ id: early, value: 4, endsAtUs })).by, 'another')
    clock.set(endsAtUs)
    assert.deepEqual(await store.claim({ id: early, value: 4, endsAtUs }), { by: 'nobody', value: null })
    assert.deepEqual(await store.claim({ id: late, value: 4, endsAtUs }), { by: 'nobody', value: null })
  }),
  onClaims('a claim that was given up can be taken again', async (store, { unique }) => {
    const claim = { id: unique(), value: Number.MAX_SAFE_INTEGER, endsAtUs: START + S }
    await store.unclaim(claim.id)
    assert.equal((await store.claim(claim)).by, 'caller')
    await store.unclaim(claim.id)
    assert.deepEqual(await store.claim(claim), { by: 'caller', value: Number.MAX_SAFE_INTEGER })
  }),
]

function onClaims(
  name: string,
  run: (store: ClaimingStore, subject: ContractSubject) => Promise<void>,
): ContractCase {
  return {
    name,
    async run(subject) {
      subject.clock.set(START)
      if (isClaiming(subject.store)) await run(subject.store, subject)
    },
  }
}
