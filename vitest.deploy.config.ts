/** `npm run test:deploy`: what runs elsewhere: files of containers, clusters and supervisors, and examples of deployments. */
import { slowSuite } from './scripts/slow-suite.ts'

export default slowSuite('deploy')
