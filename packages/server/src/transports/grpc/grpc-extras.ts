/** Names of services for clients of other systems, which are off unless they are asked for. */
export const GRPC_EXTRAS = ['limitr', 'guardian'] as const

export type GrpcExtra = (typeof GRPC_EXTRAS)[number]
