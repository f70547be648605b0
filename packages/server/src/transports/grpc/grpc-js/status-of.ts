import { Metadata } from '@grpc/grpc-js'
import type { Service } from '../../../service/service.ts'
import { endOf } from '../call-ends.ts'

const DETAILS = 'grpc-status-details-bin'

/** How grpc-js is told that a call ends without an answer. */
export interface CallStatus {
  readonly code: number
  readonly details: string
  readonly metadata: Metadata
}

/** The status of whatever a call ended with; tells those who listen. */
export function statusOf(service: Pick<Service, 'fail'>, reason: unknown): CallStatus {
  const { code, message, details } = endOf(service, reason)
  const metadata = new Metadata()
  if (details !== null) metadata.set(DETAILS, details)
  return { code, details: message, metadata }
}
