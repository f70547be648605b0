import type { Store } from './store.ts'

/** A text that all who use a store under one prefix share, such as what was changed at run time. */
export interface StoredDocument {
  /** Tells one text from another; whoever puts one chooses it: a line that was not there before. */
  readonly revision: string
  readonly text: string
}

/** A text that is to take the place of another one. */
export interface DocumentPut extends StoredDocument {
  /** Revision of the one in whose place it comes; null where there is none. */
  readonly expected: string | null
}

/** What a store says of a document to somebody who knows one revision, or none, of it. */
export type DocumentRead = StoredDocument | 'unchanged' | 'absent'

/** A store that keeps documents. They do not expire. */
export interface DocumentStore extends Store {
  /** The document where its revision is not the one `known`, which is null for somebody who knows none. */
  readDocument(name: string, known: string | null): Promise<DocumentRead>
  /** Puts a document if what is there is what was expected; says whether it did. Of two who expect the same one does. */
  putDocument(name: string, put: DocumentPut): Promise<boolean>
}

export function isDocumentStore(store: Store): store is DocumentStore {
  return 'readDocument' in store
}
