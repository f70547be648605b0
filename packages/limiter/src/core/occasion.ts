/** Calls that are looked at from the beginning: what is configured wrongly shows with the first requests. */
const FIRST = 100
/** Later only every call of so many is. */
const EVERY = 1000

/** Says when a check of something that hardly changes is due: often enough to find a mistake, and at no cost otherwise. */
export class Occasion {
  #calls = 0

  isDue(): boolean {
    const call = this.#calls++
    return call < FIRST || call % EVERY === 0
  }
}
