import { type Decision, HeadgateError } from 'headgate'

/** A policy that is closed while the store fails has nothing to say of the request: where that counts, it is no denial. */
export function checkJudged(decisions: readonly Decision[], allowed: boolean): void {
  if (allowed || decisions.every(({ source }) => source !== 'closed')) return
  throw new HeadgateError('store-unavailable', 'The store does not answer, and a policy is closed meanwhile')
}
