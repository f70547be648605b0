/** `npm run test:long`: tests that take their time, mostly real servers put through faults. */
import { slowSuite } from './scripts/slow-suite.ts'

export default slowSuite('long')
