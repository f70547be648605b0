import type { Need } from './wire.ts'

const BY_GRPC = { 'bad-cost': 'cost is unsigned, and what is above 2^53 is no message' } as const

/** What a wire cannot say, and why: the one place for it. */
export const CANNOT: Readonly<Record<string, Partial<Record<Need, string>>>> = {
  library: {
    token: 'who calls the library is in the process',
    'value-of-error': 'it answers a decision with the source closed: who asks has to answer something',
  },
  'headgate/client': {
    'value-of-error': 'the option onError decides where the service has no answer',
  },
  'headgate/grpc': {
    'value-of-error': 'the option onError decides where the service has no answer',
  },
  RLS: {
    peek: 'hits of 0 in a request are 1, and of a descriptor spend nothing: nothing asks whether more would pass',
    policy: 'a request names a domain and descriptors alone',
    refund: 'answers have no receipts; is_negative_hits is a credit',
    change: 'blocks and resets are for operators',
    'bad-cost': 'hits_addend is unsigned, and what is above 2^53 is no message',
    // A descriptor with an empty value is one without it, as in the service of Envoy.
  },
  gRPC: BY_GRPC,
  'gRPC by grpc-js': BY_GRPC,
}
