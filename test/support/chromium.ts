import { findExecutable } from './findExecutable'

/** Also where macOS has them; `scripts/prepare.mjs` looks in the same places. */
export const findChromium = (): string =>
  findExecutable(process.env.CHROME_PATH ? 'CHROME_PATH' : 'CHROMIUM_PATH', [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ])

/** No sandbox, since a container's root cannot have one; no connections of the browser's own making. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
