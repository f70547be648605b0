/** nginx, as the application behind all proxies and as one of them. */

/** The text of a configuration with one server in one process. `http`: what else stands beside the server. */
function configuration(port: number, { location, http = '' }: { location: string; http?: string }): string {
  return `
daemon off; master_process off; worker_processes 1; error_log stderr crit; pid off.pid;
events { worker_connections 4096; }
http {
  access_log off; server_tokens off; keepalive_requests 1000000000; keepalive_timeout 600;
  ${http}
  server { listen 127.0.0.1:${port}; location / { ${location} } }
}
`
}

/** An application that always answers the same 35 bytes. */
export function stubConfiguration(port: number): string {
  return configuration(port, {
    location: `default_type application/json; return 200 '{"hello":"world","from":"the app"}\\n';`,
  })
}

/** A proxy with kept connections and `limit_req`, which denies nobody. */
export function nginxConfiguration(port: number, stub: number): string {
  return configuration(port, {
    http: `
  limit_req_zone $binary_remote_addr zone=all:10m rate=1000000r/s;
  upstream app { server 127.0.0.1:${stub}; keepalive 64; keepalive_requests 1000000000; }`,
    location: `
    limit_req zone=all burst=100000 nodelay;
    proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $remote_addr;`,
  })
}
