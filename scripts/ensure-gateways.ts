/** Makes sure that the long tests have nginx and Caddy, and the example of Kong an nginx that runs Lua. */
import { existsSync } from 'node:fs'
import { installCommands } from './install-commands.ts'

/** Where Debian has the module of nginx; other systems build it in, or have none. */
export const NGINX_LUA_MODULE = '/usr/lib/nginx/modules/ngx_http_lua_module.so'

if (import.meta.main) {
  installCommands({ commands: ['nginx', 'caddy'], tests: 'the tests of gateways' })
  installCommands({
    commands: [NGINX_LUA_MODULE],
    packages: ['libnginx-mod-http-lua'],
    isThere: existsSync,
    tests: 'the tests of examples/kong',
  })
}
