import type { Rate } from 'headgate'
import type { Scope } from './scope.ts'

/** A token as a configuration has it: who holds it, and what for. */
export interface TokenSettings {
  /** Names its holder in logs and in the history of changes. */
  readonly name: string
  /** As of `tokenHash`. */
  readonly hash: string
  readonly scopes: readonly Scope[]
  /**
   * Patterns of domains, in which `*` is any text: its requests need an attribute `domain` that fits one.
   * @default any, and none is needed
   */
  readonly domains?: readonly string[]
  /**
   * Patterns of names of policies: its requests have to name a policy that fits one.
   * @default any, and none has to be named
   */
  readonly policies?: readonly string[]
  /**
   * How many requests its holder may send to this process, whatever they ask.
   * @default any number
   */
  readonly limit?: Rate
}
