import type { DocumentRead, DocumentStore } from 'headgate/store'
import { withinTime } from '../../service/time-limit.ts'
import { NOTHING_CHANGED, type RuntimeDocument, textOf } from './runtime-document.ts'

/** As stores call it; part of a key in Redis. */
const NAME = 'policies'
/** Far above what a store needs that is well. */
const ANSWER_MS = 1000

/** The document with what was changed at run time, in a store that services share. */
export class SharedDocument {
  readonly #store: DocumentStore

  constructor(store: DocumentStore) {
    this.#store = store
  }

  /** What is there for somebody who has seen one version; rejects with `store-unavailable`. */
  read(seen: string): Promise<DocumentRead> {
    return withinTime(this.#store.readDocument(NAME, revisionOf(seen)), ANSWER_MS)
  }

  /** Puts a document in place of one version, and says whether that was there; rejects with `store-unavailable`. */
  put(document: RuntimeDocument, expected: string): Promise<boolean> {
    const put = {
      expected: revisionOf(expected),
      revision: document.version,
      text: textOf(document),
    }
    return withinTime(this.#store.putDocument(NAME, put), ANSWER_MS)
  }
}

function revisionOf(version: string): string | null {
  return version === NOTHING_CHANGED.version ? null : version
}
