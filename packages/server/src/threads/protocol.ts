import type { KeyView } from 'headgate'
import type { TlsMaterial } from '../service/certificate.ts'
import type { Configuration, Rejection } from '../service/configuration.ts'
import type { ObservedTells, ObservingAsks, ObservingTells } from './observe-messages.ts'
import type { PlainError } from './plain-error.ts'
import type { RecordingAsks, RecordingTells } from './record-messages.ts'

/** Where a wire listens: its name, the URL, and the port to share; null for a Unix socket. */
export interface ListeningWire {
  readonly name: string
  readonly url: string
  readonly port: number | null
}

/** What is in force when a worker begins. */
export interface Beginning {
  readonly configuration: Configuration
  readonly rejected: Rejection | null
  readonly isDraining: boolean
  /** Null without TLS. */
  readonly certificate: TlsMaterial | null
  /** Ports that others took, by the name of the wire. */
  readonly ports: Readonly<Record<string, number>>
}

/** What the coordinator says to a worker. */
export interface OfCoordinator {
  readonly asks: ObservingAsks &
    RecordingAsks & {
      /** Checks a configuration, and keeps it for `commit`; fails where it is wrong. */
      readonly prepare: (configuration: Configuration) => null
      /** Puts in force what was prepared last. */
      readonly commit: (given: null) => null
      /** Takes no new connections; answered once requests under way are. */
      readonly drain: (given: null) => null
      /** Ends what is still open; the thread then ends by itself. */
      readonly close: (given: null) => null
    }
  readonly tells: ObservingTells &
    RecordingTells & {
      /** Why another configuration is not in force. */
      readonly rejected: Rejection
      /** From now on readiness says no. */
      readonly draining: null
      /** Listeners show this certificate from now on. */
      readonly certificate: TlsMaterial
      /** Another thread has reset, blocked or unblocked these. */
      readonly changed: readonly KeyView[]
      /** Another thread has given units back to these. */
      readonly returned: readonly KeyView[]
    }
}

/** What a worker says to the coordinator. */
export interface OfWorker {
  readonly asks: {
    /** What it is to begin with; from then on it is told of every change. */
    readonly begin: (given: null) => Beginning
  }
  readonly tells: ObservedTells & {
    /** It serves. */
    readonly listening: readonly ListeningWire[]
    /** It cannot, and ends. */
    readonly failed: PlainError
    /** A line of the log, with its end. */
    readonly line: string
    /** It has reset, blocked or unblocked these. */
    readonly changed: readonly KeyView[]
    /** It has given units back to these. */
    readonly returned: readonly KeyView[]
  }
}
