import { HeadgateError, show } from '../core/errors.ts'
import { scriptText } from './read-script-reply.ts'

/** A command and its arguments, such as `['EVALSHA', sha, '1', 'user:7', '100']`. */
export type ScriptCommand = readonly [name: string, ...args: string[]]

/** Sends one command and resolves to its reply; an error reply rejects. */
export type ScriptCall = (command: ScriptCommand) => Promise<unknown>

/** Whether anybody still waits for an answer. */
export interface Waiting {
  readonly isOver: boolean
}

/** A script that a server knows by its SHA-1, which the server tells when it is loaded. */
export class LoadedScript {
  readonly #text: string
  readonly #call: ScriptCall
  #sha: string | null = null
  #loading: Promise<string> | null = null

  constructor(text: string, call: ScriptCall) {
    this.#text = text
    this.#call = call
  }

  /** Loads the script, once for all callers that wait for it; a failed load is tried again by the next caller. */
  async load(): Promise<string> {
    if (this.#sha !== null) return this.#sha
    this.#loading ??= this.#load()
    const loading = this.#loading
    try {
      return await loading
    } finally {
      if (this.#loading === loading) this.#loading = null
    }
  }

  /** Leaves a load that nobody has answered, so that the next caller tries again. */
  abandonLoad(): void {
    this.#loading = null
  }

  /**
   * Runs the script, with `EVAL` where the server has forgotten it: nothing was executed then. No other failure is tried again,
   * since the script may have run; and nothing is sent once nobody waits.
   */
  async run(args: readonly string[], waiting: Waiting): Promise<unknown> {
    const sha = this.#sha ?? (await this.load())
    if (waiting.isOver) return null
    try {
      return await this.#call(['EVALSHA', sha, ...args])
    } catch (reason) {
      if (!isForgotten(reason) || waiting.isOver) throw reason
      return this.#call(['EVAL', this.#text, ...args])
    }
  }

  async #load(): Promise<string> {
    const reply = await this.#call(['SCRIPT', 'LOAD', this.#text])
    const sha = scriptText(reply) ?? ''
    if (!/^[0-9a-f]{40}$/i.test(sha)) {
      const fix = 'let call send its command unchanged, and return the reply'
      throw new HeadgateError('store-unavailable', `SCRIPT LOAD was answered by ${show(reply)}; ${fix}`)
    }
    this.#sha = sha
    return sha
  }
}

/** After the code the messages of Redis and Valkey differ. */
function isForgotten(reason: unknown): boolean {
  return HeadgateError.from(reason).message.startsWith('NOSCRIPT')
}
