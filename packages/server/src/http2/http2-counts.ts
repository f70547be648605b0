/**
 * Why a connection was ended before its client wanted: too much in vain; against the protocol; late with what it had begun to say, or
 * with taking answers; no answer when it was asked whether it is there; too many octets held for it; a fault of ours.
 */
export type ConnectionEnd = 'calm' | 'protocol' | 'late' | 'silent' | 'octets' | 'fault'

/** The same for people: clients have it behind GOAWAY, and logs. */
export const ENDS: Readonly<Record<ConnectionEnd, string>> = {
  calm: 'too much in vain: pings, resets, refused requests, empty frames or long headers',
  protocol: 'against the rules of HTTP/2',
  late: 'late with the rest of a request or of the preface, or with taking answers',
  silent: 'no answer to PING',
  octets: 'too many octets are held for the connection, or for its address',
  fault: 'a fault of the server',
}

/** Why a stream was not served: more than there may be at once; too many octets held; late with its request, or its window; a fault. */
export type Shed = 'places' | 'octets' | 'late' | 'fault'

/** Whom a server sent away since it began. */
export interface Http2Counts {
  readonly connections: Record<ConnectionEnd, number>
  readonly streams: Record<Shed, number>
}

export function createHttp2Counts(): Http2Counts {
  return {
    connections: { calm: 0, protocol: 0, late: 0, silent: 0, octets: 0, fault: 0 },
    streams: { places: 0, octets: 0, late: 0, fault: 0 },
  }
}
