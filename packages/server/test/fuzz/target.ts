import type { Random } from '../../../limiter/test/parity/random.ts'

/** What takes input from anybody. */
export interface Target {
  readonly name: string
  open(): Promise<Opened>
}

/** A target at work. */
export interface Opened {
  /** Makes one input of `random` and looks at what comes of it; throws where that is wrong. */
  once(random: Random): Promise<void> | void
  close(): Promise<void> | void
}
