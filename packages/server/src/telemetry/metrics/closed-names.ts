/** Stands for whatever has no series of its own. No policy, rule or transport may be named like that. */
export const OTHER = '~other'

/** Numbers for the few names of a kind, such as transports: drawn as names come, and bounded. */
export class ClosedNames {
  readonly #numbers = new Map<string, number>()
  readonly #names: string[] = []
  readonly #most: number

  /** What comes after `most` names is {@link OTHER}. */
  constructor(most: number) {
    this.#most = most
  }

  /** The number of a name, less than `most` + 1. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    if (this.#names.length >= this.#most) return this.#most
    this.#numbers.set(name, this.#names.length)
    return this.#names.push(name) - 1
  }

  nameOf(number: number): string {
    return this.#names[number] ?? OTHER
  }
}
