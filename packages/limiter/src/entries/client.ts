/** The entry `headgate/client`: a limiter whose decisions a service makes. */
export { createRemoteLimiter } from '../client/remote-limiter.ts'
export type { RemoteLimiterOptions } from '../client/remote-options.ts'
export type {
  RemoteCredited,
  RemoteDecision,
  RemoteHealth,
  RemoteJointDecision,
  RemoteLimiter,
  RemoteReceipt,
  RemoteReservation,
  RemoteResumed,
} from '../client/remote-types.ts'
