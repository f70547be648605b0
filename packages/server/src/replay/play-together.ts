import type { Comparison } from './comparison.ts'
import type { Played } from './judge.ts'
import type { PlayedRequest } from './played-request.ts'

/** Whoever decides the requests of a replay. */
export interface Actor {
  play(request: PlayedRequest): Played | Promise<Played>
}

/** Gives each request to several players, and to who compares the first two of them. */
export class PlayTogether {
  readonly #actors: readonly Actor[]
  readonly #comparison: Comparison | null
  readonly #played: Played[] = []

  constructor(actors: readonly Actor[], comparison: Comparison | null = null) {
    this.#actors = actors
    this.#comparison = comparison
  }

  /** A promise only where one of them needs one. */
  play(request: PlayedRequest): undefined | Promise<void> {
    const played = this.#played
    let waits = false
    for (let i = 0; i < this.#actors.length; i++) {
      const one = (this.#actors[i] as Actor).play(request)
      if (one instanceof Promise) waits = true
      ;(played as (Played | Promise<Played>)[])[i] = one
    }
    if (waits) return this.#later([...played])
    this.#comparison?.add(played[0] ?? null, played[1] ?? null)
    return undefined
  }

  async #later(played: readonly (Played | Promise<Played>)[]): Promise<void> {
    const [first = null, second = null] = await Promise.all(played.map((one) => Promise.resolve(one)))
    this.#comparison?.add(first, second)
  }
}
