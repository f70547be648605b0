/**
 * Response fields that tell attackers what an application is made of, after the list of the OWASP Secure Headers Project; a star at
 * the end stands for any rest. Fields that scripts of the same products read are not here, such as `x-nextjs-redirect`.
 */
export const REVEALING_FIELDS: readonly string[] = [
  ...['$wsep', 'host-header', 'k-proxy-request', 'liferay-portal', 'oraclecommercecloud-version'],
  ...['pega-host', 'powered-by', 'product', 'server', 'sourcemap'],
  ...['x-aspnet-*', 'x-aspnetmvc-*', 'x-atmosphere-error', 'x-atmosphere-first-request'],
  ...['x-b3-*', 'x-backside-transport', 'x-beserver', 'x-calculatedbetarget', 'x-cf-powered-by', 'x-cms'],
  ...['x-cocoon-version', 'x-content-encoded-by', 'x-diaginfo', 'x-drupal-*', 'x-dtagentid'],
  ...['x-dthealthcheck', 'x-dtinjectedservlet', 'x-envoy-*', 'x-feserver', 'x-framework', 'x-generated-by'],
  ...['x-generator', 'x-jitsi-release', 'x-joomla-version', 'x-kong-*', 'x-kubernetes-pf-*'],
  ...['x-litespeed-*', 'x-mod-pagespeed', 'x-nextjs-cache', 'x-nextjs-page', 'x-old-content-length'],
  ...['x-oneagent-js-injection', 'x-owa-version', 'x-page-speed', 'x-php-version', 'x-powered-by'],
  ...['x-powered-by-*', 'x-powered-cms', 'x-redirect-by', 'x-ruxit-js-agent', 'x-runtime'],
  ...['x-server-powered-by', 'x-sourcefiles', 'x-sourcemap', 'x-turbo-charged-by', 'x-umbraco-version'],
  ...['x-varnish', 'x-varnish-*'],
]
