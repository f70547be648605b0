import type { DocumentPut, DocumentRead, StoredDocument } from '../../core/document-store.ts'

/** A document by its name. */
export type DocumentEntry = readonly [name: string, document: StoredDocument]

/** Keeps documents for those who use a store. Twin of `document.lua`. */
export class DocumentLedger {
  readonly #documents: Map<string, StoredDocument>

  /** With what {@link entries} of another one had. */
  constructor(entries: readonly DocumentEntry[] = []) {
    this.#documents = new Map(entries)
  }

  /** What it keeps. */
  get entries(): readonly DocumentEntry[] {
    return [...this.#documents]
  }

  read(name: string, known: string | null): DocumentRead {
    const document = this.#documents.get(name)
    if (document === undefined) return 'absent'
    return document.revision === known ? 'unchanged' : document
  }

  put(name: string, { expected, revision, text }: DocumentPut): boolean {
    const present = this.#documents.get(name)?.revision ?? null
    if (present !== expected) return false
    this.#documents.set(name, { revision, text })
    return true
  }
}
