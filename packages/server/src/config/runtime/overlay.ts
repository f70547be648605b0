import { HeadgateError } from 'headgate'
import type { Configuration, Rejection } from '../../service/configuration.ts'
import { formatPath, type Mistake } from '../config-error.ts'
import { safeMessage } from '../rejection.ts'
import { type Composition, compose } from './compose.ts'
import { NOTHING_CHANGED, type RuntimeDocument } from './runtime-document.ts'
import type { FileConfiguration } from './runtime-terms.ts'

/** Who takes the configuration that comes of both. */
export interface OverlayTarget {
  /** Puts it in force, or throws and changes nothing: at once, or where it takes time with a promise. */
  apply(configuration: Configuration): void | Promise<void>
  reject(rejection: Rejection): void
}

/** A document that is not in force, or not all of it, and why. */
interface Pending {
  /** It may fit another file; null where it cannot even be read. */
  readonly document: RuntimeDocument | null
  readonly rejection: Rejection
}

/**
 * The file, and over it what was changed at run time: whichever of them changes, both come into force together. Each of them
 * may be rejected, and then stays as it was.
 */
export class Overlay {
  readonly #target: OverlayTarget
  #file: FileConfiguration
  #document: RuntimeDocument = NOTHING_CHANGED
  #shown: Configuration
  #fileRejection: Rejection | null = null
  #pending: Pending | null = null
  /** One change at a time: each is made over what the one before has left. */
  #last: Promise<void>

  /** Over a file that is in force. */
  constructor(file: FileConfiguration, target: OverlayTarget) {
    this.#target = target
    this.#file = file
    this.#shown = file
    this.#last = this.#show(file, NOTHING_CHANGED)
  }

  get file(): FileConfiguration {
    return this.#file
  }

  /** What was changed at run time, as it is in force. */
  get document(): RuntimeDocument {
    return this.#document
  }

  /** Another file. */
  apply(file: FileConfiguration): Promise<void> {
    return this.#inTurn(() => this.#apply(file))
  }

  /** Another file is wrong. */
  reject(rejection: Rejection): Promise<void> {
    return this.#inTurn(async () => {
      this.#fileRejection = rejection
      await this.#tellRejections()
    })
  }

  /**
   * Another document. Policies of it that do not fit the file are left out; where that would end a policy that is in force,
   * the document before stays.
   */
  accept(document: RuntimeDocument): Promise<void> {
    return this.#inTurn(() => this.#accept(document))
  }

  /** Another document cannot be read. */
  refuse(reason: unknown): Promise<void> {
    return this.#inTurn(async () => {
      const { detail } = HeadgateError.from(reason)
      this.#pending = { document: null, rejection: rejectionAt({ path: [], message: detail }) }
      await this.#tellRejections()
    })
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#last.catch(() => {}).then(change)
    this.#last = turn
    // Whoever asked for it hears of a failure.
    turn.catch(() => {})
    return turn
  }

  async #apply(file: FileConfiguration): Promise<void> {
    const pending = this.#pending?.document ?? null
    const composed = pending && compose(file, pending)
    const fits = composed?.mistakes.length === 0
    if (pending !== null && fits) await this.#show(file, pending, composed)
    else await this.#show(file, this.#document)
    if (fits) this.#pending = null
    this.#fileRejection = null
    await this.#tellRejections()
  }

  async #accept(document: RuntimeDocument): Promise<void> {
    const composed = compose(this.#file, document)
    const inForce = this.#shown.runtime?.policies ?? []
    const ends = composed.mistakes.some(({ path }) => inForce.includes(String(path[0])))
    if (!ends) await this.#show(this.#file, document, composed)
    const [mistake] = composed.mistakes
    this.#pending = mistake === undefined ? null : { document, rejection: rejectionAt(mistake) }
    await this.#tellRejections()
  }

  /** Comes into force as a whole, or throws and changes nothing. */
  async #show(
    file: FileConfiguration,
    document: RuntimeDocument,
    { configuration }: Composition = compose(file, document),
  ): Promise<void> {
    await this.#target.apply(configuration)
    this.#shown = configuration
    this.#file = file
    this.#document = document
  }

  /** What is applied ends a rejection; that of the other part stands. */
  async #tellRejections(): Promise<void> {
    const standing = this.#fileRejection ?? this.#pending?.rejection
    if (standing === undefined) await this.#target.apply(this.#shown)
    else this.#target.reject(standing)
  }
}

function rejectionAt(mistake: Mistake): Rejection {
  const path = formatPath(['runtime', 'policies', ...mistake.path])
  return { file: null, path, line: null, column: null, message: safeMessage(mistake), more: 0 }
}
