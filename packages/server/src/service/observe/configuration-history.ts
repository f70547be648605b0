import type { ConfigurationApplied, ConfigurationRejected, PolicyChanged } from '../events.ts'
import type { Service } from '../service.ts'
import { Ring } from './ring.ts'

/** What became of a configuration that was offered, or of a change at run time. */
export interface ConfigurationChange {
  /** In milliseconds since 1970. */
  readonly at: number
  readonly outcome: 'in-force' | 'rejected'
  /** Of what is in force since then, which after a rejection is what was before. */
  readonly hash: string
  /** Why it was rejected, with the line; else null. */
  readonly reason: string | null
  /** The wrong setting, as in `policies[0].rules[0].limit`, empty for the file as a whole; null unless it was rejected. */
  readonly path: string | null
  /** What changed, and at run time who changed it, for people. */
  readonly what: string
}

const KEPT = 20

interface Kept extends ConfigurationChange {
  /** Of what was changed at run time, where that is what changed and nobody has said yet who did; else null. */
  readonly unnamed: string | null
}

/** Keeps the last changes of the configuration since the process started, good and bad. */
export class ConfigurationHistory {
  readonly #kept = new Ring<Kept>(KEPT)
  readonly #service: Pick<Service, 'configuration'>
  readonly #now: () => number
  readonly #ends: readonly (() => void)[]
  /** Of what was changed at run time; as good as never while that is not known. */
  #version: string

  /** `now` is in milliseconds since 1970. */
  constructor(service: Pick<Service, 'on' | 'configuration'>, now: () => number) {
    this.#service = service
    this.#now = now
    const { hash, runtime } = service.configuration()
    this.#version = runtime?.version ?? NEVER_CHANGED
    this.#keep({ hash, what: 'the start of the process' })
    this.#ends = [
      service.on('configuration', (event) => this.#applied(event)),
      service.on('configuration-rejected', (event) => this.#rejected(event)),
      service.on('policy-change', (event) => this.#changed(event)),
    ]
  }

  /** Newest first. */
  view(): ConfigurationChange[] {
    return this.#kept.newestFirst().map(({ unnamed: _, ...change }) => change)
  }

  close(): void {
    for (const end of this.#ends) end()
  }

  #applied({ hash, version = NEVER_CHANGED, isNew }: ConfigurationApplied): void {
    const former = this.#version
    this.#version = version
    if (!isNew) this.#keep({ hash, what: 'what was in force before, offered again' })
    else if (version === former) this.#keep({ hash, what: 'another file' })
    else {
      const what = 'at run time: a change that was made at another instance, or before the start'
      this.#keep({ hash, what, unnamed: version })
    }
  }

  #rejected({ hash, rejected }: ConfigurationRejected): void {
    const { file, line, message, more, path } = rejected
    const place = [...(file === null ? [] : [file]), ...(line === null ? [] : [`line ${line}`])].join(', ')
    const others = more === 0 ? '' : ` (and ${more} more)`
    const reason = `${place === '' ? '' : `${place}: `}${message}${others}`
    this.#keep({ outcome: 'rejected', hash, reason, path, what: 'a configuration that is wrong' })
  }

  /** Told once it is in force: says what it was, and whose. */
  #changed({ action, name, version, actor, transport }: PolicyChanged): void {
    const done =
      name === null ? 'the switch that puts all policies in shadow' : `${action} of the policy ${name}`
    const by = actor === undefined ? '' : ` by the token ${actor}`
    const what = `at run time: ${done}${by}, over ${transport}`
    this.#version = version
    const kept = this.#kept.take()
    for (const one of kept) this.#kept.push(one.unnamed === version ? { ...one, what, unnamed: null } : one)
    const isKept = kept.some(({ unnamed }) => unnamed === version)
    // What is changed to what it was once has the hash of then.
    if (!isKept) this.#keep({ hash: this.#service.configuration().hash, what })
  }

  #keep(change: Pick<Kept, 'hash' | 'what'> & Partial<Kept>): void {
    this.#kept.push({
      at: this.#now(),
      outcome: 'in-force',
      reason: null,
      path: null,
      unnamed: null,
      ...change,
    })
  }
}

/** The version where nothing was ever changed at run time. */
const NEVER_CHANGED = '0'
