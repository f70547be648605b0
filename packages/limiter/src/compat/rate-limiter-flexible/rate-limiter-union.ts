import { invalid, show, wrong } from '../../core/errors.ts'
import { RateLimiterAbstract } from './rate-limiter-abstract.ts'
import { RateLimiterRes } from './rate-limiter-res.ts'

/** Answers of several limiters, by their `keyPrefix`. */
export type UnionRes = Record<string, RateLimiterRes>

/** Several limiters that all have to pass: where one of them rejects a call, the others give its points back. */
export class RateLimiterUnion {
  readonly #limiters: readonly RateLimiterAbstract[]

  constructor(...limiters: RateLimiterAbstract[]) {
    const foreign = limiters.find((limiter) => !(limiter instanceof RateLimiterAbstract))
    if (limiters.length === 0 || foreign !== undefined) {
      throw wrong(foreign, 'is not a limiter; pass one or more limiters of this module', 'limiters')
    }
    const prefixes = limiters.map(({ keyPrefix }) => keyPrefix)
    const twice = prefixes.find((prefix, i) => prefixes.indexOf(prefix) < i)
    if (twice !== undefined) {
      throw invalid('limiters', `two have the keyPrefix ${show(twice)}, by which answers are told apart`)
    }
    this.#limiters = limiters
  }

  /**
   * Consumes points of every limiter. Rejects with the answers of those that reject, by their `keyPrefix`; where a store does
   * not answer, with its error.
   */
  async consume(key: string | number, points = 1): Promise<UnionRes> {
    const passed: UnionRes = {}
    const rejected: UnionRes = {}
    const failures: unknown[] = []
    const ask = async (limiter: RateLimiterAbstract): Promise<void> => {
      try {
        passed[limiter.keyPrefix] = await limiter.consume(key, points)
      } catch (reason) {
        if (reason instanceof RateLimiterRes) rejected[limiter.keyPrefix] = reason
        else failures.push(reason)
      }
    }
    await Promise.all(this.#limiters.map(ask))
    if (Object.keys(passed).length === this.#limiters.length) return passed
    const spent = this.#limiters.filter(({ keyPrefix }) => Object.hasOwn(passed, keyPrefix))
    await Promise.all(spent.map((limiter) => limiter.reward(key, points)))
    if (failures.length > 0) throw failures[0]
    return Promise.reject(rejected)
  }
}
