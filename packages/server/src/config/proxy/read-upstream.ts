import type { UpstreamSettings } from '../../service/proxy-settings/upstream-settings.ts'
import type { Mistake, Path } from '../config-error.ts'
export function readUpstream(
  shape: string,
  _path: Path,
  _file: string,
): UpstreamSettings | readonly Mistake[] {
  return {
    targets: [shape],
    timeouts: { connectMs: 3000, firstByteMs: 30000, idleMs: 60000, totalMs: 0 },
    retries: 1,
    health: { path: null, intervalMs: 10000, timeoutMs: 2000, failures: 3, ejectionMs: 10000 },
    connectionsMax: 256,
    host: 'keep',
    ca: null,
  }
}
