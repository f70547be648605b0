/** `npm run test:browser`: what is looked at in a browser, in a real Chromium. */
import { slowSuite } from './scripts/slow-suite.ts'

export default slowSuite('browser')
