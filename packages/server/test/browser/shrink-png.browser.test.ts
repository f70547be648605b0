import { describe, expect, it } from 'vitest'
import { HAS_BROWSER, openBrowser } from './chromium.ts'
import { shrinkPng } from './shrink-png.ts'

const PAGE = `<body style="background: linear-gradient(45deg, red, blue)"><h1>Some text</h1><p>and more of it</p>`
/** The pixels of a picture, as a text that tells any two apart. */
const PIXELS = `async (png) => {
  const picture = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob())
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d')
  canvas.drawImage(picture, 0, 0)
  const { data, width } = canvas.getImageData(0, 0, picture.width, picture.height)
  return width + ':' + data.join()
}`

describe.skipIf(!HAS_BROWSER)('a picture that is made smaller', () => {
  it('is the same to the pixel', async () => {
    const page = await (await openBrowser()).newPage({ viewport: { width: 211, height: 97 } })
    await page.setContent(PAGE)
    const png = await page.screenshot()
    const pixelsOf = (bytes: Buffer) => page.evaluate(`(${PIXELS})('${bytes.toString('base64')}')`)
    expect(await pixelsOf(shrinkPng(png))).toBe(await pixelsOf(png))
  })
})
