import type { NativeCall } from './native-call.ts'

/** Takes the messages of a call. */
export interface Intake {
  readonly call: NativeCall
  /** Octets of the socket, from `start` to `end`. */
  data(octets: Buffer, start: number, end: number): void
  /** No more is to come. */
  end(): void
}
