import { Comparison } from '../../replay/comparison.ts'
import type { PlayedRequest } from '../../replay/played-request.ts'
import { Player } from '../../replay/player.ts'
import { ReorderWindow } from '../../replay/read/reorder-window.ts'
import { RecordedLogs } from '../../replay/recorded/recorded-logs.ts'
import { playedOf, type RecordedAttributes } from '../../replay/recorded/recorded-parser.ts'
import type { Configuration } from '../../service/configuration.ts'
import { wrongUsage } from '../../service/describe-failure.ts'
import { GapCounts } from '../../service/record/gap-counts.ts'
import type { RecordHeader } from '../../service/record/record-format.ts'
import { readRecordedLine } from '../record/read-line.ts'
import type { MirrorView } from './mirror-view.ts'
import { ServiceDifference } from './service-difference.ts'

/** What live requests are played against. */
export interface MirrorOptions {
  readonly configuration: Configuration
  /** Played beside it, so that both begin with empty budgets; null: nothing is. */
  readonly against: Configuration | null
  /** Names of the policies that are played; undefined: all. */
  readonly only: readonly string[] | undefined
  /** What the values are hashed with. */
  readonly seed: string
}

/** Requests of threads may come out of order by this much, in microseconds. */
const REORDER_US = 1_000_000

/** Plays what a running service decides against another configuration, in the memory of this process. */
export class Mirror {
  readonly #options: MirrorOptions
  readonly #window = new ReorderWindow(REORDER_US)
  /** What the service decided, until it is compared. */
  readonly #wasAllowed = new WeakMap<object, boolean>()
  #logs: RecordedLogs | null = null
  #attributes: RecordedAttributes = ({ attributes }) => attributes
  #players: Players | null = null
  #requests = 0
  #received = 0
  #deniedByService = 0
  readonly #gaps = new GapCounts()

  constructor(options: MirrorOptions) {
    this.#options = options
  }

  /** Plays the next lines; throws where the configuration asks what the recording cannot answer. */
  async take(lines: readonly string[]): Promise<void> {
    for (const line of lines) this.#read(line)
    for (let next = this.#window.take(); next !== undefined; next = this.#window.take())
      await this.#play(next)
  }

  /** Plays what was held back for its order. */
  async finish(): Promise<void> {
    for (let next = this.#window.takeLast(); next !== undefined; next = this.#window.takeLast()) {
      await this.#play(next)
    }
  }

  /** How things stand, with so many keys of each policy. */
  view(top: number): MirrorView | null {
    if (this.#players === null) return null
    const { player, old, comparison, difference } = this.#players
    const played = player.report(top)
    return {
      requests: this.#requests,
      waiting: this.#received - this.#requests,
      lost: this.#gaps.lost,
      service: { denied: this.#deniedByService },
      mirrored: {
        hash: played.hash,
        denied: played.denied,
        refused: played.refused,
        policies: played.policies.map(({ policy, passed, denied }) => ({ policy, passed, denied })),
        warnings: played.warnings,
      },
      ...difference.view(top),
      against: old === null ? null : { hash: old.report(0).hash, denied: old.report(0).denied },
      comparison: comparison?.report(top) ?? null,
    }
  }

  async close(): Promise<void> {
    await this.#players?.player.close()
    await this.#players?.old?.close()
  }

  #read(line: string): void {
    const read = readRecordedLine(line)
    if (read?.kind === 'header') this.#begin(read.header)
    if (read?.kind === 'gap') this.#gaps.add(read.gap.why, read.gap.lost)
    if (read?.kind !== 'request') return
    const played = playedOf(read.request, this.#attributes)
    if (played === null) return
    this.#wasAllowed.set(played.who, read.request.allowed)
    this.#received++
    this.#window.add(played)
  }

  #begin(header: RecordHeader): void {
    const { configuration, against, only, seed } = this.#options
    this.#logs ??= new RecordedLogs({ headers: [header], only, seed })
    const logs = this.#logs
    this.#players ??= playersOf(logs.fit(configuration), against && logs.fit(against), only)
    const attributes = logs.attributesUnder(header)
    // One object for each request, which is told apart by it.
    this.#attributes = (request) => {
      const who = attributes(request)
      return who && { ...who }
    }
  }

  async #play(request: PlayedRequest): Promise<void> {
    if (this.#players === null) throw wrongUsage('the service sent a request before it said what it records')
    const { player, old, comparison, difference } = this.#players
    const wasAllowed = this.#wasAllowed.get(request.who) ?? true
    const played = await player.play(request)
    this.#requests++
    if (!wasAllowed) this.#deniedByService++
    difference.add(played, wasAllowed)
    if (old !== null) comparison?.add(played, await old.play(request))
  }
}

interface Players {
  readonly player: Player
  readonly old: Player | null
  readonly comparison: Comparison | null
  readonly difference: ServiceDifference
}

function playersOf(
  configuration: Configuration,
  against: Configuration | null,
  only: readonly string[] | undefined,
): Players {
  const player = new Player({ configuration, only })
  const old = against === null ? null : new Player({ configuration: against, only })
  const comparison = old === null ? null : new Comparison(player, old)
  return { player, old, comparison, difference: new ServiceDifference(player) }
}
