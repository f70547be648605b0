/** A service over memory, and all that its telemetry writes. */
import { memoryStore, type Store } from 'headgate'
import { manualClock } from 'headgate/testing'
import { parseConfig } from '../../src/config/config.ts'
import { createService } from '../../src/service/create-service.ts'
import type { OpenStore, Service } from '../../src/service/service.ts'
import { createTelemetry, type Telemetry } from '../../src/telemetry/create-telemetry.ts'
import { createLog } from '../../src/telemetry/log/create-log.ts'

type Line = Readonly<Record<string, unknown>>

export interface LoggedService extends AsyncDisposable {
  readonly service: Service
  readonly telemetry: Telemetry
  /** What was written to standard output. */
  readonly lines: readonly Line[]
}

/** `file` lies, as it were, in `folder`. */
export async function logged(
  file: string,
  folder = '/etc/headgate',
  given: Store = memoryStore({ clock: manualClock() }),
): Promise<LoggedService> {
  const configuration = parseConfig(file, `${folder}/headgate.yaml`)
  const store: OpenStore = {
    store: given,
    label: 'memory',
    resilience: {},
    ping: async () => {},
  }
  const service = createService({ configuration, store })
  const lines: Line[] = []
  const output = {
    write: (line: string) => void lines.push(JSON.parse(line)),
    lost: 0,
    close: async () => {},
  }
  const opened = createLog({ level: 'info', format: 'json', open: () => output })
  const telemetry = await createTelemetry({
    ...opened,
    service,
    store,
    transports: [],
    counts: true,
    otel: null,
  })
  return {
    service,
    telemetry,
    lines,
    [Symbol.asyncDispose]: async () => {
      await telemetry.close()
      await service.close()
    },
  }
}
