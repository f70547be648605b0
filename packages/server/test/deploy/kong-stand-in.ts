/** An nginx with its module for Lua in place of Kong, which runs the function of `examples/kong`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { NGINX_LUA_MODULE } from '../../../../scripts/ensure-gateways.ts'
import { root } from '../../../limiter/test/docs/documents.ts'
import { isInstalled } from '../gateways/gateway.ts'
import type { StandIn } from './example.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures/kong')
const EXAMPLE = join(root, 'examples/kong')

export function isNginxWithLua(): boolean {
  return isInstalled('nginx') && existsSync(NGINX_LUA_MODULE)
}

export function kongStandIn(): StandIn {
  const fixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8')
  const kong = parse(readFileSync(join(EXAMPLE, 'kong.yaml'), 'utf8'))
  const [plugin] = kong.plugins as { config: { access: string[] } }[]
  return {
    files: {
      'nginx.conf': fixture('nginx.conf'),
      'pdk.lua': fixture('pdk.lua'),
      'resty/http.lua': fixture('resty/http.lua'),
      'access.lua': String(plugin?.config.access[0]),
    },
    at: 1,
    command: 'nginx -e stderr -p . -c nginx.conf',
  }
}
