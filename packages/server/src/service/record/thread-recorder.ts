import type { DecisionMade } from '../events.ts'
import type { ConfigurationInForce } from '../in-force.ts'
import { PROXY, type RequestJudged } from '../proxy-events.ts'
import type { Service } from '../service.ts'
import { Pseudonyms } from './pseudonyms.ts'
import type { GapReason, RecordedRequest, RecordHeader } from './record-format.ts'
import { type RecordPlan, STATUS } from './record-plan.ts'
import type { RecordedPart, RecordedSegment } from './recorded-part.ts'
import { keyTextOf, RequestWriter } from './request-writer.ts'
import { wallTimeMs } from './wall-time.ts'

/** Most characters that wait to be taken: a reader that is too slow loses requests, and no decision waits for it. */
export const WAITING_MAX = 1024 * 1024
/** Longest line. */
const LINE_MAX = 64 * 1024
/** Numbers of joint decisions are those of a thread where they end alike. */
const THREADS_MAX = 4096

/** Where a recorder stands among those of its process. */
export interface ThreadRecorderParts {
  readonly service: Pick<Service, 'on' | 'configuration'>
  readonly plan: RecordPlan
  /** From 0; another one in each thread. */
  readonly thread: number
  /**
   * In milliseconds since 1970.
   * @default the wall clock, to the microsecond
   */
  readonly now?: () => number
}

/** Records what one thread decides, in bounded memory, from when it is made until it is closed. */
export class ThreadRecorder {
  readonly #plan: RecordPlan
  readonly #pseudonyms: Pseudonyms
  readonly #thread: number
  readonly #now: () => number
  readonly #ends: readonly (() => void)[]
  #configuration: ConfigurationInForce
  #writer: RequestWriter
  #segments: Filling[] = []
  #gaps = new Map<GapReason, number>()
  #waiting = 0
  #joints = 0
  /** Whose questions were given last. */
  #told: RequestWriter | null = null

  constructor({ service, plan, thread, now = wallTimeMs() }: ThreadRecorderParts) {
    this.#plan = plan
    this.#pseudonyms = new Pseudonyms(plan.seed)
    this.#thread = thread
    this.#now = now
    this.#configuration = service.configuration()
    this.#writer = this.#newWriter()
    this.#ends = [
      service.on('decision', (event) => this.#decided(event)),
      service.on('judged', (event) => this.#judged(event)),
      service.on('configuration', ({ isNew }) => {
        if (!isNew) return
        this.#configuration = service.configuration()
        this.#writer = this.#newWriter()
      }),
    ]
  }

  /** The configuration that it begins with, and what that asks of attributes that are hashed. */
  get begins(): Pick<RecordHeader, 'hash' | 'questions'> {
    const { hash, questions } = this.#writer
    return { hash, questions }
  }

  /** What is there, which is then no longer kept. */
  take(): RecordedPart {
    const segments = this.#segments.map((filling) => this.#taken(filling))
    const gaps = this.#gaps
    this.#segments = []
    this.#gaps = new Map()
    this.#waiting = 0
    return { segments, gaps }
  }

  close(): void {
    for (const end of this.#ends) end()
  }

  #newWriter(): RequestWriter {
    return new RequestWriter(this.#configuration, this.#plan, this.#pseudonyms)
  }

  #taken({ writer, lines, times }: Filling): RecordedSegment {
    const { hash, questions } = writer
    const isTold = writer === this.#told
    this.#told = writer
    return { hash, ...(!isTold && { questions }), lines, times }
  }

  /** Of a proxy only what the response has added: of its requests it is told once, whatever the gates. */
  #decided({ request, verb, decision, joint, transport }: DecisionMade): void {
    if (joint?.place === 0) this.#joints++
    if (request === null) {
      this.#miss('reservation')
      return
    }
    if (transport === PROXY && verb !== 'charge') return
    if (request.limit !== undefined || request.rule !== undefined) {
      this.#miss('own-limit')
      return
    }
    const { cost, anyOf } = request
    this.#record(request, {
      verb: verb === 'peek' || verb === 'charge' || verb === 'credit' ? verb : 'consume',
      allowed: decision.allowed,
      ...(cost !== undefined && { cost }),
      ...(joint && { joint: this.#joints * THREADS_MAX + this.#thread }),
      ...(anyOf !== undefined && { anyOf }),
    })
  }

  #judged({ attributes, allowed, status }: RequestJudged): void {
    const who = status === undefined ? attributes : { ...attributes, [STATUS]: status }
    this.#record({ who }, { verb: 'consume', allowed })
  }

  #record(request: NamedRequest, asked: Asked): void {
    const why = this.#whyMissed(request)
    if (why === 'not-drawn') return
    const at = this.#now()
    const line = why === null ? this.#lineOf(request, { at, ...asked }) : null
    if (line === null) {
      this.#miss(why ?? 'too-large')
      return
    }
    this.#waiting += line.length
    const filling = this.#filling()
    filling.lines.push(line)
    filling.times.push(at)
  }

  /** Before anything is computed: what is not kept is to cost next to nothing. */
  #whyMissed({ who }: NamedRequest): GapReason | 'not-drawn' | null {
    const { sample } = this.#plan
    if (sample !== null) {
      const value = keyTextOf(who, sample.attribute)
      if (value === undefined) return 'no-attribute'
      if (!this.#pseudonyms.isDrawn(value, sample.share)) return 'not-drawn'
    }
    return this.#waiting >= WAITING_MAX ? 'slow-reader' : null
  }

  /** Null where it is too long. */
  #lineOf(
    request: NamedRequest,
    { at, verb, allowed, ...rest }: Asked & { readonly at: number },
  ): string | null {
    const { attributes, ...more } = this.#writer.write(request)
    const line = JSON.stringify({ at, verb, attributes, ...more, allowed, ...rest } satisfies RecordedRequest)
    return line.length > LINE_MAX ? null : line
  }

  #filling(): Filling {
    const last = this.#segments.at(-1)
    if (last?.writer === this.#writer) return last
    const filling: Filling = { writer: this.#writer, lines: [], times: [] }
    this.#segments.push(filling)
    return filling
  }

  #miss(why: GapReason): void {
    this.#gaps.set(why, (this.#gaps.get(why) ?? 0) + 1)
  }
}

type NamedRequest = Parameters<RequestWriter['write']>[0]

/** What a line has beside whose request it is. */
type Asked = Pick<RecordedRequest, 'verb' | 'allowed' | 'cost' | 'joint' | 'anyOf'>

interface Filling {
  readonly writer: RequestWriter
  readonly lines: string[]
  readonly times: number[]
}
