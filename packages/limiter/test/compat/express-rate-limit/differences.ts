/** Where `headgate/compat/express-rate-limit` answers otherwise than its model, and how: the one list of it. */

/** Whose answers: those of the model, ours with a store of ours, and ours with a store of the model. */
export type Side = 'theirs' | 'ours' | 'ours over their store'

interface Difference {
  readonly why: string
  readonly theirs: unknown
  readonly ours: unknown
  /** Where the store makes the difference, so that over a store of the model there is none. */
  readonly isOfStore?: true
}

const denials = 'denied requests count for nothing'
const keyless = 'everybody without a key would share one budget'
const mistakes = 'a mistake is an error at the start, and not a line in a log'

export const differences = {
  'requests that getKey finds after 2 of 2 and two that were denied': {
    why: denials,
    theirs: 4,
    ours: 2,
    isOfStore: true,
  },
  '`used` of the second request that is denied with a limit of 2': {
    why: denials,
    theirs: 4,
    ours: 3,
    isOfStore: true,
  },
  'status after a limit rose from 1 to 3, and two were denied before': {
    why: denials,
    theirs: 429,
    ours: 200,
    isOfStore: true,
  },
  'what getKey finds of a key whose only request was given back': {
    why: 'a key that nothing is counted of is one that was never seen',
    theirs: { totalHits: 0 },
    ours: undefined,
    isOfStore: true,
  },
  'seconds left of a window of 10 after 6, at the start of which a request was given back': {
    why: 'a key that nothing is counted of is one that was never seen',
    theirs: 4,
    ours: 10,
    isOfStore: true,
  },
  'requests that getKey finds in Redis of a key that was never seen': {
    why: 'a key that was never seen is undefined, as in memory',
    theirs: Number.NaN,
    ours: undefined,
    isOfStore: true,
  },
  'key of a request of which keyGenerator returns undefined': {
    why: keyless,
    theirs: undefined,
    ours: '127.0.0.1',
  },
  'key of a request of which keyGenerator returns null': { why: keyless, theirs: null, ours: '127.0.0.1' },
  'key of a request of which keyGenerator returns an empty text': {
    why: keyless,
    theirs: '',
    ours: '127.0.0.1',
  },
  'key of a request of which keyGenerator returns an empty list': {
    why: keyless,
    theirs: [],
    ours: '127.0.0.1',
  },
  'key of a request of which keyGenerator returns a list': {
    why: 'in memory two lists are never one key, so that nothing would be limited',
    theirs: ['a', 'b'],
    ours: 'a,b',
  },
  'key of a request of which keyGenerator returns a number': {
    why: 'keys are texts',
    theirs: 5,
    ours: '5',
  },
  'status of a second client where keyGenerator returns undefined for all, with a limit of 1': {
    why: keyless,
    theirs: 429,
    ours: 200,
  },
  'status where limit is a function that returns NaN': {
    why: 'a limit that is no number would let everything pass',
    theirs: 200,
    ours: 500,
  },
  'key of an address with a port': {
    why: 'a client has a new port for each connection',
    theirs: '192.0.2.1:443',
    ours: '192.0.2.1',
  },
  'key of an address in the notation that RFC 4291 deprecates': {
    why: 'it is an address of IPv6',
    theirs: '192.0.2.1',
    ours: '::/56',
  },
  'RateLimit field of an identifier with a quotation mark': {
    why: 'clients could not read the field',
    theirs: '"a"b"; r=1; t=600',
    ours: '"a\\"b"; r=1; t=600',
  },
  'an option that is unknown': { why: mistakes, theirs: 'taken', ours: 'an error' },
  'onLimitReached, of before version 7': { why: mistakes, theirs: 'taken', ours: 'an error' },
  'draft_polli_ratelimit_headers, of before version 7': { why: mistakes, theirs: 'taken', ours: 'an error' },
  'a draft that is unknown': { why: mistakes, theirs: 'taken', ours: 'an error' },
  'an ipv6Subnet of 16': { why: mistakes, theirs: 'taken', ours: 'an error' },
  'an ipv6Subnet beside a keyGenerator': { why: mistakes, theirs: 'taken', ours: 'an error' },
  'a limit of -1': { why: mistakes, theirs: 'taken', ours: 'an error' },
  'a window of 0 milliseconds': { why: mistakes, theirs: 'taken', ours: 'an error' },
  'a store of before version 6': {
    why: 'its counts have no promise that a failure could reject',
    theirs: 'taken',
    ours: 'an error',
  },
  'requests of a window of 30 days that are counted after a second': {
    why: 'no timer of Node is that long, and the model relies on one',
    theirs: 0,
    ours: 1,
  },
} as const satisfies Record<string, Difference>

/** What one side answers where the two differ. */
export function answerOf(what: keyof typeof differences, side: Side): unknown {
  const { theirs, ours, isOfStore }: Difference = differences[what]
  return side === 'theirs' || (isOfStore === true && side === 'ours over their store') ? theirs : ours
}
