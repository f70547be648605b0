/** What the types of the test kit take and refuse. Compiled by `tsc -b`, never run. */
import {
  type ContractSubject,
  expectHeaders,
  expectLimited,
  expectRateLimit,
  manualClock,
} from '../../src/entries/testing.ts'

const clock = manualClock()
export const taken: ContractSubject['clock'] = clock
export const refused: ContractSubject['clock'] = {
  now: clock.now,
  set: clock.set,
  // @ts-expect-error the unit is in the name, since `advance` of a manual clock takes milliseconds
  advance: clock.advance,
}

declare const response: Response
declare const message: import('node:http').IncomingMessage
expectHeaders(response, { 'Retry-After': null })
expectHeaders(response.headers, { 'Retry-After': null })
expectHeaders(message, { 'Retry-After': null })
expectHeaders(message.headers, { 'Retry-After': null })
expectRateLimit({ 'x-ratelimit-remaining': 4 }, { remaining: 4 })
expectRateLimit({ status: 200, headers: { ratelimit: ['"a";r=4'] } }, { remaining: 4 })
// @ts-expect-error a promise has no header fields
expectHeaders(Promise.resolve(response), { 'Retry-After': null })
// @ts-expect-error a promise has no header fields
expectRateLimit(fetch('http://localhost'), { remaining: 4 })
// @ts-expect-error a promise is no decision
expectLimited(Promise.resolve({ allowed: false }))
