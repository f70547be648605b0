/** All faults. */
import { failoverFaults } from './failover-faults.ts'
import type { Fault, Row } from './fault.ts'
import { networkFaults } from './network-faults.ts'
import { processFaults } from './process-faults.ts'
import { served } from './served.ts'
import { fullDisk, serverFaults } from './server-faults.ts'

/** Those that can strike on any machine. */
export const faults: readonly Fault[] = [
  ...serverFaults,
  ...networkFaults,
  ...failoverFaults,
  ...processFaults,
]

/** In the order of the page. */
export const rows: readonly Row[] = [
  ...serverFaults,
  fullDisk,
  ...networkFaults,
  ...failoverFaults,
  ...processFaults,
  served,
]
