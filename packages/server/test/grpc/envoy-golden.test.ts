import { status } from '@grpc/grpc-js'
import { beforeAll, describe, expect, it } from 'vitest'
import { DIFFERENCES } from '../protocol/envoy-differences.ts'
import {
  type GoldenAnswer,
  type GoldenRow,
  goldenCases,
  goldenRows,
  goldenYaml,
  type PlayedRow,
} from '../protocol/envoy-golden.ts'
import { GrpcClient, grpcServer, RLS } from './grpc-server.ts'

function messageOf({ domain, descriptors, hits_addend }: GoldenRow): object {
  return {
    domain,
    hitsAddend: hits_addend,
    descriptors: descriptors.map(({ e, limit, hits, neg }) => ({
      entries: e.map(([key, value]) => ({ key, value })),
      ...(limit && {
        limit: {
          requestsPerUnit: limit[0],
          unit: limit[1],
          ...(limit[2] !== undefined && { unitMultiplier: { value: limit[2] } }),
        },
      }),
      ...(hits !== undefined && { hitsAddend: { value: hits } }),
      ...(neg && { isNegativeHits: neg }),
    })),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the service answers
function answerOf({ overallCode, statuses, responseHeadersToAdd }: any): GoldenAnswer {
  const headers = responseHeadersToAdd.filter(({ key }: { key: string }) => !key.endsWith('-Reset'))
  return {
    overall: overallCode,
    // biome-ignore lint/suspicious/noExplicitAny: as above
    statuses: statuses.map(({ code, currentLimit, limitRemaining, durationUntilReset }: any) => ({
      code,
      ...(currentLimit && { limit: limitOf(currentLimit) }),
      remaining: limitRemaining,
      reset: durationUntilReset !== null,
    })),
    ...(headers.length > 0 && {
      headers: Object.fromEntries(
        headers.map(({ key, value }: { key: string; value: string }) => [key, value]),
      ),
    }),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function limitOf({ requestsPerUnit, unit, name, unitMultiplier }: any): (number | string)[] {
  return [
    requestsPerUnit,
    unit,
    ...(name === '' ? [] : [name]),
    ...(unitMultiplier ? [unitMultiplier.value] : []),
  ]
}

async function play(): Promise<PlayedRow[]> {
  await using server = await grpcServer(goldenYaml)
  using client = new GrpcClient(server.target, RLS)
  const seen = new Map<string, number>()
  const played: PlayedRow[] = []
  for (const row of goldenRows) {
    const count = (seen.get(row.case) ?? 0) + 1
    seen.set(row.case, count)
    const [ours, code] = await client.ask('ShouldRateLimit', messageOf(row)).then(
      (answer) => [answerOf(answer), status.OK] as const,
      (reason) =>
        [{ error: ['invalid-request', reason.details] } as GoldenAnswer, reason.code as number] as const,
    )
    played.push({ row: `${row.case} #${count}`, theirs: row.answer, ours, status: code })
  }
  return played
}

describe("Envoy's rate limit protocol over gRPC", () => {
  let played: readonly PlayedRow[]

  beforeAll(async () => {
    played = await play()
  })

  it.each(goldenCases)('answers as the real server, or as the list of differences says: %s', (name) => {
    const differences = new Map(DIFFERENCES.map(([row, , ours]) => [row, ours]))
    const rows = played.filter(({ row }) => row.startsWith(`${name} #`))
    expect(rows.length).toBeGreaterThan(0)
    for (const { row, theirs, ours, status: code } of rows) {
      const expected = differences.get(row) ?? theirs
      expect(code, row).toBe(ours.error ? status.INVALID_ARGUMENT : status.OK)
      // What an error says names the field as the wire writes it.
      if (expected.error) expect(ours.error, row).toBeDefined()
      else expect({ row, ...ours }).toEqual({ row, ...expected })
    }
  })
})
