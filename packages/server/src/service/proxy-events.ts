/** A request went through the proxy, or was answered there. Has identities: whoever shows or keeps it has to hide them. */
export interface RequestProxied {
  /** What became of it; one of a closed set. */
  readonly outcome: string
  /** Of the response; 0 where the client hung up before there was one. */
  readonly status: number
  readonly method: string
  /** Canonical, without query; empty where the request could not be read. */
  readonly path: string
  readonly host: string
  /** Path of its route, as the file has it; empty where none was found. */
  readonly route: string
  readonly ip: string
  /** As in `apikey:<id>`; null where nobody authenticated. */
  readonly principal: string | null
  readonly requestId: string
  /** Name of the policy that denied it; null where none did. */
  readonly policy: string | null
  /** The target that it was forwarded to, without credentials; null where it was not. */
  readonly target: string | null
  /** Octets of the response's body that were sent. */
  readonly bytesOut: number
  /** From its head to the end of the response, in milliseconds. */
  readonly durationMs: number
  /** From forwarding to the head of the upstream's response, in milliseconds; null where there was none. */
  readonly upstreamMs: number | null
  /** The span that it is a part of, as a field `traceparent` has it; null where it has none. */
  readonly trace: string | null
  /** Whether a line is to be logged for it. */
  readonly isLogged: boolean
}

/** The name of the proxy as a transport, in events, logs and metrics. */
export const PROXY = 'proxy'

/** All gates of the proxy that a request came to have decided on it; told of once, and not where what it spent was given back. */
export interface RequestJudged {
  /** As the last of these gates saw it. Has identities: whoever shows or keeps it has to hide them. */
  readonly attributes: Readonly<Record<string, string>>
  /** Whether all of them let it pass. */
  readonly allowed: boolean
  /**
   * Of the response.
   * @default it decides nothing of what is counted, or was not there
   */
  readonly status?: number
}

/** A violation of a content security policy, as a browser tells it. All of it is what a stranger says: texts are short, and printable. */
export interface CspReport {
  /** The directive that was violated, such as `script-src-elem`. */
  readonly directive: string
  /** What was blocked: a URL without query, or a word such as `inline`. */
  readonly blocked: string
  /** The page, without query. */
  readonly document: string
  /** The file with the code that did it, without query; empty where unknown. */
  readonly source: string
  /** In that file, from 1; null where unknown. */
  readonly line: number | null
  /** Whether the policy is in force: `enforce` or `report`. */
  readonly disposition: 'enforce' | 'report'
}

/** A browser reported that a page violated its content security policy. */
export interface PolicyViolated extends CspReport {
  /** Whether a line is to be logged for it. */
  readonly isLogged: boolean
}

/** A target of the proxy gets requests again, or none for a while. */
export interface TargetHealthChanged {
  /** Its URL without credentials. */
  readonly target: string
  readonly isHealthy: boolean
  /** One sentence without secrets. */
  readonly why: string
}
