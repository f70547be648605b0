import assert from 'node:assert/strict'
import { type DocumentStore, isDocumentStore } from '../../core/document-store.ts'
import { type ContractCase, type ContractSubject, DAY, START } from './case.ts'

/** Longer than a packet, with characters of one to four bytes and line breaks. */
const LONG = 'aé€😀\n'.repeat(30_000)

/** For stores that keep documents; on others these cases have nothing to say. */
export const documentCases: readonly ContractCase[] = [
  onDocuments('a document is there once it was put', async (store, { unique }) => {
    const name = unique()
    assert.equal(await store.readDocument(name, null), 'absent')
    assert.equal(await store.readDocument(name, '1'), 'absent')
    assert.equal(await store.putDocument(name, { expected: null, revision: '1', text: LONG }), true)
    assert.deepEqual(await store.readDocument(name, null), { revision: '1', text: LONG })
    assert.equal(await store.readDocument(name, '1'), 'unchanged')
    assert.deepEqual(await store.readDocument(name, '0'), { revision: '1', text: LONG })
  }),
  onDocuments('another takes its place only where it is the one expected', async (store, { unique }) => {
    const name = unique()
    const put = (expected: string | null, revision: string): Promise<boolean> =>
      store.putDocument(name, { expected, revision, text: `text of ${revision}` })
    assert.equal(await put('1', '2'), false)
    assert.equal(await put(null, '1'), true)
    assert.equal(await put(null, '2'), false)
    assert.equal(await put('2', '3'), false)
    assert.deepEqual(await store.readDocument(name, null), { revision: '1', text: 'text of 1' })
    assert.equal(await put('1', '2'), true)
    assert.deepEqual(await store.readDocument(name, '1'), { revision: '2', text: 'text of 2' })
  }),
  onDocuments('of those put at the same instant one is kept', async (store, { unique }) => {
    const name = unique()
    const revisions = ['a', 'b', 'c', 'd', 'e']
    const kept = await Promise.all(
      revisions.map((revision) => store.putDocument(name, { expected: null, revision, text: revision })),
    )
    assert.equal(kept.filter((one) => one).length, 1)
    const text = revisions[kept.indexOf(true)]
    assert.deepEqual(await store.readDocument(name, null), { revision: text, text })
  }),
  onDocuments('documents of other names are apart', async (store, { unique }) => {
    const [one, two] = [unique(), unique()]
    assert.equal(await store.putDocument(one, { expected: null, revision: '1', text: '' }), true)
    assert.equal(await store.readDocument(two, null), 'absent')
    assert.deepEqual(await store.readDocument(one, null), { revision: '1', text: '' })
  }),
  onDocuments('time does not end a document', async (store, { clock, unique }) => {
    const name = unique()
    await store.putDocument(name, { expected: null, revision: '1', text: 'kept' })
    clock.advanceUs(1000 * DAY)
    assert.equal(await store.readDocument(name, '1'), 'unchanged')
  }),
]

function onDocuments(
  name: string,
  run: (store: DocumentStore, subject: ContractSubject) => Promise<void>,
): ContractCase {
  return {
    name,
    async run(subject) {
      subject.clock.set(START)
      if (isDocumentStore(subject.store)) await run(subject.store, subject)
    },
  }
}
