import type { DocumentPut, DocumentRead, StoredDocument } from '../../core/document-store.ts'
import type { SecretOffer } from '../../core/secret-store.ts'
import { type SecretEntry, secretsWith } from '../local/secrets-with.ts'
import { DOCUMENT, fingerprintOf, KeptRecord, type Kind, SECRETS } from './kept-records.ts'
import type { ThreadMemory } from './thread-memory.ts'

/** A document, under the name that it has: two names may share a fingerprint. */
type NamedDocument = StoredDocument & { readonly name: string }

/** Secrets and documents of all threads. */
export class SharedTexts {
  readonly #memory: ThreadMemory

  constructor(memory: ThreadMemory) {
    this.#memory = memory
  }

  /** The secrets, newest first, among them the one offered where the newest is too old. */
  secrets(offer: SecretOffer, now: number): readonly string[] {
    return this.#change<readonly SecretEntry[], readonly string[]>(SECRETS, '', (entries) => {
      const next = secretsWith(entries ?? [], offer, now)
      return { next, result: next.map(([secret]) => secret) }
    })
  }

  readDocument(name: string, known: string | null): DocumentRead {
    return this.#change<NamedDocument, DocumentRead>(DOCUMENT, name, (found) => {
      if (found?.name !== name) return { result: 'absent' }
      const { revision, text } = found
      return { result: revision === known ? 'unchanged' : { revision, text } }
    })
  }

  putDocument(name: string, { expected, revision, text }: DocumentPut): boolean {
    return this.#change<NamedDocument, boolean>(DOCUMENT, name, (found) => {
      if ((found?.revision ?? null) !== expected) return { result: false }
      return { next: { name, revision, text }, result: true }
    })
  }

  /** Reads data, and writes what is to be next, if anything. */
  #change<T, R>(kind: Kind, name: string, change: (data: T | null) => { next?: T; result: R }): R {
    const memory = this.#memory
    const place = fingerprintOf(memory, kind, name)
    return memory.transact(() => {
      const record = new KeptRecord(memory, kind, place)
      const { text } = record
      const { next, result } = change(text === null ? null : JSON.parse(text))
      if (next !== undefined) record.writeText(JSON.stringify(next))
      return result
    })
  }
}
