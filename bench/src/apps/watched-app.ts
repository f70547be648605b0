/** The service over HTTP alone, watched by metrics and a log, or by nobody: all else is the same. */
import { parseConfig } from '../../../packages/server/src/config/config.ts'
import { openStores } from '../../../packages/server/src/config/store-from-config.ts'
import { createService } from '../../../packages/server/src/service/create-service.ts'
import { createTelemetry } from '../../../packages/server/src/telemetry/create-telemetry.ts'
import { createLog } from '../../../packages/server/src/telemetry/log/create-log.ts'
import { createHttpTransport } from '../../../packages/server/src/transports/http/http-transport.ts'

const SCRAPE_MS = 1000
/** Nobody is denied, and no key recovers: every request changes state. */
const CONFIG = `
policies: [{ name: api, key: user, rules: [1000000/52w] }]
log: { decisions: { allowed: 1%, perSecond: 100000 } }
`

const isWatched = process.argv[2] === 'watched'
const config = parseConfig(CONFIG, 'headgate.yaml')
const store = await openStores(config.stores, config.resilience)
const service = createService({ configuration: config, store })
const http = createHttpTransport(service, {
  address: { host: '127.0.0.1', port: 0 },
  flag: '--port',
  maxConnections: 1000,
  maxConnectionsPerPeer: 1000,
  tls: null,
})
process.on('message', () => process.send?.(process.cpuUsage())).on('disconnect', () => process.exit())
console.log(JSON.stringify({ url: await http.listen() }))
if (isWatched) {
  const opened = createLog({ level: 'info', format: 'json' })
  const parts = { ...opened, service, store, transports: [http], counts: true, otel: null }
  const { metrics } = await createTelemetry(parts)
  setInterval(() => void metrics(), SCRAPE_MS)
}
