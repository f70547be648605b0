/** What the types of the test kit take and refuse. Compiled by `tsc -b`, never run. */
import { type ContractSubject, manualClock } from '../../src/entries/testing.ts'

const clock = manualClock()
export const taken: ContractSubject['clock'] = clock
export const refused: ContractSubject['clock'] = {
  now: clock.now,
  set: clock.set,
  // @ts-expect-error the unit is in the name, since `advance` of a manual clock takes milliseconds
  advance: clock.advance,
}
