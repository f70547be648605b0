/** Requests that were put to the real envoyproxy/ratelimit, with its answers: played against our API, in their order. */
import { readFileSync } from 'node:fs'
import { live } from './live-server.ts'

const folder = new URL('../fixtures/envoy/', import.meta.url)

/** An answer in the form in which those of the real server were written down. */
export interface GoldenAnswer {
  readonly overall?: string
  readonly statuses?: readonly {
    readonly code: string
    readonly limit?: readonly (number | string)[]
    readonly remaining: number
    readonly reset: boolean
  }[]
  readonly headers?: Readonly<Record<string, string>>
  readonly error?: readonly [status: string, message: string]
}

/** One request, with the answer of the real server. */
export interface GoldenRow {
  readonly case: string
  readonly domain: string
  readonly descriptors: readonly {
    readonly e: readonly (readonly [string, string])[]
    readonly limit?: readonly number[]
    readonly hits?: number
    readonly neg?: boolean
  }[]
  readonly hits_addend: number
  readonly answer: GoldenAnswer
}

/** A row that was played. */
export interface PlayedRow {
  /** The case, and which of its rows: `week #2`. */
  readonly row: string
  readonly theirs: GoldenAnswer
  readonly ours: GoldenAnswer
  readonly status: number
}

export const goldenYaml: string = readFileSync(new URL('envoy-ratelimit.yaml', folder), 'utf8')

export const goldenRows = JSON.parse(
  readFileSync(new URL('envoy-ratelimit.json', folder), 'utf8'),
) as readonly GoldenRow[]

/** The cases, each of several rows. */
export const goldenCases: readonly string[] = [...new Set(goldenRows.map((row) => row.case))]

/** Plays all rows against a configuration. */
export async function playGolden(text: string): Promise<PlayedRow[]> {
  await using server = await live(text, 'limits.yaml')
  const seen = new Map<string, number>()
  const played: PlayedRow[] = []
  for (const row of goldenRows) {
    const count = (seen.get(row.case) ?? 0) + 1
    seen.set(row.case, count)
    const { status, json } = await server.ask('/json', { body: bodyOf(row) })
    played.push({ row: `${row.case} #${count}`, theirs: row.answer, ours: answerOf(status, json), status })
  }
  return played
}

/** Units as the protocol numbers them; WEEK is 7 there, for it came later. */
const NUMBERED = ['UNKNOWN', 'SECOND', 'MINUTE', 'HOUR', 'DAY', 'MONTH', 'YEAR', 'WEEK']

function bodyOf({ domain, descriptors, hits_addend }: GoldenRow): object {
  return {
    domain,
    hitsAddend: hits_addend,
    descriptors: descriptors.map(({ e, limit, hits, neg }) => ({
      entries: e.map(([key, value]) => ({ key, value })),
      ...(limit && {
        limit: { requestsPerUnit: limit[0], unit: limit[1], unitMultiplier: limit[2] ?? null },
      }),
      ...(hits !== undefined && { hitsAddend: String(hits) }),
      ...(neg && { isNegativeHits: neg }),
    })),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
function answerOf(status: number, json: any): GoldenAnswer {
  if (status !== 200 && status !== 429) return { error: [json.code, json.detail] }
  const headers = (json.responseHeadersToAdd ?? []).filter(
    ({ key }: { key: string }) => !key.endsWith('-Reset'),
  )
  return {
    overall: json.overallCode,
    // biome-ignore lint/suspicious/noExplicitAny: as above
    statuses: json.statuses.map(({ code, currentLimit, limitRemaining = 0, durationUntilReset }: any) => ({
      code,
      ...(currentLimit && { limit: limitOf(currentLimit) }),
      remaining: limitRemaining,
      reset: durationUntilReset !== undefined,
    })),
    ...(headers.length > 0 && {
      headers: Object.fromEntries(
        headers.map(({ key, value }: { key: string; value: string }) => [key, value]),
      ),
    }),
  }
}

interface Limit {
  readonly name?: string
  readonly requestsPerUnit: number
  readonly unit: string
  readonly unitMultiplier?: number
}

function limitOf({ name, requestsPerUnit, unit, unitMultiplier }: Limit): (number | string)[] {
  const more = [name, unitMultiplier].filter((one) => one !== undefined)
  return [requestsPerUnit, NUMBERED.indexOf(unit), ...more]
}
