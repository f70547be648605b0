/** How gRPC is called in events and logs. */
export const GRPC = 'grpc'
