import { isDeepStrictEqual } from 'node:util'
import type { TokenSettings } from '../access/token-settings.ts'
import type { Service } from '../service.ts'
import { NO_RECORDERS, type OtherRecorders } from './other-recorders.ts'
import type { RecordOptions } from './record-options.ts'
import { planRecording } from './record-plan.ts'
import { Recording } from './recording.ts'

/** Most recordings of a process at a time: each costs every decision some microseconds. */
export const RECORDINGS_MAX = 2

/** Who records, as far as it is told. */
export interface Recorder {
  readonly caller: Pick<Service, 'grant'>
  readonly transport: string
}

/** Who records the requests of a process. Nothing is computed while nobody does. */
export interface Recordings {
  /**
   * Begins one; null where as many run as may, or where the process stops. Throws unless the caller may see whose requests they are: by the
   * scope `admin`, of all policies and domains.
   */
  start(recorder: Recorder, options: RecordOptions): Recording | null
  /** Ends all, and takes nobody any more. */
  end(): void
}

interface Running {
  readonly recording: Recording
  readonly token: string | undefined
  /** As it was at the start; undefined where there are no tokens. */
  readonly settings: TokenSettings | undefined
}

export function createRecordings(service: Service, others: OtherRecorders = NO_RECORDERS): Recordings {
  const running = new Set<Running>()
  let hasEnded = false
  let lastId = 0
  const settingsOf = (name: string | undefined): TokenSettings | undefined =>
    service.configuration().tokens?.find((token) => token.name === name)
  service.on('configuration', ({ isNew }) => {
    if (!isNew) return
    const isOpen = service.configuration().access.isOpen
    for (const { recording, token, settings } of running) {
      const isSame = token === undefined ? isOpen : isDeepStrictEqual(settingsOf(token), settings)
      if (!isSame) recording.end('the token that it was begun with is no longer the same')
    }
  })
  return {
    start: ({ caller: { grant }, transport }, options) => {
      grant?.need('admin')
      grant?.needAll()
      if (hasEnded || running.size >= RECORDINGS_MAX) return null
      const { sample, hash } = options
      const token = grant?.name
      const told = { sample, hash, transport, ...(token !== undefined && { actor: token }) }
      const recording = new Recording({
        service,
        others,
        plan: planRecording(options, service.configuration()),
        id: ++lastId,
        onEnd: ({ counts }, why) => {
          running.delete(one)
          service.tell('recording', { ...told, action: 'end', ...counts, why })
        },
      })
      const one: Running = { recording, token, settings: settingsOf(token) }
      running.add(one)
      service.tell('recording', { ...told, action: 'start' })
      return recording
    },
    end: () => {
      hasEnded = true
      for (const { recording } of running) recording.end('the service stops')
    },
  }
}
