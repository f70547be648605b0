import type { Clock } from '../../core/clock.ts'
import { HeadgateError, show, wrongKey } from '../../core/errors.ts'
import type { HashedKeys } from '../../core/hash-keys.ts'
import { attributesOf, attributeText, encodeText, type Who } from '../../core/key.ts'
import type { ReceiptOrigin } from '../../core/receipt.ts'
import type { PolicyContext } from '../compile-policy.ts'
import type { PolicyBudget } from '../policy-budget.ts'
import type { PolicySet } from '../policy-set.ts'
import { CompiledSets } from './compiled-sets.ts'
import { type Entry, type Load, LoadedEntries } from './loaded-entries.ts'
import { policiesOf } from './loaded-value.ts'
import type { PolicySource } from './policy-source.ts'

/** The policies that apply to a request, and whose budgets they have: those of two keys are apart. */
export interface FoundPolicies {
  readonly set: PolicySet
  readonly scope: string
}

/** A failed load is tried again after this long. */
const RETRY_MS = 1000

/** A load that takes longer has failed: another one may begin, so that one that never ends is not waited for for ever. */
const LOAD_MAX_MS = 1000

/** The policies of a source for one limiter: cached by key, loaded once at a time for each key. */
export class LoadedPolicies {
  readonly #source: PolicySource
  readonly #clock: Clock
  readonly #hashedKeys: HashedKeys | null
  readonly #sets: CompiledSets
  readonly #fallback: PolicySet | null
  readonly #entries: LoadedEntries

  constructor(source: PolicySource, context: PolicyContext, clock: Clock) {
    this.#source = source
    this.#clock = clock
    this.#hashedKeys = context.hashedKeys ?? null
    this.#sets = new CompiledSets(context)
    this.#fallback = source.fallback && this.#sets.hold(source.fallback, null)
    this.#entries = new LoadedEntries(source.max, (dropped) => {
      this.#sets.drop(dropped.set)
      dropped.set = null
    })
  }

  /** The policies of a request: at once where they are fresh, else after at most `limitMs`. */
  find(who: Who, limitMs: number): FoundPolicies | Promise<FoundPolicies> {
    const scope = this.#scopeOf(who)
    const entry = this.#entries.use(scope)
    const now = this.#clock.now()
    if (now < entry.usableUntilUs) return { scope, set: this.#resultOf(entry, scope) }
    entry.load ??= this.#startLoad(entry, scope)
    return this.#afterLoad(entry, entry.load, { scope, limitMs })
  }

  /** The policies of a request that were loaded last, however long ago; null where none were. */
  known(who: Who): FoundPolicies | null {
    const scope = this.#scopeOf(who)
    const set = this.#entries.get(scope)?.set ?? this.#fallback
    return set && { scope, set }
  }

  /** Has the policies of one key, or of all, loaded again by the next call; a load under way does not count. */
  invalidate(key?: string | number): void {
    const problem = 'is no key of the policy source; pass a text or a whole number, or nothing for all keys'
    const entries = key === undefined ? this.#entries.all() : [this.#entries.get(keyText(key, problem))]
    for (const entry of entries) {
      if (entry === undefined) continue
      entry.usableUntilUs = 0
      entry.load = null
      entry.oldestLoad = entry.loads + 1
    }
  }

  /** The budget that a receipt refunds to, of any key with such policies; undefined where none is known any more. */
  findBudget(origin: ReceiptOrigin, key: string): PolicyBudget | undefined {
    return this.#sets.findBudget(origin, key)
  }

  #scopeOf(who: Who): string {
    const problem = 'is what the key of the policy source returned; pass the attribute it needs'
    return keyText(this.#valueOf(who), problem)
  }

  #valueOf(who: Who): unknown {
    const attributes = attributesOf(who)
    try {
      return this.#source.key(attributes)
    } catch (reason) {
      if (HeadgateError.is(reason)) throw reason
      const fix = 'look at its cause, and pass the attribute it needs'
      throw new HeadgateError('invalid-key', `the key function of the policy source threw; ${fix}`, {
        cause: reason,
      })
    }
  }

  /** Starts a load, which never rejects: it ends with policies or a failure in the entry. */
  #startLoad(entry: Entry, scope: string): Load {
    const number = ++entry.loads
    const { load } = this.#source
    const done = new Promise<unknown>((resolve) => resolve(load(scope))).then(
      (loaded) => this.#accept(entry, scope, { number, loaded }),
      (reason: unknown) => this.#fail(entry, number, reason),
    )
    return { number, startedUs: this.#clock.now(), done }
  }

  #accept(
    entry: Entry,
    scope: string,
    { number, loaded }: { readonly number: number; readonly loaded: unknown },
  ): void {
    // Another one that began later has ended already, or somebody knows better.
    if (number < entry.oldestLoad) return
    try {
      const next = this.#sets.hold(policiesOf(loaded, 'load'), entry.set)
      // An entry whose place another one took holds nothing: it hands the policies to those who still wait for them.
      this.#sets.drop(this.#entries.know(scope, entry) ? entry.set : next)
      entry.set = next
      entry.failure = null
      entry.oldestLoad = number
      entry.usableUntilUs = this.#clock.now() + this.#source.ttlMs * 1000
      if (entry.load?.number === number) entry.load = null
    } catch (reason) {
      this.#fail(entry, number, reason)
    }
  }

  #fail(entry: Entry, number: number, reason: unknown): void {
    if (entry.load?.number !== number) return
    entry.load = null
    entry.failure = { reason }
    entry.usableUntilUs = this.#clock.now() + Math.min(RETRY_MS, this.#source.ttlMs) * 1000
  }

  async #afterLoad(
    entry: Entry,
    load: Load,
    { scope, limitMs }: { readonly scope: string; readonly limitMs: number },
  ): Promise<FoundPolicies> {
    const sinceUs = this.#clock.now()
    const isDone = await this.#within(load.done, limitMs)
    if (isDone && entry.set === null && entry.failure === null) {
      // It was invalidated meanwhile, and nothing is known from before.
      const leftMs = Math.max(0, limitMs - (this.#clock.now() - sinceUs) / 1000)
      entry.load ??= this.#startLoad(entry, scope)
      return this.#afterLoad(entry, entry.load, { scope, limitMs: leftMs })
    }
    if (!isDone && this.#clock.now() - load.startedUs >= LOAD_MAX_MS * 1000) {
      this.#fail(entry, load.number, new Error(`load takes more than ${LOAD_MAX_MS} ms`))
    }
    if (!isDone && entry.failure === null) {
      const late = { reason: new Error(`load takes more than ${limitMs} ms`) }
      return { scope, set: this.#resultOf({ set: entry.set, failure: late }, scope) }
    }
    return { scope, set: this.#resultOf(entry, scope) }
  }

  /** Whether a load ends within a time. */
  #within(done: Promise<void>, limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(limitMs, () => resolve(false))
      void done.then(() => {
        cancel()
        resolve(true)
      })
    })
  }

  #resultOf({ set, failure }: Pick<Entry, 'set' | 'failure'>, scope: string): PolicySet {
    const last = this.#source.onError === 'stale' ? (set ?? this.#fallback) : null
    const usable = failure === null ? set : last
    if (usable !== null) return usable
    const fix = 'look at its cause, or give the source a fallback'
    // Errors are logged.
    const shown = this.#hashedKeys?.of(encodeText(scope)) ?? scope
    throw new HeadgateError(
      'source-unavailable',
      `the limits of ${show(shown)} could not be loaded; ${fix}`,
      {
        cause: failure?.reason,
      },
    )
  }
}

/** A key of the source as text: a text or a whole number; anything else is an `invalid-key` error with this problem. */
function keyText(value: unknown, problem: string): string {
  const isKey = typeof value === 'string' || Number.isSafeInteger(value)
  const text = isKey ? attributeText({ key: value as string | number }, 'key') : undefined
  if (text === undefined) throw wrongKey(value, problem)
  return text
}
