import { isDeepStrictEqual } from 'node:util'
import type { TokenSettings } from '../access/token-settings.ts'
import { type Visibility, visibilityOf } from '../access/visibility.ts'
import type { Service } from '../service.ts'
import { EventBudget } from './event-budget.ts'

/** Somebody who watches. */
export interface Viewer {
  /** Tells of an event; false where that is no longer possible, and it is forgotten. */
  send(event: string, json: string): boolean
  /** Nothing more will come. */
  end(): void
}

/** What makes an event as somebody with this visibility may be told of it; null where it is not for them. */
export type Telling = (visibility: Visibility) => (() => object) | null

/** Most viewers at once. */
export const VIEWERS_MAX = 100

/** Viewers who see the same: those of one token. */
interface Group {
  readonly visibility: Visibility
  /** Of the token; null where there are none. */
  readonly settings: TokenSettings | null
  readonly budget: EventBudget
  readonly viewers: Set<Viewer>
}

/** Those who watch a service: whatever is told to several who see the same is made once. */
export class Watchers {
  readonly #service: Pick<Service, 'configuration'>
  readonly #groups = new Map<string, Group>()
  #ended = false
  #onNames: (names: readonly string[]) => void = () => {}

  constructor(service: Pick<Service, 'configuration'>) {
    this.#service = service
  }

  /** Calls a function with the names of the tokens for which somebody watches, whenever these are others; '' is for who needs none. */
  followNames(onNames: (names: readonly string[]) => void): void {
    this.#onNames = onNames
  }

  get size(): number {
    return [...this.#groups.values()].reduce((sum, { viewers }) => sum + viewers.size, 0)
  }

  /** Whether nobody watches: then nothing has to be made. */
  get isEmpty(): boolean {
    return this.#groups.size === 0
  }

  /** Answers what ends it; null where as many watch as may, or where it has ended. */
  add(caller: Pick<Service, 'grant'>, viewer: Viewer): (() => void) | null {
    const visibility = visibilityOf(caller)
    if (this.#ended || this.size >= VIEWERS_MAX) return null
    const name = caller.grant?.name ?? ''
    const known = this.#groups.get(name)
    const group = known ?? this.#newGroup(visibility, caller.grant?.name)
    this.#groups.set(name, group)
    group.viewers.add(viewer)
    if (known === undefined) this.#tellNames()
    return () => this.#remove(name, viewer)
  }

  /** Tells of something as it happens, as far as there is room in this second. */
  tell(event: string, telling: Telling): void {
    for (const [name, { visibility, budget }] of this.#groups) {
      const make = telling(visibility)
      if (make !== null && budget.take(event)) this.#send(name, event, JSON.stringify(make()))
    }
  }

  /** Passes on what was told for those of one token elsewhere, as far as there is room in this second. */
  passOn(name: string, event: string, json: string): void {
    if (this.#groups.get(name)?.budget.take(event)) this.#send(name, event, json)
  }

  /** Counts what had no room elsewhere, of those of one token. */
  omit(name: string, omitted: Readonly<Record<string, number>>): void {
    const budget = this.#groups.get(name)?.budget
    for (const [kind, count] of Object.entries(omitted)) budget?.omit(kind, count)
  }

  /** Tells what every second brings, and how many events had no room in the last one. */
  tellSnapshot(snapshot: (visibility: Visibility) => object): void {
    // All who see everything have one visibility, whatever their tokens.
    const made = new Map<Visibility, object>()
    for (const [name, { visibility, budget }] of this.#groups) {
      const seen = made.get(visibility) ?? snapshot(visibility)
      made.set(visibility, seen)
      this.#send(name, 'snapshot', JSON.stringify({ ...seen, omitted: budget.renew() }))
    }
  }

  /** A second has passed: answers what had no room in it, by the names of tokens. */
  renew(): ReadonlyMap<string, Readonly<Record<string, number>>> {
    return new Map([...this.#groups].map(([name, { budget }]) => [name, budget.renew()]))
  }

  /** Ends the streams of tokens that are gone, or are for something else. */
  checkTokens(): void {
    const { tokens, access } = this.#service.configuration()
    for (const [name, { settings, viewers }] of this.#groups) {
      const current = tokens?.find((token) => token.name === name) ?? null
      const isSame = settings === null ? access.isOpen : isDeepStrictEqual(current, settings)
      if (!isSame) this.#end(name, viewers)
    }
  }

  /** Ends all, and takes nobody any more. */
  end(): void {
    this.#ended = true
    for (const [name, { viewers }] of this.#groups) this.#end(name, viewers)
  }

  #newGroup(visibility: Visibility, token: string | undefined): Group {
    const settings = this.#service.configuration().tokens?.find(({ name }) => name === token) ?? null
    return { visibility, settings, budget: new EventBudget(), viewers: new Set() }
  }

  #send(name: string, event: string, json: string): void {
    for (const viewer of [...(this.#groups.get(name)?.viewers ?? [])]) {
      if (!viewer.send(event, json)) this.#remove(name, viewer)
    }
  }

  #end(name: string, viewers: ReadonlySet<Viewer>): void {
    this.#groups.delete(name)
    this.#tellNames()
    for (const viewer of viewers) viewer.end()
  }

  #remove(name: string, viewer: Viewer): void {
    const group = this.#groups.get(name)
    group?.viewers.delete(viewer)
    if (group?.viewers.size !== 0) return
    this.#groups.delete(name)
    this.#tellNames()
  }

  #tellNames(): void {
    this.#onNames([...this.#groups.keys()])
  }
}
