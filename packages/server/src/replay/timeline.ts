/** How many requests passed and were denied over time. */
export interface TimelineView {
  /** When it begins, in milliseconds since 1970. */
  readonly from: number
  readonly stepMs: number
  /** One number for each step. */
  readonly allowed: readonly number[]
  readonly denied: readonly number[]
}

/** The busiest second. */
export interface Peak {
  readonly perSecond: number
  /** When it was, in milliseconds since 1970; null where there was nothing. */
  readonly at: number | null
}

/** Most steps that are kept; with more, two become one. */
const STEPS_MAX = 600

/** Counts requests over time in bounded memory, however long it is. Time does not go back. */
export class Timeline {
  #from: number | null = null
  #stepSeconds = 1
  readonly #allowed = new Float64Array(STEPS_MAX)
  readonly #denied = new Float64Array(STEPS_MAX)
  #steps = 0
  readonly all = new BusiestSecond()
  readonly denials = new BusiestSecond()

  add(second: number, isAllowed: boolean): void {
    this.#from ??= second
    let step = Math.floor((second - this.#from) / this.#stepSeconds)
    while (step >= STEPS_MAX) {
      this.#halve()
      step = Math.floor((second - this.#from) / this.#stepSeconds)
    }
    const counts = isAllowed ? this.#allowed : this.#denied
    counts[step] = (counts[step] as number) + 1
    this.#steps = step + 1
    this.all.add(second)
    if (!isAllowed) this.denials.add(second)
  }

  view(): TimelineView {
    return {
      from: (this.#from ?? 0) * 1000,
      stepMs: this.#stepSeconds * 1000,
      allowed: [...this.#allowed.subarray(0, this.#steps)],
      denied: [...this.#denied.subarray(0, this.#steps)],
    }
  }

  #halve(): void {
    this.#stepSeconds *= 2
    for (const counts of [this.#allowed, this.#denied]) {
      for (let i = 0; i < STEPS_MAX / 2; i++) {
        counts[i] = (counts[2 * i] as number) + (counts[2 * i + 1] as number)
      }
      counts.fill(0, STEPS_MAX / 2)
    }
  }
}

/** Finds the second in which most happened. */
class BusiestSecond {
  #second: number | null = null
  #count = 0
  #most = 0
  #at: number | null = null

  add(second: number): void {
    if (second !== this.#second) {
      this.#second = second
      this.#count = 0
    }
    this.#count++
    if (this.#count <= this.#most) return
    this.#most = this.#count
    this.#at = second
  }

  view(): Peak {
    return { perSecond: this.#most, at: this.#at === null ? null : this.#at * 1000 }
  }
}
