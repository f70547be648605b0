import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { HeadgateError } from 'headgate'
import { suggest } from 'headgate/errors'
import type { DocumentStore, StoredDocument } from 'headgate/store'
import type { ChangeAction, ChangeRecord } from '../../service/changes/change-record.ts'
import type {
  Changed,
  ChangeRequest,
  PolicyEditor,
  PolicyVersions,
} from '../../service/changes/policy-editor.ts'
import { originOf } from '../../service/events.ts'
import { type ListedPolicy, listedPolicy } from '../../service/policy-listing.ts'
import type { Service } from '../../service/service.ts'
import type { FilePolicy } from '../schema/policy-shape.ts'
import { policyOf, recordOf } from './change-records.ts'
import { checkExpected, checkExpectedSwitch, conflict } from './check-expected.ts'
import { checkChange, checkedPolicy } from './checked-policy.ts'
import { mergePatch } from './merge-patch.ts'
import type { Overlay } from './overlay.ts'
import {
  type KeptChange,
  NOTHING_CHANGED,
  nextDocument,
  type RuntimeDocument,
  readDocument,
} from './runtime-document.ts'
import { SharedDocument } from './shared-document.ts'

/** Whose policies are changed, and where that is kept. */
export interface RuntimeChangesOptions {
  readonly store: DocumentStore
  readonly overlay: Overlay
  /** Told of each change made here. */
  readonly service: Pick<Service, 'tell'>
  /** The configuration file, as messages name it. */
  readonly file: string
  /**
   * Milliseconds since 1970.
   * @default Date.now
   */
  readonly nowMs?: () => number
}

/** Whoever changes the same without a version in mind goes first; after that many times something is wrong. */
const TRIES = 5

/** One change, as it leads from what is there to what comes after. */
interface Edit {
  readonly action: ChangeAction
  readonly name: string | null
  readonly shadow?: boolean
  /** The policy after it; undefined where it is deleted. Not asked for the switch. */
  readonly policyAfter?: (before: FilePolicy | undefined) => FilePolicy | undefined
}

/** Changes at run time: made against the store, and in force here at once. */
export class RuntimeChanges implements PolicyEditor {
  readonly #options: RuntimeChangesOptions
  readonly #shared: SharedDocument
  /** Version seen last in the store, whether it could be used or not. */
  #seen: string
  /** One thing at a time: what was read is what is changed. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: RuntimeChangesOptions) {
    this.#options = options
    this.#shared = new SharedDocument(options.store)
    this.#seen = options.overlay.document.version
  }

  get version(): string {
    return this.#held.version
  }

  /** Puts in force what others changed; rejects where the store does not tell. */
  async refresh(): Promise<void> {
    return this.#inTurn(() => this.#read())
  }

  put(name: string, policy: unknown, request: ChangeRequest): Promise<Changed> {
    return this.#change({ action: 'put', name, policyAfter: () => checkedPolicy(name, policy) }, request)
  }

  patch(name: string, patch: unknown, request: ChangeRequest): Promise<Changed> {
    const policyAfter = (before: FilePolicy | undefined): FilePolicy => {
      if (before === undefined) throw this.#unknown(name)
      return checkedPolicy(name, mergePatch(before, patch))
    }
    return this.#change({ action: 'patch', name, policyAfter }, request)
  }

  delete(name: string, request: ChangeRequest): Promise<Changed> {
    const policyAfter = (before: FilePolicy | undefined): undefined => {
      if (before === undefined) throw this.#unknown(name)
    }
    return this.#change({ action: 'delete', name, policyAfter }, request)
  }

  setShadow(shadow: boolean, request: ChangeRequest): Promise<Changed> {
    return this.#change({ action: 'shadow', name: null, shadow }, request)
  }

  history(shows: (change: PolicyVersions) => boolean = () => true): readonly ChangeRecord[] {
    const shown = this.#held.history.filter(({ name, before, after }) =>
      shows({ name, before: policyOf(before), after: policyOf(after) }),
    )
    return shown.map(recordOf).reverse()
  }

  get #held(): RuntimeDocument {
    return this.#options.overlay.document
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run)
    this.#last = turn.catch(() => {})
    return turn
  }

  async #read(): Promise<void> {
    const read = await this.#shared.read(this.#seen)
    if (read === 'unchanged') return
    if (read === 'absent') return this.#putBack(NOTHING_CHANGED.version)
    // A store that forgot the last changes, as after a failover, is told them again.
    if (
      this.#held.history.some(({ version }) => version === read.revision) &&
      read.revision !== this.version
    ) {
      return this.#putBack(read.revision)
    }
    await this.#take(read)
  }

  async #take({ revision, text }: StoredDocument): Promise<void> {
    this.#seen = revision
    const { overlay } = this.#options
    try {
      await overlay.accept(readDocument(text))
    } catch (reason) {
      await overlay.refuse(reason)
    }
  }

  /** Where somebody was faster, that is what there is. */
  async #putBack(inPlaceOf: string): Promise<void> {
    const held = this.#held
    this.#seen = inPlaceOf
    if (held.version === NOTHING_CHANGED.version) return
    if (await this.#shared.put(held, inPlaceOf)) this.#seen = held.version
    else await this.#read()
  }

  #change(edit: Edit, request: ChangeRequest): Promise<Changed> {
    return this.#inTurn(async () => {
      for (let i = 0; i < TRIES; i++) {
        await this.#read()
        const next = this.#after(edit, request)
        if (next === null) return this.#unchanged(edit)
        if (!(await this.#shared.put(next, this.#seen))) continue
        this.#seen = next.version
        await this.#options.overlay.accept(next)
        return this.#told(next, request)
      }
      throw conflict('others change policies all the time; try again')
    })
  }

  /** The document after a change; null where that leaves all as it is. Throws where it may not be made. */
  #after({ action, name, shadow, policyAfter }: Edit, request: ChangeRequest): RuntimeDocument | null {
    const held = this.#held
    if (this.#seen !== held.version) {
      throw conflict('the last changes could not be put in force here, see "rejected" of GET /v1/policies')
    }
    const change = { at: (this.#options.nowMs ?? Date.now)(), transport: request.transport, action, name }
    const made = { ...change, actor: request.actor ?? null }
    if (name === null || policyAfter === undefined) {
      checkExpectedSwitch(request, held.version)
      const after = shadow ?? false
      if (after === held.shadow) return null
      return nextDocument(held, { ...held, shadow: after }, { ...made, before: held.shadow, after })
    }
    const before = held.policies.find((one) => one.name === name)
    const { file } = this.#options.overlay
    const ofFile = file.policies.find((one) => one.name === name)
    const others = [...file.policies, ...held.policies].filter((one) => one.name !== name)
    // What may not be touched is not told about either.
    request.check?.(name, before ?? ofFile, others)
    this.#checkGoverned(name, { isOfFile: ofFile !== undefined, deletes: action === 'delete' && !!before })
    // Of one that is not there, a patch and a deletion say so by themselves.
    checkExpected(request, { version: held.version, exists: before !== undefined || action !== 'put' })
    const after = policyAfter(before)
    if (after !== undefined) request.check?.(name, after, others)
    const policies = replaced(held.policies, name, after)
    const kept = { ...made, before: before ?? null, after: after ?? null }
    const next = nextDocument(held, { ...held, policies }, kept)
    if (after !== undefined) checkChange(file, { held, next, name })
    return isDeepStrictEqual(before, after) ? null : next
  }

  #checkGoverned(
    name: string,
    { isOfFile, deletes }: { readonly isOfFile: boolean; readonly deletes: boolean },
  ): void {
    const file = basename(this.#options.file)
    if (!this.#options.overlay.file.atRunTime.allowed) {
      throw conflict(
        `the file ${file} governs all policies; change it there, or let policies live at run time by runtime: { policies: true }`,
      )
    }
    // One that the file has taken over can still be cleared away.
    if (isOfFile && !deletes) throw conflict(`the file ${file} governs the policy "${name}"; change it there`)
  }

  #told(next: RuntimeDocument, request: ChangeRequest): Changed {
    const record = recordOf(next.history.at(-1) as KeptChange)
    const { actor: _, transport: _t, ...what } = record
    this.#options.service.tell('policy-change', { ...what, ...originOf(request) })
    const { action, after, version } = record
    const isPolicy = action === 'put' || action === 'patch'
    return { version, policy: isPolicy ? (after as ListedPolicy) : null }
  }

  /** What is told of nobody: who repeats a change must not push the others out of the history. */
  #unchanged({ name }: Edit): Changed {
    const policy = this.#held.policies.find((one) => one.name === name)
    return { version: this.version, policy: policy === undefined ? null : listedPolicy(policy) }
  }

  #unknown(name: string): HeadgateError {
    const known = this.#held.policies.map((one) => one.name)
    const message = `no policy "${name}" lives at run time${suggest(name, known)}`
    return new HeadgateError('unknown-policy', message)
  }
}

function replaced(
  policies: readonly FilePolicy[],
  name: string,
  after: FilePolicy | undefined,
): readonly FilePolicy[] {
  const position = policies.findIndex((one) => one.name === name)
  if (position < 0) return after === undefined ? policies : [...policies, after]
  return after === undefined ? policies.toSpliced(position, 1) : policies.with(position, after)
}
