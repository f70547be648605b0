import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import starlight from '@astrojs/starlight'
import { defineConfig, passthroughImageService } from 'astro/config'

// Written by scripts/build-site.ts, as is the content.
const sidebar = JSON.parse(readFileSync(new URL('./src/sidebar.json', import.meta.url), 'utf8'))

// The build may lie in a folder of its host.
const { values } = parseArgs({ options: { base: { type: 'string', default: '/' } }, strict: false })

export default defineConfig({
  base: values.base,
  image: { service: passthroughImageService() },
  integrations: [
    starlight({
      title: 'Headgate',
      description:
        'Distributed rate limiting: a library, a service and an edge proxy with one decision engine.',
      customCss: ['./src/site.css'],
      head: [{ tag: 'script', attrs: { type: 'module', src: `${values.base}scrolling.js` } }],
      sidebar,
    }),
  ],
})
