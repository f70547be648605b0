/** A service over memory whose metrics are read as a scraper reads them. */
import { memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { parseConfig } from '../../src/config/config.ts'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'
import { createMetrics } from '../../src/telemetry/metrics/create-metrics.ts'

export interface MeteredService extends AsyncDisposable {
  readonly service: Service
  /** All that is exposed now. */
  text(accept?: string): Promise<string>
  /** Value of the series whose line begins like that, name and labels; undefined where there is none. */
  read(series: string): Promise<number | undefined>
  /** Consumes for a user, over a transport. */
  consume(user: string, transport?: string): Promise<void>
}

export function metered(file: string, dropped: Readonly<Record<string, number>> = {}): MeteredService {
  const memory = memoryStore({ clock: manualClock() })
  const store = {
    store: memory,
    label: 'memory',
    resilience: {},
    ping: async () => {},
    figures: () => ({ main: memory.stats() }),
  }
  const service = createService({ configuration: parseConfig(file, 'headgate.yaml'), store })
  const transports = [
    {
      name: 'http',
      listen: async () => '',
      connections: () => 7,
      fastPath: () => ({ answered: 5, handedOver: { target: 2, field: 0 } }),
      sentAway: () => ({ connections: { calm: 3 }, streams: { places: 6 } }),
      drain: () => {},
      close: async () => {},
    },
  ]
  const metrics = createMetrics({ service, store, transports, dropped: () => dropped })
  const text = async (accept?: string): Promise<string> => (await metrics.text(accept)).text
  return {
    service,
    text,
    read: async (series) => {
      const line = (await text()).split('\n').find((one) => one.startsWith(`${series} `))
      return line === undefined ? undefined : Number(line.slice(series.length + 1))
    },
    consume: async (user, transport = 'http') => {
      await service.decide([{ who: { user } }], { transport })
    },
    [Symbol.asyncDispose]: async () => {
      metrics.close()
      await service.close()
    },
  }
}

/** Series of a text, without their values. */
export function seriesOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.map((line) => line.slice(0, line.lastIndexOf(' ')))
}
